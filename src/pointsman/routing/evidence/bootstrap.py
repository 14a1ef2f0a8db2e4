"""Intervals by resampling prompts. What is compared is so on the same resamples: differences are paired.
NumPy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec
import numpy as np
from numpy.typing import NDArray

from .curve import Order, apgr, cpt

Floats = NDArray[np.float64]
Interval = tuple[float, float]
_AT_ONCE = 50


class Drawn(msgspec.Struct, frozen=True):
    """95 % intervals of one order of prompts."""

    apgr: Interval
    cpt50: Interval
    cpt80: Interval
    ahead: Interval
    """Of its APGR over that of the first order, on the same resamples."""


def bootstrap(
    orders: Mapping[str, Order], count: int, resamples: int = 1000, seed: int = 0
) -> dict[str, Drawn]:
    """
    Args:
        orders: the first is what the others are held against.
        count: prompts.
    """
    kept: dict[str, list[tuple[Floats, Floats, Floats]]] = {name: [] for name in orders}
    for counts in _draws(count, resamples, np.random.default_rng(seed)):
        for name, order in orders.items():
            shares, gained = order.curves(counts)
            with np.errstate(divide="ignore", invalid="ignore"):
                found = apgr(shares, gained), cpt(shares, gained, 0.5), cpt(shares, gained, 0.8)
            kept[name].append(found)
    first = np.concatenate([each[0] for each in kept[next(iter(orders))]])
    made = {}
    for name, parts in kept.items():
        area, half, most = (np.concatenate([part[at] for part in parts]) for at in range(3))
        with np.errstate(invalid="ignore"):
            ahead = area - first
        made[name] = Drawn(interval(area), interval(half), interval(most), interval(ahead))
    return made


def interval(values: Floats) -> Interval:
    """Of 95 %, of what is a number."""
    known = values[np.isfinite(values)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, (0.025, 0.975))
    return float(low), float(high)


def _draws(count: int, resamples: int, rng: np.random.Generator) -> Iterator[NDArray[np.int64]]:
    for start in range(0, resamples, _AT_ONCE):
        rows = min(_AT_ONCE, resamples - start)
        yield rng.multinomial(count, np.full(count, 1 / count), size=rows)
