from __future__ import annotations

import pytest

from pointsman.dialects.marking import end_of, last_block, with_field

FIELD = b'"f":1'


@pytest.mark.parametrize(
    ("value", "marked"),
    [
        (b'"a"', b'[{"type":"text","text":"a","f":1}]'),
        (b'[{"a":1},{"b":2}]', b'[{"a":1},{"b":2,"f":1}]'),
        (b'[ {"b":2 } \n]', b'[ {"b":2,"f":1} \n]'),
        (b"[{ }]", b'[{"f":1}]'),
        (b'""', None),
        (b"[]", None),
        (b"[1]", None),
        (b"{}", None),
    ],
)
def test_a_field_in_the_last_block(value: bytes, marked: bytes | None) -> None:
    assert with_field(value, FIELD) == marked


@pytest.mark.parametrize(("array", "end"), [(b"[]", 1), (b"[ 1 ]", 3), (b'[{"a":1}\r\n\t ]', 8)])
def test_where_an_array_ends(array: bytes, end: int) -> None:
    assert end_of(array) == end_of(memoryview(array)) == end


def test_the_last_block() -> None:
    found = last_block(b'[{"a":1}, {"b":2} ]')
    assert found is not None
    assert bytes(found) == b'{"b":2}'
    assert last_block(b'["a"]') is None
    assert last_block(b'"a"') is None
