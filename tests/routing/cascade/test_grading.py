from __future__ import annotations

import pytest

from pointsman.routing.cascade import Accept, Agreement, Asked, Reply, WellExpected, WellGraded, extractor
from tests.support.cascade import asked, said


def length(question: Asked, reply: Reply) -> float | None:
    return len(reply.text) / 10 if reply.text else None


@pytest.mark.parametrize(
    ("replies", "because", "index"),
    [
        ((said("12345"),), "graded", 0),
        ((said("12345"), said("1234567")), "graded", 1),
        ((said("1"), None, said("12")), "below", None),
        ((said(""),), "unclear", None),
        ((said("12345678", ended=False),), "unfinished", None),
        ((None,), "failed", None),
    ],
)
def test_the_best_graded_is_taken_if_it_is_good_enough(
    replies: tuple[Reply | None, ...], because: str, index: int | None
) -> None:
    verdict = WellGraded(length, 0.5).decide(asked(), replies)
    assert verdict.because == because
    assert (verdict.index if isinstance(verdict, Accept) else None) == index
    assert WellGraded(length, 0.5).before(asked()) is None


@pytest.mark.parametrize(
    ("loss", "because"),
    [(None, "unclear"), (0.1, "risky"), (0.05, "risky"), (0.049, "score"), (-0.2, "score")],
)
def test_the_expected_loss_must_be_below_the_threshold(loss: float | None, because: str) -> None:
    rule, question = WellExpected(0.05), asked(loss=loss)
    before = rule.before(question)
    assert (before is None) is (because == "score")
    assert rule.decide(question, (said("x"),)).because == because


def test_another_rule_can_be_asked_for_besides() -> None:
    rule = WellExpected(0.05, Agreement(extractor("number")))
    assert rule.before(asked(loss=0.0)) is None
    assert rule.decide(asked(loss=0.0), (said("1"), said("1"))).because == "agree"
    assert rule.decide(asked(loss=0.0), (said("1"), said("2"))).because == "differ"
    assert rule.decide(asked(loss=0.1), (said("1"), said("1"))).because == "risky"


def test_what_failed_is_not_believed_whatever_is_expected() -> None:
    assert WellExpected(0.05).decide(asked(loss=0.0), (None,)).because == "failed"
    assert WellExpected(0.05).decide(asked(loss=0.0), (said("x", ended=False),)).because == "unfinished"
