from __future__ import annotations

import pytest

from pointsman.caching.semantic.order import same_order
from pointsman.caching.semantic.reading import read
from pointsman.caching.semantic.weight import weigh


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("convert json to xml", "convert xml to json", False),
        ("a string into an int", "an int into a string", False),
        ("does water boil before milk", "does milk boil before water", False),
        ("do dogs chase cats", "do cats chase dogs", False),
        ("can the teacher sue the student", "can the student sue the teacher", False),
        ("are all cats animals", "are all animals cats", False),
        ("learn cooking", "cooking to learn", False),
        ("move a to b", "move b to a", False),
        ("the son of the king", "the king of the son", False),
        ("what follows monday", "what does monday follow", False),
        ("the brother of my wife", "the wife of my brother", False),
        ("convert json to xml", "please convert json to xml", True),
        ("how do i reset my password", "how can the password be reset", False),
        ("how do i reset my password", "how can i reset the password", True),
        ("when does the shop open", "when do the shops open", True),
        ("the date of my flight", "my flight date", True),
        ("the current price of the first ticket", "the first ticket's current price", True),
        ("which plan is the cheapest", "what is the cheapest plan", True),
        ("the limit for daily withdrawals", "the daily withdrawal limit", True),
        ("leaves of tomatoes turn yellow", "tomato leaves turn yellow", True),
        ("the files in the folder", "the folder of the files", False),
        ("the weather today", "today's weather", True),
    ],
)
def test_words_of_weight_keep_their_order(one: str, other: str, same: bool) -> None:
    left, right = (weigh(read(text).words, "en", counts=False) for text in (one, other))
    assert same_order(left, right) is same_order(right, left) is same
