"""One spelling for each JSON value. Pure.

Keys are sorted, there is no white space, and a number is written in one way: ``1``, ``1.0`` and ``10e-1``
are the same, as the same IEEE double (RFC 8785 goes by that too). Whole numbers are exact at any size.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

_sorted = msgspec.json.Encoder(order="sorted").encode
_any = msgspec.json.Decoder()


def canonical_json(value: Any) -> bytes:
    """Raises RecursionError where it is nested too deeply."""
    return _sorted(plain(value))


def plain(value: Any) -> Any:
    """The same with each number in its one form."""
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    if isinstance(value, float):
        return int(value) if value.is_integer() else value
    return value


def same_text(text: str) -> str:
    """JSON that is an object in its one spelling; any other text as it is, and one that names a field twice:
    which of the two holds is up to who reads it."""
    try:
        value = _any.decode(text)
        if not isinstance(value, dict) or names_twice(text):
            return text
        return canonical_json(value).decode()
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return text


def names_twice(text: str | bytes) -> bool:
    """Somewhere in this JSON an object has a field twice.

    Args:
        text: JSON that msgspec reads.

    Raises:
        RecursionError: it is nested too deeply.
    """
    try:
        # numbers stay as they are written: Python refuses to read some of thousands of digits
        json.loads(text, object_pairs_hook=_once_each, parse_int=str, parse_float=str)
    except _Twice:
        return True
    return False


class _Twice(Exception):
    pass


def _once_each(fields: list[tuple[str, Any]]) -> None:
    if len(fields) > 1 and len({name for name, _ in fields}) != len(fields):
        raise _Twice
