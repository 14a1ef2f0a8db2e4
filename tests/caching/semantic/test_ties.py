from __future__ import annotations

import pytest

from pointsman.caching.semantic.guards import refusals, traits
from pointsman.caching.semantic.ties import is_tie, same_ties


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Show books by Kafka.", "Show books about Kafka.", False),
        ("Can I pay for a friend?", "Can I pay with a friend?", False),
        ("Can I have soup or salad?", "Can I have soup and salad?", False),
        ("Can my sister's husband come?", "Can my sister and husband come?", False),
        ("Is there a bus to Rome?", "Is there a bus in Rome?", False),
        ("What is the fee for?", "What is the fee?", False),
        ("Is it due in 5 days?", "Is it due since 5 days?", False),
        ("Gibt es einen Bus nach Ulm?", "Gibt es einen Bus von Ulm?", False),
        ("Do I pay for parking?", "Do I pay parking?", True),
        ("What is the capital of France?", "What is France's capital?", True),
        ("Sort a list in Python.", "Sort a list within Python.", True),
        ("How do I turn the light on?", "How do I turn on the light?", True),
    ],
)
def test_what_ties_a_word_to_the_rest(one: str, other: str, agree: bool) -> None:
    left, right = traits(one), traits(other)
    assert ("ties" in refusals(left, right)) is not agree
    assert ("ties" in refusals(right, left)) is not agree


def test_they_are_told_with_their_word() -> None:
    assert same_ties({"kafka": {"by"}}, {"kafka": {"about"}}, "en") == ("by kafka", "about kafka")
    assert same_ties({"kafka": {"by"}}, {"kafka": {"by"}}, "en") is None
    assert is_tie("by", "en") and is_tie("nach", "de") and not is_tie("nach", "en")
