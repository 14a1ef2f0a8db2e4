"""Counters of settled requests, kept as plain numbers; whoever exports them reads them. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pointsman.costs import PicoUsd
from pointsman.ledger.entry import PART, Entry

from .auto.route_money import RouteMoney
from .auto.routing_metrics import RoutingMetrics
from .cache.metrics import CacheMetrics, CacheView
from .flights.metrics import FlightMetrics
from .flow.histogram import Histogram
from .labels.metrics import LabelMetrics
from .prompt_cache.metrics import PromptCacheMetrics
from .resume.idempotency_metrics import IdempotencyMetrics
from .resume.stream_metrics import StreamMetrics


class Series:
    """Everything counted under one set of labels."""

    __slots__ = (
        "attempts",
        "cached",
        "cost",
        "estimated",
        "input",
        "latency",
        "output",
        "requests",
        "ttft",
        "unpriced",
    )

    def __init__(self) -> None:
        self.requests = 0
        self.attempts = 0
        self.input = 0
        self.cached = 0
        self.output = 0
        self.cost: PicoUsd = 0
        self.unpriced = 0
        self.estimated = 0
        self.latency = Histogram()
        self.ttft = Histogram()


Labels = tuple[str, str, str, str, int]
"""face, provider, model, outcome, status. Models are the catalog's or a free name at a configured provider;
free names beyond ``MAX_SERIES`` are counted together, so that nobody can fill the memory with names."""

MAX_SERIES = 2000


class Metrics:
    """The journey's ``Meter``.

    Args:
        money: counts what routes cost and save.
    """

    def __init__(self, money: RouteMoney | None = None) -> None:
        self.money = money
        self.labels: LabelMetrics | None = None
        self.routing: RoutingMetrics | None = None
        """Counts where labels come from, where there are any."""
        self.idempotency: IdempotencyMetrics | None = None
        self.streams: StreamMetrics | None = None
        self.cache: Callable[[], CacheView] | None = None
        """How the answer cache stands, where there is one."""
        self.answers: CacheMetrics | None = None
        self.flights: FlightMetrics | None = None
        """Counts calls that requests share."""
        self.prompt_cache: PromptCacheMetrics | None = None
        """What was done for the providers' prompt caches, if anything is."""
        self._series: dict[Labels, Series] = {}

    def observe(self, entry: Entry, route: str | None = None) -> None:
        if entry.cache == PART:
            self._observe_part(entry)
            return
        if self.money is not None:
            self.money.observe(entry, route)
        if entry.cache and self.answers is not None:
            self.answers.observe(entry, route)
        labels = (entry.face, entry.provider, entry.model, entry.outcome, entry.status)
        series = self._series.get(labels)
        if series is None:
            series = self._new_series(labels)
        series.requests += 1
        series.attempts += len(entry.attempts)
        series.latency.add(entry.latency_us / 1e6)
        if (ttft_us := entry.ttft_us) is not None:
            series.ttft.add(ttft_us / 1e6)
        if (usage := entry.usage) is not None:
            series.input += usage.prompt
            series.output += usage.output
            if cached := usage.cache_read:
                series.cached += cached
        if (cost := entry.cost) is None:
            series.unpriced += 1
        else:
            series.cost += cost
        if entry.estimated:
            series.estimated += 1

    def _observe_part(self, entry: Entry) -> None:
        """No request, but money."""
        labels = (entry.face, entry.provider, entry.model, entry.outcome, entry.status)
        series = self._series.get(labels) or self._new_series(labels)
        series.cost += entry.cost or 0
        series.unpriced += entry.cost is None

    def series(self) -> Iterator[tuple[Labels, Series]]:
        yield from list(self._series.items())

    def _new_series(self, labels: Labels) -> Series:
        if len(self._series) >= MAX_SERIES:
            face, provider, _, outcome, status = labels
            labels = (face, provider, "other", outcome, status)
        return self._series.setdefault(labels, Series())
