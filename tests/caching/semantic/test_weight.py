from __future__ import annotations

import pytest

from pointsman.caching.semantic.reading import read
from pointsman.caching.semantic.weight import aligned, is_heavy, key, unmatched, weigh


def words(text: str, language: str = "en") -> list[str]:
    return [each.word for each in weigh(read(text).words, language, counts=False)][:-1]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("how do i convert json please", ["convert", "json"]),
        ("do i need a dog", ["need", "dog"]),
        ("which plan is the cheapest", ["cheapest", "plan"]),
        ("how tall is it", []),
        ("from a to b", ["a", "b"]),
        ("only members may vote", ["only", "members", "vote"]),
        ("如何重置密码", []),
    ],
)
def test_what_has_weight(text: str, found: list[str]) -> None:
    assert words(text) == found


def test_the_small_words_of_another_language_have_weight() -> None:
    assert is_heavy("son", "en") and not is_heavy("son", "fr")
    assert words("ti chiamo domani", "it") == ["ti", "chiamo", "domani"]


def test_ties_and_what_is_denied() -> None:
    by, end = weigh(read("by kafka").words, "en", counts=False)
    assert (by.word, by.tie, end.word, end.tie) == ("kafka", "by", "", "")
    safe, *_ = weigh(read("not safe").words, "en", counts=False)
    assert safe.negated


def test_percent_is_said_by_the_numbers() -> None:
    found = weigh(read("30 percent of the cake").words, "en", counts=True)
    assert [each.word for each in found] == ["cake", ""]


def test_synonyms_have_one_key() -> None:
    assert key("repairing") == key("fix") and key("buy") == key("purchased") != key("sell")


def test_words_that_only_one_has() -> None:
    left, right = (
        weigh(read(text).words, "en", counts=False) for text in ("reset it on holidays", "resets it")
    )
    assert unmatched(left, aligned(left, right, "en")) == (("holidays",), ())
    assert aligned(left, right, "en")[0].key == left[0].key
