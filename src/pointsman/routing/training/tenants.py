"""How much each prompt weighs, so that no tenant alone decides what all are judged by."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MOST_SHARE = 0.25
"""Of all prompts, that one tenant may weigh."""
ALWAYS = 1000
"""Prompts of a tenant that weigh in full whatever its share: with few labels, all are needed."""


def weights_of(tenants: Sequence[int]) -> NDArray[np.float64]:
    """One for each prompt; less for those of a tenant that has more than its share. Prompts without a tenant
    (0) are the operator's own. Where there are no others, nobody is held back."""
    _, position, counts = np.unique(np.asarray(tenants, np.int64), return_inverse=True, return_counts=True)
    named = np.zeros(len(counts), bool)
    named[position[np.asarray(tenants) != 0]] = True
    if len(counts) < 2:
        return np.ones(len(tenants))
    most = np.where(named, np.maximum(_level(counts, named), ALWAYS), counts)
    return (np.minimum(counts, most) / counts)[position]


def _level(counts: NDArray[np.int64], named: NDArray[np.bool_]) -> float:
    """What a tenant may weigh at most, so that it is ``MOST_SHARE`` of what all then weigh."""
    level = float(counts.max())
    for _ in range(50):
        whole = np.where(named, np.minimum(counts, level), counts).sum()
        level = min(level, float(MOST_SHARE * whole))
    return level
