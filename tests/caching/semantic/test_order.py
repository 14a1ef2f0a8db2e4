from __future__ import annotations

import pytest

from pointsman.caching.semantic.order import same_order


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("convert json to xml", "convert xml to json", False),
        ("a string into an int", "an int into a string", False),
        ("does water boil before milk", "does milk boil before water", False),
        ("do dogs chase cats", "do cats chase dogs", False),
        ("can the teacher sue the student", "can the student sue the teacher", False),
        ("are all cats animals", "are all animals cats", False),
        ("i want to learn cooking", "cooking is what i want to learn", False),
        ("convert json to xml", "please convert json to xml", True),
        ("how do i reset my password", "how can the password be reset", False),
        ("how do i reset my password", "how can i reset the password", True),
        ("when does the shop open", "when do the shops open", True),
    ],
)
def test_words_of_weight_keep_their_order(one: str, other: str, same: bool) -> None:
    assert same_order(tuple(one.split()), tuple(other.split())) is same
