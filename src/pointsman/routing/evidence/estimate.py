"""Estimates with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist

import msgspec


class Estimate(msgspec.Struct, frozen=True):
    value: float
    low: float
    high: float


def mean_of(values: Sequence[float], confidence: float = 0.95) -> Estimate:
    """With the interval of a normal approximation. Raises ValueError where there is nothing."""
    if not values:
        raise ValueError("there is nothing to take the mean of")
    mean = sum(values) / len(values)
    return _around(mean, [value - mean for value in values], confidence)


def ratio_of(above: Sequence[float], below: Sequence[float], confidence: float = 0.95) -> Estimate | None:
    """Of the means of two things measured together, by the delta method; None where the second is 0."""
    whole = sum(below)
    if not whole:
        return None
    ratio = sum(above) / whole
    scale = len(below) / whole
    return _around(ratio, [(a - ratio * b) * scale for a, b in zip(above, below, strict=True)], confidence)


def _around(value: float, influences: Sequence[float], confidence: float) -> Estimate:
    """``influences``: what each observation adds to the estimate, of mean 0."""
    n = len(influences)
    error = sqrt(sum(part * part for part in influences)) / n if n > 1 else float("inf")
    reach = NormalDist().inv_cdf((1 + confidence) / 2) * error
    return Estimate(value, value - reach, value + reach)
