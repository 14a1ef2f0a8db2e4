"""Routers made by hand, whose weights are known."""

from __future__ import annotations

from array import array
from collections.abc import Mapping
from typing import Any

from pointsman.routing.features import BUCKETS, bounded, tokens, word
from pointsman.routing.parts import ROUTE_BUCKETS, Head, Parts
from pointsman.routing.shape import SHAPE


def bucket(written: str) -> int:
    return word(next(tokens(bounded(written)))[0])


def table(weights: Mapping[str, int], size: int = BUCKETS) -> bytes:
    numbers = array("h", bytes(2 * size))
    for written, weight in weights.items():
        numbers[bucket(written) & size - 1] = weight
    return numbers.tobytes()


def head(weights: Mapping[str, int], **changes: Any) -> Head:
    given: dict[str, Any] = {
        "words": table(weights),
        "scale": 0.01,
        "shape": (0.0,) * len(SHAPE),
        "origin": {},
        "routes": {},
        "bias": 0.0,
        "curve": (),
    }
    return Head(**(given | changes))


def route_table(weights: Mapping[str, int]) -> bytes:
    return table(weights, ROUTE_BUCKETS)


def parts(**changes: Any) -> Parts:
    """The weak model fails at "hard"; the strong one answers all well. "easy" and "hard" are known words."""
    known = bytearray(BUCKETS)
    for written in ("easy", "hard"):
        known[bucket(written)] = 1
    given: dict[str, Any] = {
        "models": ("weak", "strong"),
        "heads": (head({"hard": -300, "easy": 200}), head({}, bias=2.0)),
        "gaps": ((0.0, 1.0),),
        "known": bytes(known),
        "low": bytes(len(SHAPE)),
        "high": bytes([100] * len(SHAPE)),
        "middle": (0.0,) * len(SHAPE),
        "usual": (0.1, 0.2, 0.3, 0.4),
        "prompts": 10,
        "labels": 20,
    }
    return Parts(**(given | changes))
