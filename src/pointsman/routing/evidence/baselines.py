"""What a router must beat: orders of prompts that know nothing of it, or everything. NumPy.

Each is a score of every prompt; the larger, the sooner the prompt goes to the strong model.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from pointsman.routing.graded import Graded
from pointsman.routing.keywords import keyword_position

Floats = NDArray[np.float64]
_FOLDS = 10


def random_mix(prompts: Sequence[Graded]) -> Floats:
    """All equal: any order is as good as any other."""
    return np.zeros(len(prompts))


def length(prompts: Sequence[Graded]) -> Floats:
    return np.array([float(one.sample.chars) for one in prompts])


def keywords(prompts: Sequence[Graded]) -> Floats:
    """The classes simple, moderate and complex, by words alone."""
    return np.array([float(keyword_position(one.sample.text, 3)) for one in prompts])


def oracle(gains: Floats) -> Floats:
    """The true gain of each prompt, which nobody knows before both models have answered."""
    return gains


def group_prior(
    prompts: Sequence[Graded], gains: Floats, known: Mapping[str, Sequence[float]] | None = None
) -> Floats | None:
    """The mean gain of the prompt's group; None where no prompt has a group.

    Args:
        known: gains of other prompts by group, such as those that the router was trained on. Without it each
            tenth of the prompts is ranked by the others' means, as distances from the mean of all of these:
            leaving out a prompt moves both, and would rank those of one group by the reverse of their gains.
    """
    names = [one.group for one in prompts]
    if not any(names):
        return None
    if known is not None:
        values = [gain for group in known.values() for gain in group]
        overall = float(np.mean(values)) if values else 0.0
        means = {name: _shrunk(np.array(group), overall) for name, group in known.items()}
        return np.array([means.get(name, overall) for name in names])
    groups = np.array(names)
    fold = np.array([crc32(one.id.encode()) % _FOLDS for one in prompts])
    need = np.zeros(len(prompts))
    for part in range(_FOLDS):
        others, here = fold != part, fold == part
        overall = float(gains[others].mean()) if others.any() else 0.0
        for name in np.unique(groups[here]):
            known_gain = _shrunk(gains[others & (groups == name)], overall)
            need[here & (groups == name)] = round(known_gain - overall, 9)
    return need


def _shrunk(gains: Floats, overall: float, weight: float = 5.0) -> float:
    """A mean, drawn to that of all where there are few."""
    return float((gains.sum() + weight * overall) / (len(gains) + weight))
