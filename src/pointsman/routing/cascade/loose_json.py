"""A field of JSON as models really write it: between other words, in a code fence, with raw line breaks and
TeX in its strings, with trailing commas and quotes left unescaped."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_END_OF_STRING = re.compile(r'"(?=\s*(?:,\s*(?:"|\}|\]|$)|[}\]]|$|```))')
_BARE = re.compile(r"[^\s,}\]]{1,100}")
# A backslash that starts a TeX command and no escape of JSON: \frac, \beta, \times, \sqrt
_TEX = re.compile(
    r"\\(?:[bf](?=[a-z])|t(?=ext|imes|frac|heta|an\b|au\b|o\b)|n(?=eq?\b|u\b|eg\b)|r(?=ight|ho\b)"
    r'|u(?![0-9a-fA-F]{4})|[^"\\/bfnrtu])'
)
_CONTROL = re.compile(r"[\x00-\x1f]")
_ESCAPED = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_json = msgspec.json.Decoder()


class FieldReader:
    """Reads the last value that a text gives to a field, at whatever depth."""

    __slots__ = ("_key",)

    def __init__(self, field: str) -> None:
        self._key = re.compile(rf'"{re.escape(field)}"\s*:\s*')

    def read(self, text: str) -> Any:
        """A string, number, bool, list or dict; None where there is no such field, it is null, or its value
        cannot be made out."""
        at = -1
        for key in self._key.finditer(text):
            at = key.end()
        if at < 0 or at >= len(text):
            return None
        if text[at] == '"':
            return _string(text, at + 1)
        if text[at] in "[{":
            return _nested(text, at)
        return _scalar(text, at)


def _string(text: str, start: int) -> str | None:
    end = start
    while True:
        found = _END_OF_STRING.search(text, end)
        if found is None:
            return None  # cut off: what is there may not be the whole
        end = found.start()
        if not _escaped(text, end, start):
            return _unescape(text[start:end])
        end += 1


def _escaped(text: str, at: int, start: int) -> bool:
    first = at
    while first > start and text[first - 1] == "\\":
        first -= 1
    return (at - first) % 2 == 1


def _unescape(raw: str) -> str:
    pieces = raw.split("\\\\")  # pairs first, so that what is left of backslashes starts an escape
    whole = "\\\\".join(_TEX.sub(lambda found: "\\" + found[0], piece) for piece in pieces)
    whole = _CONTROL.sub(lambda found: _ESCAPED.get(found[0], ""), whole)
    whole = re.sub(r'(?<!\\)"', r"\"", whole)
    try:
        value = _json.decode(f'"{whole}"')
    except msgspec.DecodeError:
        return raw
    return value if isinstance(value, str) else raw


def _nested(text: str, start: int) -> Any:
    depth, within, at = 0, False, start
    while at < len(text):
        sign = text[at]
        if within:
            if sign == "\\":
                at += 1
            elif sign == '"':
                within = False
        elif sign == '"':
            within = True
        elif sign in "[{":
            depth += 1
        elif sign in "]}":
            depth -= 1
            if depth == 0:
                return _decoded(text[start : at + 1])
        at += 1
    return None


def _scalar(text: str, start: int) -> Any:
    found = _BARE.match(text, start)
    if found is None:
        return None
    value = _decoded(found[0])
    return found[0] if value is None and found[0] not in ("null", "None") else value


def _decoded(raw: str) -> Any:
    try:
        return _json.decode(raw)
    except msgspec.DecodeError:
        return None
