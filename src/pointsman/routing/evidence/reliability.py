"""Are stated chances what they say? ECE and Brier. NumPy."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
BINS = 15


class Reliability(msgspec.Struct, frozen=True):
    ece: float
    """Mean distance of what was stated from what came, over bins of equal width, by their prompts."""
    brier: float
    """Mean squared distance, prompt by prompt."""
    bins: tuple[tuple[float, float, int], ...]
    """Of each bin that holds any: mean stated, mean measured, prompts."""


def reliability(stated: Floats, scores: Floats, bins: int = BINS) -> Reliability:
    """``stated``: the chance that a model answers well, 0 to 1; ``scores``: how well it did."""
    which = np.minimum((stated * bins).astype(np.int64), bins - 1)
    found = []
    for number in np.unique(which):
        inside = which == number
        found.append((float(stated[inside].mean()), float(scores[inside].mean()), int(inside.sum())))
    ece = sum(abs(said - came) * count for said, came, count in found) / len(stated)
    return Reliability(ece, float(((stated - scores) ** 2).mean()), tuple(found))
