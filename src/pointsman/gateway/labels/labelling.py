"""Puts together where labels come from: feedback, and shadows with what grades them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from decimal import Decimal

import msgspec

from pointsman.config.auto_routes import AutoRoute
from pointsman.config.graders import RouteGrader, route_grader
from pointsman.config.names import Names
from pointsman.costs import PER_USD
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.planner import Planner
from pointsman.gateway.call.ports import Clock, NewId, Random
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.gateway.cascade.cascades import Cascade
from pointsman.gateway.errands import Errands
from pointsman.ledger.entry import Ledger
from pointsman.routing.labels.graders.code import RunTests
from pointsman.routing.labels.kept import Labels

from .cascade_shadow import CascadeShadow
from .feedback import Feedback, FindDecision
from .judging import Judge
from .keeping import LabelKeeper
from .metrics import LabelMetrics
from .purse import Purse
from .shadow_work import ShadowWork
from .shadowing import Shadowed, Shadows


class Labelling(msgspec.Struct, frozen=True):
    """What a gateway has of it."""

    feedback: Feedback
    shadows: Shadows
    metrics: LabelMetrics

    @property
    def watch(self) -> Callable[[Call, Answer], Awaitable[Answer]] | None:
        """Whom answers are to be shown; None where no route has shadows."""
        return self.shadows.watch if self.shadows.drawn_from else None


def configured_graders(
    autos: Mapping[str, AutoRoute], names: Names, run_tests: RunTests
) -> dict[str, RouteGrader]:
    """By name of the route; those without one are left out.

    Raises:
        ConfigurationError: a setting is wrong; names its path.
    """
    found = {name: route_grader(auto, names, run_tests) for name, auto in autos.items()}
    return {name: grader for name, grader in found.items() if grader is not None}


def build_labelling(
    autos: Mapping[str, AutoRoute],
    graders: Mapping[str, RouteGrader],
    cascades: Mapping[str, Cascade],
    *,
    labels: Labels,
    ledger: Ledger,
    decisions: FindDecision,
    planner: Planner,
    run: Callable[[Arrival], Awaitable[Answer]],
    new_id: NewId,
    clock: Clock,
    random: Random,
) -> Labelling:
    """``run``: the journey, whose answers are to be given to ``shadows.watch``."""
    metrics = LabelMetrics()
    keeper = LabelKeeper(
        labels, metrics, clock, {name: auto.settings.keep_days for name, auto in autos.items()}
    )
    errands = Errands(run, new_id, clock)
    routes: dict[str, Shadowed] = {}
    for name, auto in autos.items():
        shadow, grader = auto.settings.shadow, graders.get(name)
        if not shadow.share or grader is None:
            continue
        daily = int(Decimal(repr(shadow.daily_usd)) * PER_USD)
        purse = Purse(name, daily, labels, clock)
        judge = None
        if grader.judge is not None:
            judge = Judge(grader.judge, f"judge:{name}", errands, planner, purse, clock, new_id)
        work = ShadowWork(
            name=name,
            errands=errands,
            purse=purse,
            clock=clock,
            grader=grader.grader,
            judge=judge,
            priority=shadow.priority,
            max_wait=shadow.max_wait,
            besides=CascadeShadow(cascades[name], auto, clock).mark if name in cascades else None,
        )
        routes[name] = Shadowed(shadow.share, work, auto.settings.keep_prompts)
    return Labelling(
        Feedback(ledger, decisions, keeper, clock), Shadows(routes, keeper, metrics, random), metrics
    )
