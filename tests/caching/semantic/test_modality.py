from __future__ import annotations

import pytest

from pointsman.caching.semantic.guards import refusals, traits
from pointsman.caching.semantic.modality import modality, same_modality
from pointsman.caching.semantic.reading import read


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Can I go?", {"may"}),
        ("I can't go", {"may"}),
        ("Can you go?", {"may-you"}),
        ("Muss ich gehen?", {"must"}),
        ("You should not", {"should"}),
        ("Do I go?", set()),
    ],
)
def test_what_may_and_must(text: str, found: set[str]) -> None:
    assert modality(read(text).words) == found


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("Can I bring a guest?", "Must I bring a guest?", False),
        ("Should I update it all?", "Can I update it all?", False),
        ("Do I have to wear a helmet?", "Am I allowed to wear a helmet?", False),
        ("Do I wear a mask?", "Must I wear a mask?", False),
        ("Which papers can I bring?", "Which papers must I bring?", False),
        ("How do I reset it now?", "How can I reset it now?", True),
        ("Do you ship to Canada?", "Can you ship to Canada?", True),
        ("Is it possible to pay in cash?", "Can I pay in cash?", True),
        ("How long should I boil it?", "How long do I have to boil it?", True),
        ("Am I allowed to bring a guest?", "May I bring a guest?", True),
    ],
)
def test_what_one_may_is_not_what_one_must(one: str, other: str, agree: bool) -> None:
    assert ("modality" in refusals(traits(one), traits(other))) is not agree
    assert ("modality" in refusals(traits(other), traits(one))) is not agree


def test_must_and_should_are_near_where_it_is_asked_how() -> None:
    must, should = frozenset({"must"}), frozenset({"should"})
    assert same_modality(must, should, asks=True) and not same_modality(must, should, asks=False)
