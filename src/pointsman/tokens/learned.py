"""How far our estimates are from what providers count, learned for each model from real usage.

Two numbers a model, both of the ratio real ÷ estimated: its running mean, for what to expect, and a high
quantile, for what to reserve. Both start at 1 and are updated with each call whose usage is known.

The mean is exponentially weighted: 1/n at first, never below ``FORGET``, so that a change is followed
within some fifty calls. The quantile is found by stochastic approximation (Robbins and Monro 1951): up by
``q`` steps when a ratio lies above it, down by ``1 − q`` steps when not, which stands still where a share
of ``q`` lies below. A step is a part of the usual distance from the mean, so that it fits any scale. Of the
first 20 calls the largest ratio is taken, which is what a quantile of 0.95 comes to.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import msgspec

FORGET = 0.02
QUANTILE = 0.95
FIRST_CALLS = 20
STEP = 0.5
LEAST_STEP = 0.01
RATIO_RANGE = (0.05, 20.0)
"""What lies outside is taken for a mistake of the count, and cut off."""


class Ratio(msgspec.Struct, frozen=True, gc=False):
    """What is known of one model."""

    calls: int = 0
    mean: float = 1.0
    deviation: float = 0.0
    """Mean distance from the mean."""
    high: float = 1.0
    """The quantile."""

    def observe(self, estimated: int, real: int) -> Ratio:
        """With one more call. An estimate of nothing teaches nothing."""
        if estimated <= 0 or real <= 0:
            return self
        ratio = min(max(real / estimated, RATIO_RANGE[0]), RATIO_RANGE[1])
        weight = max(1 / (self.calls + 2), FORGET)  # the 1.0 at the start counts as one call
        distance = ratio - self.mean
        deviation = self.deviation + weight * (abs(distance) - self.deviation)
        return Ratio(
            calls=self.calls + 1,
            mean=self.mean + weight * distance,
            deviation=deviation,
            high=self._high(ratio, deviation),
        )

    def _high(self, ratio: float, deviation: float) -> float:
        if self.calls == 0:
            return ratio
        if self.calls < FIRST_CALLS:
            return max(self.high, ratio)
        if ratio == self.high:  # an estimate that is always right, or always wrong by the same, stays put
            return ratio
        step = max(STEP * deviation, LEAST_STEP)
        return self.high + step * (QUANTILE if ratio > self.high else QUANTILE - 1)


class Learned(msgspec.Struct, frozen=True):
    """What is known of all models. A value: ``observe`` returns the next one."""

    ratios: Mapping[str, Ratio] = {}

    def observe(self, model: str, estimated: int, real: int) -> Learned:
        """With one more call of ``model``, whose prompt (or answer) was estimated and then reported."""
        known = self.ratios.get(model, _UNKNOWN)
        return Learned({**self.ratios, model: known.observe(estimated, real)})

    def expected(self, model: str, estimate: int) -> int:
        """The estimate, corrected."""
        return ceil(estimate * self.ratios.get(model, _UNKNOWN).mean)

    def upper(self, model: str, estimate: int) -> int:
        """What the count will not exceed in about 19 of 20 calls; never below what is expected."""
        known = self.ratios.get(model, _UNKNOWN)
        return ceil(estimate * max(known.mean, known.high))


_UNKNOWN = Ratio()
