"""Where labels come from, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from pointsman.gateway.labels.metrics import LabelMetrics


class LabelCollector(Collector):
    """What shadows and judges cost is with the money of routes: ``prometheus_money.py``."""

    def __init__(self, metrics: LabelMetrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        labels = CounterMetricFamily(
            "pointsman_labels",
            "Labels that were kept, feedback by feedback and answer by answer.",
            labels=("route", "model", "source"),
        )
        shadowed = CounterMetricFamily(
            "pointsman_shadowed", "Requests that others of their pool answered too.", labels=("route",)
        )
        skipped = CounterMetricFamily(
            "pointsman_shadows_skipped",
            "Requests that were drawn for shadows and came to no labels, by reason.",
            labels=("route", "reason"),
        )
        for key, count in list(self._metrics.labels.items()):
            labels.add_metric(list(key), count)
        for route, count in list(self._metrics.shadowed.items()):
            shadowed.add_metric([route], count)
        for (route, reason), count in list(self._metrics.skipped.items()):
            skipped.add_metric([route, reason], count)
        return [labels, shadowed, skipped]
