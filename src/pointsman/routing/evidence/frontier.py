"""Cost against quality: every single model, mixes of two, and a router between them. NumPy."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


class Single(msgspec.Struct, frozen=True):
    """One model for all prompts."""

    model: str
    quality: float
    error: float
    """Standard error of its mean score."""
    cost: float
    """Of a mean answer, as a part of the baseline's."""
    dominated_by: str | None
    """A model that is at least as good and costs no more: there is no reason to keep this one."""


class Place(msgspec.Struct, frozen=True):
    """Where a policy stands."""

    cost: float
    quality: float
    threshold: float
    mix: float | None
    """Quality of the best random mix of two models at the same cost."""


def singles(models: Sequence[str], scores: Floats, costs: Floats) -> tuple[Single, ...]:
    """``scores`` and ``costs``: a row for each prompt, a column for each model."""
    quality, cost = scores.mean(axis=0), costs.mean(axis=0) / (costs[:, -1].mean() or 1.0)
    error = scores.std(axis=0, ddof=1) / np.sqrt(len(scores)) if len(scores) > 1 else np.zeros(len(models))
    made = []
    for at, model in enumerate(models):
        better = [
            other
            for other in range(len(models))
            if quality[other] >= quality[at]
            and cost[other] <= cost[at]
            and (quality[other] > quality[at] or cost[other] < cost[at])
        ]
        best = max(better, key=lambda other: float(quality[other]), default=None)
        worse_than = None if best is None else models[best]
        made.append(Single(model, float(quality[at]), float(error[at]), float(cost[at]), worse_than))
    return tuple(made)


def best_mix(known: Sequence[Single], cost: float) -> float | None:
    """The best quality of a random mix of two models (or one) whose mean cost is at most ``cost``."""
    found: list[float] = [one.quality for one in known if one.cost <= cost]
    for low in known:
        for high in known:
            if low.cost <= cost < high.cost:
                part = (cost - low.cost) / (high.cost - low.cost)
                found.append(low.quality + part * (high.quality - low.quality))
    return max(found, default=None)


def frontier(
    losses: Floats, scores: Floats, costs: Floats, known: Sequence[Single], places: int = 60
) -> tuple[Place, ...]:
    """What thresholds from the safest to the riskiest cost and keep, by the rule of ``judgement.choose``.

    Args:
        losses: a row for each prompt, a column for each model but the last.
    """
    mean = costs.mean(axis=0)
    by_cost = [int(at) for at in np.argsort(mean[:-1], kind="stable") if mean[at] < mean[-1]]
    cuts = np.unique(np.quantile(losses, np.linspace(0, 1, places)))
    rows = np.arange(len(scores))
    made = []
    for threshold in (-np.inf, *cuts, np.inf):
        chosen = np.full(len(scores), len(mean) - 1)
        for at in reversed(by_cost):
            chosen[losses[:, at] < threshold] = at
        cost = float(costs[rows, chosen].mean() / (mean[-1] or 1.0))
        quality = float(scores[rows, chosen].mean())
        made.append(Place(cost, quality, float(threshold), best_mix(known, cost)))
    return tuple(made)
