"""Requests with idempotency keys, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from pointsman.gateway.resume.idempotency_metrics import IdempotencyMetrics


class IdempotencyCollector(Collector):
    def __init__(self, metrics: IdempotencyMetrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        requests = CounterMetricFamily(
            "pointsman_idempotent_requests",
            "Requests with an Idempotency-Key, by what came of it. Only the first ones are asked and booked.",
            labels=("result",),
        )
        for result, count in list(self._metrics.requests.items()):
            requests.add_metric((result,), count)
        answers = CounterMetricFamily(
            "pointsman_idempotent_answers",
            "Final answers: kept; lost, as the store was away; evicted before their time for want of room.",
            labels=("fate",),
        )
        for fate, count in (
            ("kept", self._metrics.kept),
            ("lost", self._metrics.lost),
            ("evicted", self._metrics.evicted()),
        ):
            answers.add_metric((fate,), count)
        return requests, answers
