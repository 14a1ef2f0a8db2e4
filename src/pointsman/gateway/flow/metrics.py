"""Counters of what happens to requests on their way: waits, refusals, retries, fallbacks, hedges. No I/O.

The journey calls the methods; whoever exports the numbers reads ``counts`` and ``waits``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol

import msgspec

from pointsman.limits.values.view import LimitsView

from .histogram import Histogram

Event = Literal[
    "queue_refused",
    "upstream_rate_limited",
    "retries",
    "fallbacks",
    "hedges",
    "hedges_won",
    "cascades_accepted",
    "cascades_escalated",
]

BreakerState = Literal["closed", "open", "half_open"]

MOST_NAMES = 2000
"""Names beyond this many are counted together, since callers can make them up."""


class BreakerRow(msgspec.Struct, frozen=True):
    """The breaker of one deployment."""

    deployment: str
    state: BreakerState


class FlowMetrics:
    """Counts by event, and by the name of the lane or deployment that it happened at."""

    __slots__ = ("_names", "counts", "waits")

    def __init__(self) -> None:
        self._names: set[str] = set()
        self.counts: dict[tuple[Event, str, str], int] = {}
        """By event, name and detail."""
        self.waits: dict[str, Histogram] = {}
        """Seconds in the queue by lane, of requests that got through it; 0 for those that did not wait."""

    def waited(self, lane: str, seconds: float) -> None:
        """A request begins after so long a wait."""
        lane = self._bounded(lane)
        histogram = self.waits.get(lane)
        if histogram is None:
            histogram = self.waits[lane] = Histogram()
        histogram.add(seconds)

    def refused(self, lane: str, why: str) -> None:
        """The queue turned a request away; ``why`` is one of a few words: deadline, full, never, left."""
        self._count("queue_refused", lane, why)

    def rate_limited(self, deployment: str) -> None:
        """A provider answered with 429."""
        self._count("upstream_rate_limited", deployment)

    def retried(self, deployment: str) -> None:
        """A request is sent to the same deployment once more."""
        self._count("retries", deployment)

    def fell_back(self, deployment: str, onto: str) -> None:
        """A request goes on from one deployment to another."""
        self._count("fallbacks", deployment, self._bounded(onto))

    def hedged(self, deployment: str) -> None:
        """A second call is made since ``deployment``, the first, is slow."""
        self._count("hedges", deployment)

    def hedge_won(self, deployment: str) -> None:
        """The second call answered before ``deployment``, the first."""
        self._count("hedges_won", deployment)

    def cascaded(self, route: str, because: str, *, accepted: bool) -> None:
        """Whether a cheap model's answer was believed; ``because`` is one of a few words."""
        self._count("cascades_accepted" if accepted else "cascades_escalated", route, because)

    def _count(self, event: Event, name: str, detail: str = "") -> None:
        key = (event, self._bounded(name), detail)
        self.counts[key] = self.counts.get(key, 0) + 1

    def _bounded(self, name: str) -> str:
        if name in self._names:
            return name
        if len(self._names) >= MOST_NAMES:
            return "other"
        self._names.add(name)
        return name


class FlowView(Protocol):
    """What can be seen of the flow at this moment; the admin listener asks for it."""

    @property
    def counted(self) -> FlowMetrics: ...

    def breakers(self) -> Sequence[BreakerRow]:
        """Of every deployment that was used."""
        ...

    async def limits(self) -> LimitsView:
        """Limits and lanes as they stand. Where the store is shared and away: as this process knows them."""
        ...
