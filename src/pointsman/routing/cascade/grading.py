"""Believed is what a grader finds good, or what a router expects to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from .reply import Reply
from .rule import Accept, Asked, Escalate, Rule, Verdict, unusable

Grade = Callable[[Asked, Reply], float | None]
"""0 to 1; None where it cannot say."""


class WellGraded:
    """The best answer has a score of at least ``least``."""

    def __init__(self, grade: Grade, least: float) -> None:
        self._grade = grade
        self._least = least

    def before(self, asked: Asked) -> Escalate | None:
        return None

    def decide(self, asked: Asked, replies: Sequence[Reply | None]) -> Verdict:
        best, best_score = -1, -1.0
        wrong: Escalate | None = None
        for index, reply in enumerate(replies):
            wrong = unusable((reply,)) or wrong
            score = self._grade(asked, reply) if reply is not None and reply.ended else None
            if score is not None and score > best_score:
                best, best_score = index, score
        if best < 0:
            return wrong or Escalate("unclear", "the grader cannot say")
        if best_score < self._least:
            return Escalate("below", f"graded {best_score:.2f}, and {self._least:.2f} is asked for")
        return Accept(best, "graded", f"{best_score:.2f}")


class WellExpected:
    """The router expects the first model to lose less than ``threshold`` of quality against the baseline.

    Args:
        then: a rule that the answer must meet besides; None: whatever comes to its end is believed.
    """

    def __init__(self, threshold: float, then: Rule | None = None) -> None:
        self._threshold = threshold
        self._then = then

    def before(self, asked: Asked) -> Escalate | None:
        if asked.loss is None:
            return Escalate("unclear", "there is no router to ask")
        if not asked.loss < self._threshold:
            return Escalate("risky", f"expected loss {asked.loss:.3f}")
        return None if self._then is None else self._then.before(asked)

    def decide(self, asked: Asked, replies: Sequence[Reply | None]) -> Verdict:
        if (risk := self.before(asked)) is not None:
            return risk
        if self._then is not None:
            return self._then.decide(asked, replies)
        wrong = unusable(replies[:1])
        return wrong or Accept(0, "score", f"expected loss {asked.loss:.3f}")
