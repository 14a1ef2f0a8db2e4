from __future__ import annotations

import pytest

from pointsman.caching.semantic.order import same_order


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("convert json to xml", "convert xml to json", False),
        ("a string into an int", "an int into a string", False),
        ("does water boil before milk", "does milk boil before water", False),
        ("sort a list of words", "a list of words sort", True),
        ("i want to learn cooking", "cooking is what i want to learn", True),
        ("convert json to xml", "please convert json to xml", True),
    ],
)
def test_direction_keeps_the_order(one: str, other: str, same: bool) -> None:
    assert same_order(tuple(one.split()), tuple(other.split())) is same
