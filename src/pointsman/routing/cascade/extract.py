"""What of an answer counts, so that answers can be compared and graded.

text           all of it, whatever its case, its white space and its last full stop
number         the last number (of the last \\boxed{} where there is one)
choice         the letter A to J that is stated last
json:FIELD     the last value of the field; a number in a string counts as that number. And
               json:FIELD:number, json:FIELD:choice: what of that value counts ("5 hours" is 5)
regex:PATTERN  the first group of the last match (all of it without a group)
"""

from __future__ import annotations

import re
from collections.abc import Callable

import msgspec

from pointsman.errors import ConfigurationError

from .loose_json import FieldReader
from .numerals import last_number, whole_number
from .safe_pattern import WINDOW, compile_safe

Extractor = Callable[[str], str | None]
"""None where the text says nothing of the kind: it agrees with nothing, not even with another None."""

_LONGEST = 100_000
_STATED = re.compile(
    r"(?:answer|choice|option)(?:\s+is)?\s*(?:is|:|=)?\s*[*_`\"'$(\[{\\]*(?:boxed|text)?[({\s*]*([A-J])(?![\w'’])"
    r"|\\boxed\s?\{[^{}A-J]{0,10}([A-J])(?!\w)",
    re.IGNORECASE,
)
_MARKED = re.compile(r"\(([A-J])\)|\*\*\(?([A-J])\)?[.):*]|^\s*([A-J])[).:]?\s*$", re.MULTILINE)
_LONE = re.compile(r"(?<![\w'’])([A-J])(?![\w'’])(?!\s+[a-z])")


def extractor(spec: str, path: str = "extract") -> Extractor:
    """
    Args:
        spec: see the head of this module.
        path: the setting it comes from, for the error.

    Raises:
        ConfigurationError: there is no such; says which there are.
    """
    kind, _, rest = spec.partition(":")
    if spec == "text":
        return _text
    if spec == "number":
        return lambda answer: last_number(answer[-_LONGEST:])
    if spec == "choice":
        return lambda answer: _choice(answer[-_LONGEST:])
    if kind == "json" and rest.rpartition(":")[2] in ("number", "choice") and rest.rpartition(":")[0]:
        field, _, inner = rest.rpartition(":")
        return _part(FieldReader(field), extractor(inner))
    if kind == "json" and rest:
        return _field(rest)
    if kind == "regex" and rest:
        return _pattern(rest, path)
    raise ConfigurationError(
        f"{path}: {spec!r} is none of text, number, choice, json:FIELD, json:FIELD:number, "
        "json:FIELD:choice and regex:PATTERN.",
        param=path,
    )


def _text(answer: str) -> str | None:
    return " ".join(answer[:_LONGEST].split()).rstrip(".!").casefold() or None


def _choice(answer: str) -> str | None:
    for pattern in (_STATED, _MARKED, _LONE):
        last = None
        for found in pattern.finditer(answer):
            letter = next(group for group in found.groups() if group)
            if letter.isupper():
                last = letter
        if last is not None:
            return last
    return answer.strip().upper() if answer.strip().lower() in tuple("abcdefghij") else None


def _field(name: str) -> Extractor:
    reader = FieldReader(name)

    def read(answer: str) -> str | None:
        value = reader.read(answer[-_LONGEST:])
        if value is None or isinstance(value, str):
            return whole_number(value) or _text(value.strip().strip("$")) if value else None
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int | float):
            return whole_number(repr(value)) or repr(value)
        return msgspec.json.encode(value, order="sorted").decode()

    return read


def _part(reader: FieldReader, inner: Extractor) -> Extractor:
    def read(answer: str) -> str | None:
        value = reader.read(answer[-_LONGEST:])
        if value is None or isinstance(value, bool | list | dict):
            return None
        return inner(str(value))

    return read


def _pattern(pattern: str, path: str) -> Extractor:
    compiled = compile_safe(pattern, path)
    group = 1 if compiled.groups else 0

    def read(answer: str) -> str | None:
        last = None
        for found in compiled.finditer(answer[-WINDOW:]):
            last = found
        return None if last is None or last[group] is None else last[group].strip() or None

    return read
