"""The semantic cache in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from pointsman.gateway.cache.metrics import CacheView


class SemanticCollector(Collector):
    def __init__(self, view: Callable[[], CacheView]) -> None:
        self._view = view

    def collect(self) -> Iterable[Metric]:
        requests = CounterMetricFamily(
            "pointsman_semantic_cache_requests",
            "Requests without an equal one, by route: hit; miss, by reason; unfit for it, by reason.",
            labels=("route", "result", "reason"),
        )
        refusals = CounterMetricFamily(
            "pointsman_semantic_cache_refusals",
            "Questions that were close enough, by the guard that refused the closest.",
            labels=("route", "guard"),
        )
        on = GaugeMetricFamily(
            "pointsman_semantic_cache_on", "1 while a certificate is in force.", labels=("route",)
        )
        questions = GaugeMetricFamily(
            "pointsman_semantic_cache_questions", "Questions that can be matched.", labels=("route",)
        )
        size = GaugeMetricFamily("pointsman_semantic_cache_bytes", "Memory of them.", labels=("route",))
        for name, route in self._view().semantic.items():
            requests.add_metric((name, "hit", ""), route.hits)
            for result, counts in (("miss", route.misses), ("unfit", route.unfit)):
                for reason, count in counts.items():
                    requests.add_metric((name, result, reason), count)
            for guard, count in route.refused.items():
                refusals.add_metric((name, guard), count)
            on.add_metric((name,), route.on)
            questions.add_metric((name,), route.questions)
            size.add_metric((name,), route.bytes)
        return requests, refusals, on, questions, size
