"""Put a field into the last block of a JSON array, or make a block of a string to bear it; every other byte
stays as it was."""

from __future__ import annotations

import msgspec

_SPACE = b" \t\r\n"
_array = msgspec.json.Decoder(list[msgspec.Raw])


def end_of(array: bytes | memoryview) -> int:
    """Length of a JSON array without its closing bracket and the space before it: with more elements
    appended, it begins with just these bytes."""
    end = len(array) - 1
    while array[end - 1] in _SPACE:
        end -= 1
    return end


def last_block(value: bytes) -> msgspec.Raw | None:
    """Of an array that ends with an object; None for anything else."""
    if value[:1] != b"[" or value[end_of(value) - 1 : end_of(value)] != b"}":
        return None
    return _array.decode(value)[-1]


def with_field(value: bytes, field: bytes) -> bytes | None:
    """``field``, as ``"name":value``, in the last object of an array, or in a block of text that is made of a
    string. None where neither is possible."""
    if value[:1] == b'"':
        return None if value == b'""' else b'[{"type":"text","text":%b,%b}]' % (value, field)
    if value[:1] != b"[":
        return None
    end = end_of(value)
    if value[end - 1 : end] != b"}":
        return None
    inner = value[: end - 1].rstrip(_SPACE)
    comma = b"" if inner[-1:] == b"{" else b","
    return inner + comma + field + value[end - 1 :]
