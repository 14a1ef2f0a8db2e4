"""Decisions of routing, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from pointsman.gateway.auto.routing_metrics import RoutingMetrics


class RoutingCollector(Collector):
    def __init__(self, metrics: RoutingMetrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        decisions = CounterMetricFamily(
            "pointsman_route_decisions",
            "Requests by the model that was chosen for them, and why.",
            labels=("route", "model", "reason"),
        )
        for decided, count in list(self._metrics.decisions.items()):
            decisions.add_metric(decided, count)
        moves = CounterMetricFamily(
            "pointsman_route_moves",
            "Conversations that left their model, for a stronger one (up) or a weaker one (down).",
            labels=("route", "direction"),
        )
        for moved, count in list(self._metrics.moves.items()):
            moves.add_metric(moved, count)
        alarms = CounterMetricFamily(
            "pointsman_route_alarms",
            "Certificates that were withdrawn since traffic has changed.",
            labels=("route",),
        )
        for route, count in list(self._metrics.alarms.items()):
            alarms.add_metric((route,), count)
        dropped = CounterMetricFamily(
            "pointsman_route_decisions_dropped", "Decisions that the journal could not keep in time."
        )
        dropped.add_metric((), self._metrics.dropped())
        return decisions, moves, alarms, dropped
