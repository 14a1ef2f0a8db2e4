"""A streaming quantile: how long a deployment takes to its first token, of late, in fixed memory.

A histogram with logarithmic buckets, as in HdrHistogram and DDSketch (Masson, Rim, Lee: "DDSketch: a fast and
fully-mergeable quantile sketch with relative-error guarantees", VLDB 2019): each bucket is 2^(1/8) times as
wide as the one before, so a quantile is told within 4.5 % of its value. All counts are halved every
``half_life`` seconds, so that what was is forgotten.
"""

from __future__ import annotations

from math import exp2, log2

_PER_OCTAVE = 8
_LEAST = 0.001
_BUCKETS = 161
"""From 1 ms to 1,024 s; what is outside falls into the first or last."""
RELATIVE_ERROR = 2.0 ** (0.5 / _PER_OCTAVE) - 1.0
_SCALE = 1.0 / _LEAST


class Latency:
    """Quantiles of a time in seconds. ``now`` is monotonic seconds."""

    __slots__ = ("_counts", "_fade_at", "_half_life", "_stale", "_told", "_told_for", "count")

    def __init__(self, now: float, half_life: float = 300.0) -> None:
        self._counts = [0.0] * _BUCKETS
        self._half_life = half_life
        self._fade_at = now + half_life
        self.count = 0.0
        """Samples that still count, weighed by age."""
        self._stale = 0
        self._told = 0.0
        self._told_for = -1.0

    def observe(self, seconds: float, now: float) -> None:
        if now >= self._fade_at:
            self._fade(now)
        if seconds > _LEAST:
            bucket = int(log2(seconds * _SCALE) * _PER_OCTAVE)
            self._counts[bucket if bucket < _BUCKETS else -1] += 1.0
        else:
            self._counts[0] += 1.0
        self.count += 1.0
        self._stale += 1

    def quantile(self, q: float) -> float | None:
        """The time that a share ``q`` of the samples did not exceed; None without samples.

        Worked out anew only when one sample in 64 is new, since it is asked for more often than it changes.
        """
        if self.count <= 0.0:
            return None
        if q != self._told_for or self._stale * 64 >= self.count:
            self._told, self._told_for, self._stale = self._find(q), q, 0
        return self._told

    def _find(self, q: float) -> float:
        wanted = q * self.count
        seen = 0.0
        last = 0
        for bucket, count in enumerate(self._counts):
            if count:
                seen += count
                last = bucket
                if seen >= wanted:
                    break
        return _LEAST * exp2((last + 0.5) / _PER_OCTAVE)

    def _fade(self, now: float) -> None:
        halvings = 1 + int((now - self._fade_at) / self._half_life)
        self._fade_at += halvings * self._half_life
        keep = 0.5 ** min(halvings, 1_000)
        self._counts = [count * keep for count in self._counts]
        self.count *= keep
        self._told_for = -1.0
