"""Calls that requests share, in Prometheus' text format."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import accumulate

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from pointsman.gateway.flights.metrics import RIDERS, FlightMetrics


class FlightCollector(Collector):
    def __init__(self, metrics: FlightMetrics) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        metrics = self._metrics
        requests = CounterMetricFamily(
            "pointsman_coalesced_requests", "Requests that joined a call under way, for an equal request."
        )
        requests.add_metric((), metrics.coalesced)
        turns = CounterMetricFamily(
            "pointsman_flight_turns",
            "Calls made for the next one, as the first one's key or headers forbade it; requests that could "
            "not wait as long as their call for room, and went their own way; requests for whole answers "
            "whose call broke off as a stream, and that were tried again.",
            labels=("turn",),
        )
        turns.add_metric(("handed_on",), metrics.handed_on)
        turns.add_metric(("got_off",), metrics.got_off)
        turns.add_metric(("asked_again",), metrics.asked_again)
        under_way = GaugeMetricFamily("pointsman_flights", "Calls under way that requests can share.")
        under_way.add_metric((), metrics.under_way())
        riding = GaugeMetricFamily(
            "pointsman_flight_riders", "Requests that wait for them or read from them."
        )
        riding.add_metric((), metrics.riding())
        shared = HistogramMetricFamily(
            "pointsman_flight_requests", "Calls that are over, by how many requests had a part in each."
        )
        bounds = (*map(str, RIDERS), "+Inf")
        shared.add_metric(
            (), list(zip(bounds, accumulate(metrics.landed), strict=True)), sum_value=metrics.carried
        )
        return requests, turns, under_way, riding, shared
