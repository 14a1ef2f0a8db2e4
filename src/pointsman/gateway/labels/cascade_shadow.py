"""What a cascade would have said, where a shadow has the answers of all its models: a label of the cascade.

So a route that goes to its baseline for want of a certificate gathers what it can be certified by, and no
text of an answer is kept.
"""

from __future__ import annotations

from collections.abc import Mapping

from pointsman.config.auto_routes import AutoRoute
from pointsman.errors import RequestError
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.cascade.cascades import Cascade
from pointsman.routing.cascade import Accept, Asked
from pointsman.routing.labels.kept import Mark

from .shadow_work import Given, Had


class CascadeShadow:
    """For the requests of one route."""

    def __init__(self, cascade: Cascade, auto: AutoRoute, clock: Clock) -> None:
        self._cascade = cascade
        self._first = tuple(auto.models[at] for at in auto.first)
        self._baseline = auto.models[-1]
        self._clock = clock

    def mark(self, had: Had, given: Mapping[str, Given], scores: Mapping[str, float]) -> Mark | None:
        """Under the cascade's digest as model: the score of the answer that it would have given, what all of
        its calls cost, and whose answer that was. None where it cannot be told."""
        needed = {*self._first, self._baseline}
        if self._cascade.samples > 1 or not needed <= scores.keys() & given.keys():
            return None
        try:
            request = had.arrival.face.decode_request(had.arrival.body)
        except RequestError:
            return None
        judgement, models = had.chosen.decision.judgement, had.chosen.decision.models
        expected = None if judgement is None else judgement.losses[models.index(self._first[0])]
        asked, rule = Asked(request, expected), self._cascade.rule
        calls: tuple[str, ...] = (self._baseline,)
        answers = self._baseline
        if rule.before(asked) is None:
            verdict = rule.decide(asked, [given[model].reply for model in self._first])
            accepted = isinstance(verdict, Accept)
            calls = self._first if accepted else (*self._first, self._baseline)
            answers = self._first[verdict.index] if isinstance(verdict, Accept) else self._baseline
        costs = [given[model].cost for model in calls]
        known = [cost for cost in costs if cost is not None]
        return Mark(
            self._cascade.digest,
            scores[answers],
            "shadow",
            self._clock.now_us(),
            cost=sum(known) if len(known) == len(costs) else None,
            answer=given[answers].request,
        )
