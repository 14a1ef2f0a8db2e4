"""Puts routing together: what is in service, the journal, and what watches over both."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence

import msgspec

from pointsman.config.auto_routes import AutoRoute
from pointsman.errors import ServerBusy
from pointsman.routing.decision import Decision
from pointsman.routing.explaining import Contribution
from pointsman.routing.journal import Journal, MemoryJournal, RouterStore
from pointsman.routing.journal.services import Services
from pointsman.routing.sample import Sample
from pointsman.routing.standing import Terms

from .drift_keeping import DriftKeeping
from .drift_watch import DriftWatch
from .routing_metrics import RoutingMetrics

_log = logging.getLogger("pointsman.routing")


class RecentSamples:
    """The last short prompts of learned routes, so that what spoke for a model can be told by its words. In
    memory alone: no text of a prompt is kept anywhere."""

    def __init__(self, most: int = 256, longest: int = 20_000) -> None:
        self._most = most
        self._longest = longest
        self._samples: OrderedDict[str, Sample] = OrderedDict()

    def add(self, request_id: str, sample: Sample) -> None:
        if sample.chars <= self._longest:
            self._samples[request_id] = sample
            if len(self._samples) > self._most:
                self._samples.popitem(last=False)

    def find(self, request_id: str) -> Sample | None:
        return self._samples.get(request_id)


class Routing(msgspec.Struct, frozen=True):
    """What a gateway has of it."""

    services: Services
    journal: Journal
    metrics: RoutingMetrics
    watch: DriftWatch
    samples: RecentSamples
    drift: DriftKeeping

    async def close(self) -> None:
        """Keep what is on its way, and what the watch has seen."""
        await self.drift.keep()
        await self.journal.close()

    def contributions(self, request_id: str, decision: Decision) -> Sequence[Contribution] | None:
        """What spoke for the model that was chosen (for the weakest where that is the baseline) against the
        baseline; None where the prompt is not known any more, or another router is in service."""
        sample, standing = self.samples.find(request_id), self.services.standing(decision.route)
        judge, last = standing.judge, len(decision.models) - 1
        if sample is None or judge is None or judge.digest != decision.router or not standing.places:
            return None
        position = decision.position if decision.position < last else 0
        return judge.explain(sample, standing.places[position], against=standing.places[last])


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
    watch = DriftWatch(services, metrics, _seen_before(store))
    return Routing(services, kept, metrics, watch, RecentSamples(), DriftKeeping(watch, store))


def _seen_before(store: RouterStore | None) -> Mapping[str, bytes]:
    try:
        return {} if store is None else store.drift()
    except ServerBusy as error:
        _log.warning("%s The watch for drift begins anew.", error.message)
        return {}


def terms_of(auto: AutoRoute) -> Terms:
    """What the settings ask of a certificate of the route."""
    given = auto.settings
    return Terms(auto.models, given.floor, given.confidence, given.min_labels)
