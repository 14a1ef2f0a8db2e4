from __future__ import annotations

from pointsman.gateway.flow.histogram import LATENCY_BOUNDS, Histogram


def test_a_histogram_counts_by_upper_bound() -> None:
    histogram = Histogram()
    for seconds in (0.0, LATENCY_BOUNDS[0], LATENCY_BOUNDS[0] + 0.001, 1e6):
        histogram.add(seconds)
    assert histogram.counts[0] == 2
    assert histogram.counts[1] == 1
    assert histogram.counts[-1] == 1
    assert sum(histogram.counts) == 4
