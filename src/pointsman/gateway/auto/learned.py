"""Learned routing: what a router in service expects, held against what was certified of it."""

from __future__ import annotations

from typing import Protocol

from pointsman.gateway.call.ports import Clock, Random
from pointsman.gateway.call.question import Question
from pointsman.routing import policies
from pointsman.routing.features import read_sample
from pointsman.routing.judgement import Judgement
from pointsman.routing.policies import Choice
from pointsman.routing.standing import Standing, in_order


class Services(Protocol):
    """What is in service now, by the names of routes."""

    def standing(self, route: str) -> Standing: ...


class LearnedChoice:
    """The policy ``learned``. Whatever is amiss sends a request to the baseline, and says why."""

    def __init__(self, services: Services, clock: Clock, random: Random) -> None:
        self._services = services
        self._clock = clock
        self._random = random

    def choose(self, question: Question) -> Choice:
        able, settings = question.able, question.auto.settings
        standing = self._services.standing(question.auto.name)
        judgement = self.judge(question)
        shown, why_not = standing.shown, standing.why_not_at(self._clock.now_us())
        if shown is not None:
            question.threshold, question.certificate = shown.threshold, shown.id
        if why_not is not None:
            return policies.strongest(able, why_not)
        if judgement is None or shown is None:
            return policies.strongest(able, "unreadable")
        if not question.gradable:
            return policies.strongest(able, "ungraded")
        if judgement.familiarity < shown.least_familiarity:
            return policies.strongest(able, "unfamiliar")
        explore = settings.explore if question.current is None else 0.0
        return policies.learned(
            judgement.losses, shown.threshold, able, standing.costs, explore=explore, random=self._random
        )

    def judge(self, question: Question) -> Judgement | None:
        """What the router expects, noted in the question; also where it has no right to choose, since its
        judgement is kept and can be looked at."""
        standing = self._services.standing(question.auto.name)
        if question.sample is None or standing.judge is None or not standing.places:
            return None
        question.reading = reading = read_sample(question.sample)
        judgement = in_order(standing.judge.judge_reading(reading), standing.places)
        question.judgement, question.router = judgement, standing.judge.digest
        return judgement
