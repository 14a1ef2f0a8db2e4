from __future__ import annotations

import pytest

from pointsman.caching.semantic.guards import traits
from pointsman.caching.semantic.names import heavy, names, same_names, same_word, stem, unmatched
from pointsman.caching.semantic.reading import read


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("What is the capital of France?", ("france",)),
        ("what is the capital of france", ("france",)),
        ("Paris is where?", ("paris",)),
        ("Please tell me of Alice and Bob.", ("alice", "bob")),
        ("How do I ask the CEO of NATO?", ("ceo", "nato")),
        ("I think I'm right.", ()),
        ("Explain this. Then stop.", ("then",)),
        ("tell us of the word", ()),
        ("in the US", ("us",)),
        ("on Monday in Three days", ()),
    ],
)
def test_names_of_a_text(text: str, found: tuple[str, ...]) -> None:
    assert names(read(text)) == found


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Who founded Zalando?", "who founded zalando", True),
        ("Who founded Zalando?", "Who founded Aldi?", False),
        ("From Paris to Rome", "From Rome to Paris", False),
        ("Is Alice older than Bob?", "Is Bob older than Alice?", False),
    ],
)
def test_names_must_be_the_same_in_the_same_order(one: str, other: str, same: bool) -> None:
    left, right = traits(one), traits(other)
    assert same_names(left.names, right.names, left.words, right.words) is same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("date", "dates", True),
        ("sperre", "sperren", True),
        ("cancelo", "cancelar", True),
        ("km", "kilometers", True),
        ("resetting", "reset", True),
        ("contract", "contrast", False),
        ("plan", "plant", False),
        ("grapes", "apples", False),
        ("visa", "visit", False),
        ("week", "month", False),
    ],
)
def test_one_word_with_another_ending(one: str, other: str, same: bool) -> None:
    assert same_word(one, other) is same_word(other, one) is same


def test_words_of_weight_that_only_one_has() -> None:
    assert unmatched(("who", "founded", "aldi"), ("who", "founded", "lidl")) == (("aldi",), ("lidl",))
    assert unmatched(("reset", "my", "password"), ("resetting", "the", "password", "please")) == ((), ())
    assert unmatched(("open",), ("open", "on", "holidays")) == ((), ("holidays",))
    assert heavy(("how", "do", "i", "convert", "json", "please")) == ("convert", "json")
    assert heavy(("如何重置密码",)) == ()


@pytest.mark.parametrize(
    ("word", "found"),
    [("cats", "cat"), ("resetting", "reset"), ("calling", "call"), ("they", "they"), ("is", "i")],
)
def test_stems_are_rough(word: str, found: str) -> None:
    assert stem(word) == found
