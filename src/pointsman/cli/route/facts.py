"""What is known of routes: settings, what is in service, labels, decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from pointsman.config import AutoRoute
from pointsman.errors import NotFound
from pointsman.gateway.auto.routing import terms_of
from pointsman.routing.evidence import Certificate, decode_certificate
from pointsman.routing.journal import InService
from pointsman.routing.journal.services import Services
from pointsman.routing.journal.sqlite import SqliteRouters
from pointsman.routing.labels.kept import LabelCount
from pointsman.routing.labels.sqlite import SqliteLabels
from pointsman.routing.standing import NOTHING, Standing
from pointsman.storage.sqlite import has_table


class Decisions(msgspec.Struct, frozen=True):
    """Of one reason and one model."""

    reason: str
    model: str
    count: int
    last_us: int


class RouteFacts(msgspec.Struct, frozen=True):
    auto: AutoRoute
    standing: Standing
    in_service: InService
    certificate: Certificate | None
    problem: str | None
    labels: tuple[LabelCount, ...]
    decisions: tuple[Decisions, ...]


def the_auto(autos: Mapping[str, AutoRoute], name: str) -> AutoRoute:
    """Raises NotFound, saying which there are."""
    if name not in autos:
        there = ", ".join(autos) or "none"
        raise NotFound(f"There is no [auto.{name}] in the settings. There are: {there}.")
    return autos[name]


def route_facts(
    autos: Mapping[str, AutoRoute], database: Path, since_us: int, now_us: Callable[[], int]
) -> list[RouteFacts]:
    """
    Args:
        since_us: from when on decisions count.

    Raises:
        ServerBusy: the database cannot be read just now.
    """
    labels = SqliteLabels(database).counts() if has_table(database, "labels") else ()
    if not has_table(database, "decisions"):
        return [_facts(auto, None, InService(name), labels, ()) for name, auto in autos.items()]
    store = SqliteRouters(database, now_us=now_us)
    found = store.in_service()
    decisions = store.counts(since_us)
    facts = []
    for name, auto in autos.items():
        services = Services({name: terms_of(auto)}, store)
        services.reload()
        own = tuple(
            Decisions(reason, model, count, last_us)
            for route, reason, model, count, last_us in decisions
            if route == name
        )
        facts.append(_facts(auto, services, found.get(name, InService(name)), labels, own))
    return facts


def _facts(
    auto: AutoRoute,
    services: Services | None,
    in_service: InService,
    labels: tuple[LabelCount, ...],
    decisions: tuple[Decisions, ...],
) -> RouteFacts:
    problem = None if services is None else services.problem
    readable = in_service.certificate and problem is None
    return RouteFacts(
        auto,
        NOTHING if services is None else services.standing(auto.name),
        in_service,
        decode_certificate(in_service.certificate) if readable else None,
        problem,
        tuple(count for count in labels if count.route == auto.name),
        decisions,
    )
