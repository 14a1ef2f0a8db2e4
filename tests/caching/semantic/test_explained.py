from __future__ import annotations

import pytest

from pointsman.caching.semantic.explained import explain
from pointsman.caching.semantic.guards import GUARDS
from pointsman.caching.semantic.lexical import lexical

ONE, OTHER = "How do I reset my password?", "How can I reset my password?"


@pytest.mark.parametrize(
    ("right", "vectors", "threshold", "why_off", "hit", "why"),
    [
        (OTHER, True, 0.6, "", True, "A hit: "),
        (OTHER, True, 0.9999, "", False, "below the threshold of 0.9999"),
        (OTHER, True, None, "", False, "no threshold is certified"),
        (OTHER, True, 0.6, "it expired", False, "No hit: it expired"),
        (OTHER, False, 0.6, "", False, "there are no vectors"),
        ("How do I reset 2 passwords, not 3?", True, 0.6, "", False, "the guard of numbers refuses it"),
        ("How can I reset it?", True, 0.6, "", False, "the guard of words refuses it (password | nothing)"),
    ],
)
def test_two_questions_and_what_would_become_of_them(
    right: str, vectors: bool, threshold: float | None, why_off: str, hit: bool, why: str
) -> None:
    given = (lexical(ONE), lexical(right)) if vectors else None
    told = explain(ONE, right, given, threshold, why_off)
    assert told.hit is hit and why in told.why
    assert (told.similarity is None) is not vectors
    assert [verdict.guard for verdict in told.guards] == list(GUARDS)
