"""Puts routing together: what is in service, the journal, and what watches over both."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman.config.auto_routes import AutoRoute
from pointsman.routing.journal import Journal, MemoryJournal, RouterStore
from pointsman.routing.journal.services import Services
from pointsman.routing.standing import Terms

from .drift_watch import DriftWatch
from .routing_metrics import RoutingMetrics


class Routing(msgspec.Struct, frozen=True):
    """What a gateway has of it."""

    services: Services
    journal: Journal
    metrics: RoutingMetrics
    watch: DriftWatch


def build_routing(
    autos: Mapping[str, AutoRoute], *, store: RouterStore | None, journal: Journal | None
) -> Routing:
    """With what is in service now.

    Args:
        store: of routers and certificates; None for none.
        journal: in memory unless given.
    """
    services = Services({name: terms_of(auto) for name, auto in autos.items()}, store)
    services.reload()
    kept, metrics = journal or MemoryJournal(), RoutingMetrics()
    metrics.dropped = lambda: kept.dropped
    return Routing(services, kept, metrics, DriftWatch(services, metrics))


def terms_of(auto: AutoRoute) -> Terms:
    """What the settings ask of a certificate of the route."""
    given = auto.settings
    return Terms(auto.models, given.floor, given.confidence, given.min_labels)
