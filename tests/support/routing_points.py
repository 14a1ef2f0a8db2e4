"""Labelled prompts whose true quality is known, for tests of what is certified of them."""

from __future__ import annotations

from bisect import bisect_left
from itertools import accumulate
from random import Random

from pointsman.routing.evidence import Point, Source


def pair_points(
    rng: Random,
    count: int,
    *,
    hard: float = 0.5,
    gap: float = 0.5,
    source: Source = "graded",
    tenant: str = "",
) -> list[Point]:
    """Easy prompts, on which both models are right in 90 of 100, and a share of hard ones on which the weak
    one is right less often by ``gap``. The router knows which is which, nearly: its loss rises from 0 to
    ``gap`` with how likely the prompt is to be hard."""
    points = []
    for number in range(count):
        odds = rng.random() ** (0.5 / hard if hard else 9)
        is_hard = hard > 0 and rng.random() < odds
        strong = float(rng.random() < 0.9)
        weak = float(rng.random() < (0.9 - gap if is_hard else 0.9))
        points.append(
            Point((odds * gap, 0.0), (weak, strong), (1.0, 5.0), id=f"{number}", source=source, tenant=tenant)
        )
    return points


class World:
    """So many points that what a threshold keeps here is what it really keeps."""

    def __init__(self, points: list[Point]) -> None:
        by_loss = sorted((point.losses[0], *point.scores) for point in points)
        self._losses = [loss for loss, _, _ in by_loss]
        gains = accumulate((weak - strong for _, weak, strong in by_loss), initial=0.0)
        self._gains = list(gains)
        """By how many prompts go to the weak model, those of the lowest losses first."""
        self._strong = sum(strong for _, _, strong in by_loss)

    def kept(self, threshold: float | None) -> float:
        """Share of the strong model's quality that a threshold keeps; None is the strong model alone."""
        to_weak = 0 if threshold is None else bisect_left(self._losses, threshold)
        return (self._strong + self._gains[to_weak]) / self._strong
