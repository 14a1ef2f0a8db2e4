"""A route of the settings with the labels that its gateway has gathered, as training and certifying use them.

They are divided as ``route tune`` does it, by a hash of each prompt's words: one half is only learned from,
the other only certified on. So no router is certified on prompts that it learned from, whichever command was
first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import NamedTuple

import msgspec

from pointsman.catalog import Catalog
from pointsman.cli.database import choose_database
from pointsman.cli.environment import read_context
from pointsman.config import AutoRoute
from pointsman.errors import InvalidRequest
from pointsman.gateway.auto.baselines import read_models
from pointsman.routing.evidence import Point
from pointsman.routing.journal.sqlite import SqliteRouters
from pointsman.routing.labels.sqlite import SqliteLabels
from pointsman.routing.router import Router, load_router
from pointsman.routing.tuning import Lesson, divide, least_familiarity, lessons_of, points_of
from pointsman.storage.sqlite import has_table

from .facts import the_auto
from .tune_review import priced_by
from .tuner import PRICES


class Gathered(NamedTuple):
    learn: list[Lesson]
    """With scores of at least two models of the pool."""
    hold: list[Lesson]
    """With scores and costs of all of them."""


class GatheredSummary(msgspec.Struct, frozen=True):
    """What was learned."""

    route: str
    models: tuple[str, ...]
    prompts: int
    labels: int
    held_back: int
    """Prompts to certify on."""
    bytes: int
    digest: str


class Learned(NamedTuple):
    router: bytes
    summary: GatheredSummary


class RoutePlace:
    """Where a route's labels, router and certificate are.

    Args:
        db: the database; None: that of the settings.
        now_us: Unix time in microseconds.

    Raises:
        ConfigurationError: a setting is wrong.
        NotFound: there is no such route; says which there are.
    """

    def __init__(self, name: str, db: Path | None, config: Path | None, now_us: Callable[[], int]) -> None:
        models = read_models(read_context(config).settings)
        self.auto: AutoRoute = the_auto(models.autos, name)
        self.store = SqliteRouters(choose_database(db, config), now_us=now_us)
        self._catalog: Catalog = models.catalog
        self._database = choose_database(db, config)
        self._now_us = now_us

    def gathered(self) -> Gathered:
        """What can be learned from, and certified on."""
        if not has_table(self._database, "label_prompts"):
            return Gathered([], [])
        models = self.auto.models
        labelled = SqliteLabels(self._database).fair_labelled(self.auto.name)
        learn, hold = divide(lessons_of(labelled, priced_by(self._catalog, self._now_us())))
        return Gathered(
            [lesson for lesson in learn if sum(model in lesson.scores for model in models) > 1],
            [lesson for lesson in hold if lesson.knows(models)],
        )

    def router_in_service(self) -> Router:
        """Raises InvalidRequest where there is none."""
        service = None
        if has_table(self._database, "routers"):
            service = self.store.in_service().get(self.auto.name)
        if service is None or not service.router:
            raise InvalidRequest(
                f"No router is in service for {self.auto.model}, so say which is to be certified: --router"
                f" FILE. 'pointsman route train --route {self.auto.name}' makes one.",
                param="router",
            )
        return load_router(self.store.router(self.auto.name, service.router))


def learn_gathered(place: RoutePlace, seed: int) -> Learned:
    """Raises InvalidRequest: there are too few labels. ConfigurationError: the extra is not installed."""
    from .tune import train

    auto, found = place.auto, place.gathered()
    if not found.learn:
        raise InvalidRequest(
            f"No prompt of {auto.model} has scores of two models of the pool and kept features: shadows give"
            f" them ([auto.{auto.name}.shadow] share), and 'pointsman labels' shows what there is.",
            param="route",
        )
    trained = train(found.learn, auto.models, seed)
    labels = sum(model in lesson.scores for lesson in found.learn for model in auto.models)
    summary = GatheredSummary(
        auto.name,
        auto.models,
        len(found.learn),
        labels,
        len(found.hold),
        len(trained.data),
        trained.digest,
    )
    return Learned(trained.data, summary)


def held_back(place: RoutePlace, judge: Router, day: date) -> tuple[list[Point], float, str]:
    """What to certify on, the least familiarity of a prompt that the router may choose for, and at which
    prices."""
    found = place.gathered()
    return points_of(found.hold, judge), least_familiarity(found.learn, judge), PRICES.format(day=day)
