"""What traffic looked like when a certificate was made: how expected losses and familiarity were spread."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import msgspec

PARTS = 10


class Histogram(msgspec.Struct, frozen=True):
    """Bins by rising edges: bin 0 is below the first, the last from the last on."""

    edges: tuple[float, ...]
    shares: tuple[float, ...]

    def bin_of(self, value: float) -> int:
        return bisect_right(self.edges, value)


class Fingerprint(msgspec.Struct, frozen=True):
    count: int
    loss: Histogram
    """Of the smallest expected loss among the models below the baseline."""
    familiarity: Histogram


def fingerprint_of(losses: Sequence[tuple[float, ...]], familiarity: Sequence[float]) -> Fingerprint:
    """Of at least one prompt; ``losses`` as a judgement has them, the baseline's last."""
    return Fingerprint(
        count=len(losses),
        loss=histogram([smallest(one) for one in losses]),
        familiarity=histogram(familiarity),
    )


def smallest(losses: tuple[float, ...]) -> float:
    return min(losses[:-1], default=0.0)


def histogram(values: Sequence[float], parts: int = PARTS) -> Histogram:
    """With bins that hold about as many each, as far as equal values allow. Raises ValueError for none."""
    if not values:
        raise ValueError("there are no values to count")
    ordered = sorted(values)
    edges = sorted({ordered[len(ordered) * part // parts] for part in range(1, parts)})
    counts = [0] * (len(edges) + 1)
    for value in ordered:
        counts[bisect_right(edges, value)] += 1
    return Histogram(tuple(edges), tuple(count / len(ordered) for count in counts))
