"""The models of an `[auto.NAME]` as they are to be had: who can do a request, and the way to each. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from pointsman.catalog import Model, prompt_limit
from pointsman.config.auto_routes import AutoRoute
from pointsman.dialects.base import Peek
from pointsman.errors import ModelNotFound, RequestError
from pointsman.routing.sample import Sample
from pointsman.tokens import bytes_tokens

from .admission import admit
from .planner import Planner
from .values import Arrival, Plan, Route, Stage

CHARS_PER_TOKEN = 4
IMAGE_TOKENS = 1_600
_CLOSE_LOOK = (b'"document"', b'"file"', b'"tool_choice"', b"\\u")
"""What a sample does not tell of, and a model can lack."""


class Wanted:
    """What a request needs of a model, as far as it can be seen at a glance."""

    __slots__ = ("arrival", "peek", "prompt", "sample")

    def __init__(self, arrival: Arrival, peek: Peek, sample: Sample | None) -> None:
        self.arrival = arrival
        self.peek = peek
        self.sample = sample
        self.prompt = _prompt_tokens(len(arrival.body), sample)
        """Tokens, estimated."""


def _prompt_tokens(size: int, sample: Sample | None) -> int:
    if sample is None or not sample.images:
        return bytes_tokens(size)
    return (
        sample.chars // CHARS_PER_TOKEN + sample.images * IMAGE_TOKENS
    )  # pictures are many bytes, few tokens


class Pool:
    """One day's plans for the models of a pool, and for the ways on from each."""

    def __init__(self, auto: AutoRoute, planner: Planner, day: date) -> None:
        """Raises ModelNotFound: none of them is served here."""
        self.auto = auto
        self.day = day
        self.plans: list[Plan | None] = []
        missing: ModelNotFound | None = None
        for name in auto.pool:
            try:
                self.plans.append(planner.plan(name, lambda: day))
            except ModelNotFound as error:
                self.plans.append(None)
                missing = error
        if missing is not None and not any(self.plans):
            raise missing
        self._ways: dict[tuple[int, tuple[bool, ...]], Plan] = {}
        self._positions = {
            route.deployment: position
            for position, plan in reversed(list(enumerate(self.plans)))
            if plan is not None
            for stage in stages_of(plan)
            for route in stage.routes
        }

    def position_of(self, route: Route) -> int | None:
        """Whose model answers along that route."""
        return self._positions.get(route.deployment)

    def able(self, wanted: Wanted) -> tuple[bool, ...]:
        """Who can do it, as far as is known. A model that retires by today is only asked as the baseline."""
        last = len(self.plans) - 1
        return tuple(
            plan is not None
            and any(
                can_do(route.model, route, wanted) and (position == last or not _gone(route.model, self.day))
                for route in stages_of(plan)[0].routes
            )
            for position, plan in enumerate(self.plans)
        )

    def way(self, position: int, able: tuple[bool, ...]) -> Plan:
        """To the model at ``position``; where that fails, to the others that can, the strongest first."""
        known = self._ways.get((position, able))
        if known is None:
            order = [position, *(p for p in range(len(able) - 1, -1, -1) if p != position and able[p])]
            plans = [plan for p in order if (plan := self.plans[p]) is not None]
            known = self._ways[position, able] = _joined(plans)
        return known


def can_do(model: Model | None, route: Route, wanted: Wanted) -> bool:
    """Nothing is known that speaks against it. The prompt is estimated: where it is too long after all, the
    request goes on to a larger window."""
    if model is None:
        return True
    can, sample, most = model.capabilities, wanted.sample, wanted.peek.max_output
    if most is not None and model.max_output is not None and most > model.max_output:
        return False
    if wanted.prompt > prompt_limit(model):
        return False
    if sample is not None and (
        (sample.images and can.vision is False)
        or (sample.tools and can.tools is False)
        or (sample.structured and can.json_schema is False)
    ):
        return False
    gate, arrival = route.gate, wanted.arrival
    if gate is None or not gate.strict or not any(mark in arrival.body for mark in _CLOSE_LOOK):
        return True
    try:
        admit(model, arrival.face, wanted.peek, arrival.body, ())
    except RequestError:
        return False
    return True


def stages_of(plan: Plan) -> tuple[Stage, ...]:
    return plan.stages or (Stage((plan.route,), (1.0,)),)


def _joined(plans: Sequence[Plan]) -> Plan:
    first, seen = plans[0], set[str]()
    stages: list[Stage] = []
    for plan in plans:
        for stage in stages_of(plan):
            fresh = [
                (route, weight)
                for route, weight in zip(stage.routes, stage.weights, strict=True)
                if route.deployment not in seen
            ]
            seen.update(route.deployment for route in stage.routes)
            if fresh:
                routes, weights = zip(*fresh, strict=True)
                stages.append(Stage(routes, weights, stage.balance))
    return Plan(first.route, first.defaults, first.warning, tuple(stages), first.retries, first.hedge)


def _gone(model: Model | None, day: date) -> bool:
    return model is not None and (
        model.status == "retired" or (model.retires is not None and model.retires <= day)
    )
