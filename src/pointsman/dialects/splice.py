"""Change single top-level fields of a JSON object and leave every other byte as it was sent."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman.errors import InvalidRequest

_SPACE = b" \t\r\n"
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


def splice(body: bytes, fields: Mapping[str, msgspec.Raw], edits: Mapping[str, bytes]) -> bytes:
    """Replace the values of some top-level keys by other JSON, or add the keys at the end.

    Args:
        body: the JSON object that ``fields`` was read from by :func:`read_fields`.
        edits: new value, as JSON bytes, by key.

    Returns:
        The new object: all bytes outside of the edited values are those of ``body``. An object with
        duplicate keys, which has no single reading, is written anew with the last value of each.
    """
    if not edits:
        return body
    spans = _value_spans(body, fields)
    if spans is None:
        merged = {key: bytes(raw) for key, raw in fields.items()} | dict(edits)
        inner = b",".join(msgspec.json.encode(key) + b":" + value for key, value in merged.items())
        return b"{" + inner + b"}"
    pieces: list[bytes] = []
    at = 0
    for key, (start, end) in spans.items():
        if key in edits:
            pieces += (body[at:start], edits[key])
            at = end
    added = [msgspec.json.encode(key) + b":" + value for key, value in edits.items() if key not in spans]
    close = body.rindex(b"}")
    pieces.append(body[at:close])
    if added:
        pieces.append((b"," if spans else b"") + b",".join(added))
    pieces.append(body[close:])
    return b"".join(pieces)


def _value_spans(body: bytes, fields: Mapping[str, msgspec.Raw]) -> dict[str, tuple[int, int]] | None:
    """Where each value stands in ``body``; None if the keys there are not exactly those of ``fields``.

    The decoder keeps order and exact value bytes, so one walk over the keys finds every value: no
    search, and so no chance to find a look-alike inside of a string.
    """
    spans: dict[str, tuple[int, int]] = {}
    at = _skip_space(body, body.index(b"{") + 1)
    for key, raw in fields.items():
        if body[at : at + 1] == b",":
            at = _skip_space(body, at + 1)
        name_end = _string_end(body, at)
        if name_end < 0 or msgspec.json.decode(body[at:name_end]) != key:
            return None
        at = _skip_space(body, name_end)
        at = _skip_space(body, at + 1)  # the colon
        value = bytes(raw)
        if not body.startswith(value, at):
            return None
        spans[key] = (at, at + len(value))
        at = _skip_space(body, at + len(value))
    return spans if body[at : at + 1] == b"}" else None


def _skip_space(body: bytes, at: int) -> int:
    while at < len(body) and body[at] in _SPACE:
        at += 1
    return at


def _string_end(body: bytes, at: int) -> int:
    """Offset behind the JSON string that starts at ``at``; -1 if none does."""
    if body[at : at + 1] != b'"':
        return -1
    at += 1
    while at < len(body):
        quote = body.find(b'"', at)
        if quote < 0:
            return -1
        backslashes = 0
        while body[quote - 1 - backslashes] == 0x5C:
            backslashes += 1
        if backslashes % 2 == 0:
            return quote + 1
        at = quote + 1
    return -1
