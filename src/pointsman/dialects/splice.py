"""Change single top-level fields of a JSON object and leave every other byte as it was sent."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from pointsman.errors import InvalidRequest

_name = re.compile(rb'[ \t\r\n]*+,?[ \t\r\n]*+"([^"\\]*+(?:\\.[^"\\]*+)*+)"[ \t\r\n]*+:[ \t\r\n]*+').match
_end = re.compile(rb"[ \t\r\n]*+}").match
_fields = msgspec.json.Decoder(dict[str, msgspec.Raw])


def read_fields(body: bytes) -> dict[str, msgspec.Raw]:
    """Top-level keys of a JSON object with the raw bytes of their values; nothing below is decoded.

    Raises:
        InvalidRequest: bad UTF-8, not JSON, not an object, or nested too deeply.
    """
    if not body.isascii():
        try:
            body.decode()
        except UnicodeDecodeError as error:
            raise InvalidRequest(
                f"The body is not valid UTF-8: byte {body[error.start]:#04x} at offset {error.start}."
            ) from None
    try:
        return _fields.decode(body)
    except msgspec.DecodeError as error:
        if isinstance(error, msgspec.ValidationError):
            raise InvalidRequest("The body must be a JSON object.") from None
        raise InvalidRequest(f"The body is not valid JSON: {error}.") from None
    except RecursionError:
        raise InvalidRequest("The body is nested too deeply.") from None


Pieces = list[bytes | memoryview]
"""Put together, they are the JSON of a value."""


def splice(
    body: bytes, fields: Mapping[str, msgspec.Raw], edits: Mapping[str, bytes] | Mapping[str, Pieces]
) -> bytes:
    """Replace the values of some top-level keys by other JSON, or add the keys at the end.

    Args:
        body: the JSON object that ``fields`` was read from by :func:`read_fields`.
        edits: new value, as JSON bytes or pieces of them, by key.

    Returns:
        The new object: all bytes outside of the edited values are those of ``body``. An object with
        duplicate keys, which has no single reading, is written anew with the last value of each.
    """
    if not edits:
        return body
    spans = _compact_spans(body, fields, edits)
    if spans is None:
        spans = _value_spans(body, fields)
    if spans is None:
        merged = {key: bytes(raw) for key, raw in fields.items()}
        merged |= {key: _whole(value) for key, value in edits.items()}
        inner = b",".join(msgspec.json.encode(key) + b":" + value for key, value in merged.items())
        return b"{" + inner + b"}"
    pieces: Pieces = []
    view = memoryview(body)
    at = 0
    for key, (start, end) in spans.items():
        if key in edits:
            value = edits[key]
            pieces.append(view[at:start])
            if isinstance(value, bytes):
                pieces.append(value)
            else:
                pieces += value
            at = end
    added = [
        b"%b:%b" % (msgspec.json.encode(key), _whole(value))
        for key, value in edits.items()
        if key not in fields
    ]
    if added:
        close = body.rindex(b"}")
        pieces.append(view[at:close])
        pieces.append((b"," if fields else b"") + b",".join(added))
        at = close
    pieces.append(view[at:])
    return b"".join(pieces)


def _whole(value: bytes | Pieces) -> bytes:
    return value if isinstance(value, bytes) else b"".join(value)


def _compact_spans(
    body: bytes, fields: Mapping[str, msgspec.Raw], wanted: Mapping[str, bytes] | Mapping[str, Pieces]
) -> dict[str, tuple[int, int]] | None:
    """Where the ``wanted`` values stand, in body order, by arithmetic alone; None if that is not certain.

    White space, an escape in a key and a duplicate key each make the body longer than the sum of its keys and
    values with ``{"":,}`` around them, and nothing makes it shorter. So a body of exactly that
    length is written without any of them, and every offset is a sum of lengths.
    """
    if len(body) != len("".join(fields).encode()) + sum(map(len, fields.values())) + 4 * len(fields) + 1:
        return None
    spans: dict[str, tuple[int, int]] = {}
    missing = sum(map(fields.__contains__, wanted))
    if not missing:
        return spans
    at = 1
    for key, raw in fields.items():
        at += (len(key) if key.isascii() else len(key.encode())) + 3
        end = at + len(raw)
        if key in wanted:
            spans[key] = (at, end)
            missing -= 1
            if not missing:
                break
        at = end + 1
    return spans


def _value_spans(body: bytes, fields: Mapping[str, msgspec.Raw]) -> dict[str, tuple[int, int]] | None:
    """Where each value stands in ``body``; None if the keys there are not exactly those of ``fields``.

    The decoder keeps order and exact value bytes, so one walk over the keys finds every value: no
    search, and so no chance to find a look-alike inside of a string.
    """
    spans: dict[str, tuple[int, int]] = {}
    at = body.index(b"{") + 1
    for key, raw in fields.items():
        name = _name(body, at)
        if name is None or (name[1] != key.encode() and msgspec.json.decode(b'"%b"' % name[1]) != key):
            return None
        start = name.end()
        at = start + len(raw)
        if body[start:at] != bytes(raw):
            return None
        spans[key] = (start, at)
    return spans if _end(body, at) else None
