"""Limits, lanes, waits and breakers in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from pointsman.gateway.flow.histogram import LATENCY_BOUNDS, Histogram
from pointsman.gateway.flow.metrics import BreakerState, Event, FlowView
from pointsman.limits.values.view import LimitsView

_LIMIT_LABELS = ("limit", "kind", "name", "dimension", "source")
_EVENTS: dict[Event, tuple[str, tuple[str, ...]]] = {
    "queue_refused": ("Requests that the queue turned away.", ("lane", "reason")),
    "upstream_rate_limited": ("Answers of providers with status 429.", ("deployment",)),
    "retries": ("Further calls of a request to the same deployment.", ("deployment",)),
    "fallbacks": ("Requests that went on from one deployment to another.", ("deployment", "to")),
    "hedges": ("Second calls since the first was slow, by the deployment of the first.", ("deployment",)),
    "cascades_accepted": (
        "Requests that a cheap model answered, since it was believed.",
        ("route", "reason"),
    ),
    "cascades_escalated": ("Requests that went on to the baseline of a cascade.", ("route", "reason")),
    "hedges_won": ("Second calls that answered before the first.", ("deployment",)),
}
_STATES: dict[BreakerState, int] = {"closed": 0, "half_open": 1, "open": 2}


class LimitsCollector(Collector):
    """Limits and lanes as of one view."""

    def __init__(self, view: LimitsView) -> None:
        self._view = view

    def collect(self) -> Iterable[Metric]:
        level = GaugeMetricFamily(
            "pointsman_limit", "The limit: a minute, or at once for concurrency.", labels=_LIMIT_LABELS
        )
        used = GaugeMetricFamily("pointsman_limit_used", "What is taken of it.", labels=_LIMIT_LABELS)
        held = GaugeMetricFamily(
            "pointsman_limit_held", "What is held of it for calls under way.", labels=_LIMIT_LABELS
        )
        queued = GaugeMetricFamily(
            "pointsman_limit_queued", "Requests that wait for it before all others.", labels=_LIMIT_LABELS
        )
        for row in self._view.limits:
            values = (row.id, row.kind, row.name, row.dimension, row.source)
            level.add_metric(values, row.limit)
            used.add_metric(values, row.used)
            held.add_metric(values, row.held)
            queued.add_metric(values, row.queued)
        waiting = GaugeMetricFamily("pointsman_queue_waiting", "Requests that wait.", labels=("lane",))
        oldest = GaugeMetricFamily(
            "pointsman_queue_oldest_seconds", "How long the first of them has waited.", labels=("lane",)
        )
        for lane in self._view.lanes:
            waiting.add_metric((lane.name,), lane.waiting)
            oldest.add_metric((lane.name,), lane.oldest_seconds)
        paused = GaugeMetricFamily(
            "pointsman_paused_seconds",
            "For how long nothing is sent there, as its provider asks.",
            labels=("deployment",),
        )
        for name, seconds in self._view.pauses.items():
            paused.add_metric((name,), seconds)
        return [level, used, held, queued, waiting, oldest, paused]


class FlowCollector(Collector):
    """What was counted since the start, and the breakers as they stand."""

    def __init__(self, flow: FlowView) -> None:
        self._flow = flow

    def collect(self) -> Iterable[Metric]:
        counted = self._flow.counted
        families = {
            event: CounterMetricFamily(f"pointsman_{event}", text, labels=labels)
            for event, (text, labels) in _EVENTS.items()
        }
        for (event, name, detail), count in list(counted.counts.items()):
            _, labels = _EVENTS[event]
            families[event].add_metric((name, detail)[: len(labels)], count)
        waits = HistogramMetricFamily(
            "pointsman_queue_wait_seconds", "From arrival at the queue to the start.", labels=("lane",)
        )
        for lane, histogram in list(counted.waits.items()):
            waits.add_metric((lane,), buckets(histogram), histogram.total)
        state = GaugeMetricFamily(
            "pointsman_breaker_state", "0 closed, 1 half open, 2 open.", labels=("deployment",)
        )
        for row in self._flow.breakers():
            state.add_metric((row.deployment,), _STATES[row.state])
        return [*families.values(), waits, state]


def buckets(histogram: Histogram) -> list[tuple[str, float]]:
    """Its counts, each with all those below, as Prometheus has them."""
    total = 0
    summed: list[tuple[str, float]] = []
    for bound, count in zip((*map(str, LATENCY_BOUNDS), "+Inf"), histogram.counts, strict=True):
        total += count
        summed.append((bound, total))
    return summed
