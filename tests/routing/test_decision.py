from __future__ import annotations

from typing import get_args

from pointsman.routing.decision import WORDS, Reason
from tests.support.decisions import a_decision


def test_every_reason_has_its_words() -> None:
    assert set(WORDS) == set(get_args(Reason))
    assert all(words and words[0].islower() and not words.endswith(".") for words in WORDS.values())


def test_what_follows_from_a_position() -> None:
    decision = a_decision(models=("a", "b", "c"), position=1, reason="explored")
    assert (decision.model, decision.baseline, decision.explored) == ("b", "c", True)
    assert decision.words == WORDS["explored"]
    assert not a_decision().explored
