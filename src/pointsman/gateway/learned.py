"""Learned routing: what a router in service expects, held against what was certified of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from pointsman.routing import policies
from pointsman.routing.features import featurise
from pointsman.routing.judgement import Judgement
from pointsman.routing.policies import Choice
from pointsman.routing.standing import NOTHING, Standing, in_order

from .ports import Clock, Random
from .question import Question


class Services(Protocol):
    """What is in service now, by the names of routes."""

    def standing(self, route: str) -> Standing: ...


class NothingInService:
    """For a gateway that keeps no routers."""

    def standing(self, route: str) -> Standing:
        return NOTHING


class LearnedChoice:
    """The policy ``learned``. Whatever is amiss sends a request to the baseline, and says why.

    Args:
        judged: told of each judgement, to watch whether the traffic changes.
    """

    def __init__(
        self,
        services: Services,
        clock: Clock,
        random: Random,
        judged: Callable[[str, Judgement], None] | None = None,
    ) -> None:
        self._services = services
        self._clock = clock
        self._random = random
        self._judged = judged

    def choose(self, question: Question) -> Choice:
        able, settings = question.able, question.auto.settings
        standing = self._services.standing(question.auto.name)
        judgement = self._judge(question, standing)
        shown, why_not = standing.shown, standing.why_not_at(self._clock.now_us())
        if shown is not None:
            question.threshold, question.certificate = shown.threshold, shown.id
        if why_not is not None:
            return policies.strongest(able, why_not)
        if judgement is None or shown is None:
            return policies.strongest(able, "unreadable")
        if judgement.familiarity < shown.least_familiarity:
            return policies.strongest(able, "unfamiliar")
        explore = settings.explore if question.current is None else 0.0
        choice = policies.learned(
            judgement.losses, shown.threshold, able, standing.costs, explore=explore, random=self._random
        )
        if question.current is None:
            return choice
        return policies.staying(choice, judgement.losses, able, question.prices, question.current)

    def _judge(self, question: Question, standing: Standing) -> Judgement | None:
        """Also where the router has no right to choose: its judgement is kept, and can be looked at."""
        if question.sample is None or standing.judge is None or not standing.places:
            return None
        question.features = features = featurise(question.sample)
        judgement = in_order(standing.judge.judge_features(features), standing.places)
        question.judgement, question.router = judgement, standing.judge.digest
        if self._judged is not None:
            self._judged(question.auto.name, judgement)
        return judgement
