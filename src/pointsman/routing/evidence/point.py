"""What is known of one labelled prompt: what a router says of it, and how well each model really answered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Literal

import msgspec

from pointsman.routing.graded import Graded
from pointsman.routing.judgement import Judgement, choose

Source = Literal["graded", "shadow", "import", "feedback"]
"""Where scores come from. Feedback is what callers say: anyone with a key can say anything."""


class Point(msgspec.Struct, frozen=True):
    """In the order of the router's models; the last is the baseline."""

    losses: tuple[float, ...]
    scores: tuple[float, ...]
    """Measured, 0 to 1."""
    costs: tuple[float, ...]
    """What the answer of each model cost, or would have; any unit, the same for all points."""
    familiarity: float = 1.0
    id: str = ""
    tenant: str = ""
    source: Source = "graded"


def point_of(
    graded: Graded,
    judgement: Judgement,
    models: Sequence[str],
    costs: tuple[float, ...],
    source: Source = "graded",
) -> Point:
    """Raises KeyError where a model has no score."""
    return Point(
        losses=judgement.losses,
        scores=tuple(graded.scores[model] for model in models),
        costs=costs,
        familiarity=judgement.familiarity,
        id=graded.id,
        tenant=graded.sample.tenant,
        source=source,
    )


def position(point: Point, costs: tuple[float, ...], threshold: float, min_familiarity: float) -> int:
    """Of the model that the policy sends it to. ``costs`` are those that the policy compares, the same for
    all prompts: what an answer will cost is not known when it is asked for."""
    if point.familiarity < min_familiarity:
        return len(point.losses) - 1
    return choose(point.losses, costs, threshold)


def mean_costs(points: Iterable[Point]) -> tuple[float, ...]:
    """Of each model. Raises ValueError where there is no point."""
    rows = [point.costs for point in points]
    if not rows:
        raise ValueError("there are no points to take the mean of")
    return tuple(sum(column) / len(rows) for column in zip(*rows, strict=True))


def in_random_order(points: Iterable[Point]) -> list[Point]:
    """By a hash of each point's id and content: the same for the same points, whatever order they came in,
    and nothing to do with it. A test that bets on one point after the other needs such an order."""
    return sorted(points, key=_hash)


def digest_of(points: Iterable[Point]) -> str:
    """Of the data itself, in any order."""
    whole = blake2b(digest_size=16)
    for one in sorted(_hash(point) for point in points):
        whole.update(one)
    return whole.hexdigest()


def _hash(point: Point) -> bytes:
    return blake2b(msgspec.msgpack.encode(point), digest_size=16).digest()
