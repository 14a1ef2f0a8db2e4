"""How long things took, counted in classes. No I/O."""

from __future__ import annotations

from bisect import bisect_left

LATENCY_BOUNDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0)
"""Seconds: calls to models last from tens of milliseconds to minutes (OpenTelemetry's GenAI buckets are
powers of two of 10 ms over the same span)."""


class Histogram:
    """Counts by upper bound. ``counts`` has one more place than there are bounds, for what is above all."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(LATENCY_BOUNDS) + 1)
        self.total = 0.0

    def add(self, seconds: float) -> None:
        self.counts[bisect_left(LATENCY_BOUNDS, seconds)] += 1
        self.total += seconds
