from __future__ import annotations

from pointsman.caching.semantic.courtesy import COURTESY, GREETINGS, POLITE, STARTERS, WEIGHTY
from pointsman.caching.semantic.tables import NEGATIONS, QUESTIONS


def test_nothing_that_an_answer_hangs_on_is_courtesy() -> None:
    assert not COURTESY & (WEIGHTY | NEGATIONS.keys() | QUESTIONS.keys())
    assert GREETINGS <= POLITE


def test_no_name_is_taken_for_the_beginning_of_a_sentence() -> None:
    assert not STARTERS & {"paris", "will", "mark", "rose", "may"}
