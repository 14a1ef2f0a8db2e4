"""The answer cache in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pointsman.gateway.cache_metrics import CacheView


class CacheCollector(Collector):
    def __init__(self, view: Callable[[], CacheView]) -> None:
        self._view = view

    def collect(self) -> Iterable[Metric]:
        now = self._view()
        requests = CounterMetricFamily(
            "pointsman_cache_requests",
            "Requests by what the answer cache did: hit, miss, or bypass with its reason.",
            labels=("result", "reason"),
        )
        requests.add_metric(("hit", ""), now.hits)
        requests.add_metric(("miss", ""), now.misses)
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
            "What the answers that were given again had cost when they were made.",
        )
        saved.add_metric((), float(now.saved_usd))
        size = GaugeMetricFamily("pointsman_cache_bytes", "Memory of the answer cache, tables included.")
        size.add_metric((), now.bytes)
        entries = GaugeMetricFamily("pointsman_cache_entries", "Answers that are kept.")
        entries.add_metric((), now.entries)
        return requests, answers, saved, size, entries
