"""The counters of shared calls."""

from __future__ import annotations

from pointsman.gateway.flights.metrics import RIDERS, FlightMetrics


def test_calls_are_counted_by_how_many_shared_them() -> None:
    metrics = FlightMetrics()
    for riders in (1, 1, 2, 3, 50, 101):
        metrics.land(riders)
    assert dict(zip((*RIDERS, "more"), metrics.landed, strict=True)) == {
        1: 2, 2: 1, 5: 1, 10: 0, 20: 0, 50: 1, 100: 0, "more": 1,
    }  # fmt: skip
    assert metrics.carried == 158
    assert (metrics.under_way(), metrics.riding()) == (0, 0)
