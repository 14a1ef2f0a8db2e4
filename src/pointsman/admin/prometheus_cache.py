"""The answer cache in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pointsman.costs import PER_USD
from pointsman.gateway.cache.metrics import CacheMetrics, CacheView

from .prometheus_shared import shared_families

MOST_ROUTES = 100
"""Labels of routes; free names at a provider are models too, and whoever calls makes them up."""


class CacheCollector(Collector):
    def __init__(self, view: Callable[[], CacheView], answers: CacheMetrics | None) -> None:
        self._view = view
        self._answers = answers

    def collect(self) -> Iterable[Metric]:
        now = self._view()
        requests = CounterMetricFamily(
            "pointsman_cache_requests",
            "Settled requests by what the answer cache did: hit, similar, coalesced or miss; and those that "
            "passed by it (bypass), with the reason.",
            labels=("result", "reason"),
        )
        for result, count in (
            ("hit", now.hits),
            ("similar", now.similar),
            ("coalesced", now.coalesced),
            ("miss", now.misses),
        ):
            requests.add_metric((result, ""), count)
        for reason, count in now.bypassed.items():
            requests.add_metric(("bypass", reason), count)
        answers = CounterMetricFamily(
            "pointsman_cache_answers",
            "Answers: stored; refused, by reason; rejected for what is asked for more; evicted; expired.",
            labels=("fate", "reason"),
        )
        for fate in ("stored", "rejected", "evicted", "expired"):
            answers.add_metric((fate, ""), getattr(now, fate))
        for reason, count in now.not_stored.items():
            answers.add_metric(("refused", reason), count)
        saved = CounterMetricFamily(
            "pointsman_cache_saved_usd",
            "What the answers that were given again or shared had cost, less what was charged for that.",
        )
        saved.add_metric((), float(now.saved_usd))
        by_route = CounterMetricFamily(
            "pointsman_cache_route_requests",
            "Settled requests by route (auto:NAME, or the model) and what the cache did for them.",
            labels=("route", "result"),
        )
        saved_by_route = CounterMetricFamily(
            "pointsman_cache_route_saved_usd",
            "What those requests were spared, as far as it is known.",
            labels=("route",),
        )
        for route, line in () if self._answers is None else self._answers.tally.by_route(MOST_ROUTES).items():
            for result, count in (
                ("hit", line.hits),
                ("similar", line.similar),
                ("coalesced", line.coalesced),
                ("miss", line.misses),
                ("bypass", line.bypassed),
                ("replay", line.replayed),
            ):
                by_route.add_metric((route, result), count)
            saved_by_route.add_metric((route,), line.saved / PER_USD)
        size = GaugeMetricFamily("pointsman_cache_bytes", "Memory of the answer cache, tables included.")
        size.add_metric((), now.bytes)
        entries = GaugeMetricFamily("pointsman_cache_entries", "Answers that are kept.")
        entries.add_metric((), now.entries)
        shared = () if now.shared is None else shared_families(now.shared)
        return requests, answers, saved, by_route, saved_by_route, size, entries, *shared
