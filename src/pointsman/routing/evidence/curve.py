"""Quality against share: PGR, APGR and CPT of an order in which prompts go to the strong model. NumPy.

Where scores are equal the order is a matter of chance. In a random order of tied prompts each is as likely
to stand at each place, so the expected sum of the gains of the first k of m is k/m of all: the expected curve
is a straight line over the tied ones, and since APGR is linear in the curve, the area under that line is
exactly what many shuffles would give in the mean. CPT is read from the same expected curve.
"""

from __future__ import annotations

from math import sqrt

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Gap(msgspec.Struct, frozen=True):
    """Of the strong model's mean score over the weak one's."""

    value: float
    error: float
    """Standard error of the paired difference."""

    @property
    def is_none(self) -> bool:
        """No gap that could be recovered is shown: PGR would divide by noise."""
        return self.value <= 2 * self.error


def gap_of(gains: Floats) -> Gap:
    """``gains``: strong score - weak score of each prompt."""
    n = len(gains)
    return Gap(float(gains.mean()), float(gains.std(ddof=1)) / sqrt(n) if n > 1 else float("inf"))


class Order:
    """Prompts sorted by how much they need the strong model, tied ones together.

    Args:
        need: a score of each prompt; the larger, the sooner it goes to the strong model.
        gains: strong score - weak score.
    """

    def __init__(self, need: Floats, gains: Floats) -> None:
        self._sorted = np.argsort(-need, kind="stable")
        in_order = need[self._sorted]
        self._starts = np.flatnonzero(np.r_[True, in_order[1:] != in_order[:-1]])
        self._gains = gains[self._sorted]

    def curves(self, counts: Ints | None = None) -> tuple[Floats, Floats]:
        """The ends of the straight pieces of the expected curve: shares of prompts sent to the strong model,
        and sums of gains per prompt. A row for each row of ``counts``.

        Args:
            counts: how often each prompt is in a resample, a row for each; each once if None.
        """
        rows = np.ones((1, len(self._gains)), dtype=np.int64) if counts is None else counts[:, self._sorted]
        weights = np.add.reduceat(rows, self._starts, axis=1)
        sums = np.add.reduceat(rows * self._gains, self._starts, axis=1)
        zero = np.zeros((len(rows), 1))
        total = rows.sum(axis=1, keepdims=True)
        shares = np.hstack([zero, np.cumsum(weights, axis=1)]) / total
        gained = np.hstack([zero, np.cumsum(sums, axis=1)]) / total
        return shares, gained


def apgr(shares: Floats, gained: Floats) -> Floats:
    """Area under PGR over the share of prompts sent to the strong model. A random order has .5."""
    area = ((gained[:, 1:] + gained[:, :-1]) / 2 * np.diff(shares, axis=1)).sum(axis=1)
    return np.asarray(area / gained[:, -1])


def cpt(shares: Floats, gained: Floats, level: float) -> Floats:
    """The smallest share with a PGR of at least ``level``. A random order has ``level``, nearly."""
    wanted = level * gained[:, -1:]
    at = np.argmax(gained >= wanted - 1e-12, axis=1)
    row = np.arange(len(shares))
    before = np.maximum(at - 1, 0)
    rise = gained[row, at] - gained[row, before]
    part = np.where(rise > 0, (wanted[:, 0] - gained[row, before]) / np.where(rise > 0, rise, 1), 0.0)
    return np.asarray(shares[row, before] + np.clip(part, 0, 1) * (shares[row, at] - shares[row, before]))


def pgr_at(shares: Floats, gained: Floats, at: Floats) -> Floats:
    """PGR of the first row at the given shares."""
    return np.asarray(np.interp(at, shares[0], gained[0]) / gained[0, -1])


def share_for_floor(shares: Floats, gained: Floats, strong: float, floor: float) -> float:
    """The smallest share sent to the strong model that keeps ``floor`` of its quality, as read on the very
    prompts that it is read from, and so optimistic.

    Args:
        strong: mean score of the strong model.
    """
    lost = gained[0, -1] - gained[0]
    kept = np.flatnonzero(lost <= (1 - floor) * strong + 1e-12)
    at = int(kept[0])
    if at == 0:
        return 0.0
    rise = gained[0, at] - gained[0, at - 1]
    part = (gained[0, -1] - (1 - floor) * strong - gained[0, at - 1]) / rise
    return float(shares[0, at - 1] + part * (shares[0, at] - shares[0, at - 1]))
