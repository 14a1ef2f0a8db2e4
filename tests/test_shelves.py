from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.shelves import SHELVES, Renewal, Shelves

WIDTH = 16


def key(number: int) -> bytes:
    """A few dozen, on a few shelves, so that they meet."""
    return bytes((0, number % 3)) + sha256(bytes((number,))).digest()[: WIDTH - 2]


def content(shelves: Shelves) -> dict[bytes, bytes]:
    return {row: value for place in range(SHELVES) for row, value in shelves.rows(place)}


@given(steps=st.lists(st.tuples(st.integers(0, 30), st.none() | st.binary(max_size=300)), max_size=60))
def test_it_is_as_good_as_a_dict(steps: list[tuple[int, bytes | None]]) -> None:
    shelves, known = Shelves(WIDTH), dict[bytes, bytes]()
    for number, value in steps:
        if value is None:
            assert shelves.pop(key(number)) == known.pop(key(number), None)
        else:
            shelves.put(key(number), value)
            known[key(number)] = value
        assert len(shelves) == len(known)
        assert shelves.get(key(number)) == value
    assert {row: value for place in range(3) for row, value in shelves.rows(place)} == known


def test_all_is_put_anew_while_it_is_in_use() -> None:
    shelves = Shelves(WIDTH)
    for number in range(30):
        shelves.put(key(number), b"old")
    shelves.put(b"\xff" * WIDTH, b"old")
    renewal = Renewal(shelves)
    new = sorted(key(number) for number in range(20, 40))
    for each in new:
        renewal.add(each, b"new")
        assert shelves.get(b"\xff" * WIDTH) == b"old"
    renewal.finish()
    assert content(shelves) == dict.fromkeys(new, b"new")
    assert len(shelves) == len(new)


def test_nothing_is_put_in_the_place_of_all() -> None:
    shelves = Shelves(WIDTH)
    shelves.put(key(1), b"")
    Renewal(shelves).finish()
    assert (len(shelves), shelves.get(key(1))) == (0, None)


@pytest.mark.parametrize("second", [key(0), bytes((0, 0)) + bytes(14), bytes(16)])
def test_what_comes_out_of_order_is_told(second: bytes) -> None:
    renewal = Renewal(Shelves(WIDTH))
    renewal.add(key(0), b"")
    with pytest.raises(ValueError, match="in the order"):
        renewal.add(second, b"")


def test_a_shelf_that_is_over_does_not_come_again() -> None:
    renewal = Renewal(Shelves(WIDTH))
    renewal.add(key(1), b"")
    with pytest.raises(ValueError, match="in the order"):
        renewal.add(key(0), b"")


def test_keys_that_others_could_look_like_are_refused() -> None:
    with pytest.raises(ValueError, match="by chance"):
        Shelves(8)
