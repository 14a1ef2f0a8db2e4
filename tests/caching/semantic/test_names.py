from __future__ import annotations

import pytest

from pointsman.caching.semantic.guards import refusals, traits
from pointsman.caching.semantic.names import cased, names, same_names, same_word, stem
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
    assert names(read(text).words) == found


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


def test_the_order_of_names_is_left_to_that_of_words_where_it_is_known() -> None:
    whose, of_whom = ("apple", "ceo"), ("ceo", "apple")
    assert not same_names(whose, of_whom, whose, of_whom)
    assert same_names(whose, of_whom, whose, of_whom, ordered=False)
    assert not refusals(traits("Who is the CEO of Apple?"), traits("Who's Apple's CEO?"))
    assert refusals(traits("Did Will hire May?"), traits("Did May hire Will?"))
    assert refusals(traits("Did Bob hire Tim?"), traits("Did Tim hire Bob?")) == ("order",)


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


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("painter", "paint"),
        ("taller", "tall"),
        ("planes", "plans"),
        ("story", "store"),
        ("party", "part"),
        ("county", "count"),
        ("https", "http"),
        ("apply", "app"),
        ("news", "new"),
    ],
)
def test_english_words_that_only_look_alike(one: str, other: str) -> None:
    assert stem(one) != stem(other)
    assert same_word(one, other, "en") is same_word(other, one, "en") is False


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("cats", "cat"),
        ("boxes", "box"),
        ("parties", "party"),
        ("resetting", "reset"),
        ("baking", "bake"),
        ("hired", "hire"),
        ("charging", "charge"),
        ("building", "build"),
        ("calling", "call"),
        ("bus", "bus"),
        ("speed", "speed"),
        ("string", "string"),
        ("is", "is"),
    ],
)
def test_stems_are_words_where_that_can_be_known(word: str, found: str) -> None:
    assert stem(word) == found


def test_a_turkey_is_no_country() -> None:
    assert cased(read("How do I cook Turkey?").words) == {"turkey"}
    assert cased(read("How do I cook turkey?").words) == frozenset()
    assert cased(read("Turkey is far.").words) == frozenset()  # a sentence begins with it


def test_may_and_will_ask_where_a_pronoun_follows() -> None:
    assert names(read("May I come?").words) == () and names(read("May comes.").words) == ("may",)
