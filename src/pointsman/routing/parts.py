"""What a router is made of, as values. ``router_file.py`` writes and reads them, ``router.py`` judges by them."""

from __future__ import annotations

import msgspec


class Curve(msgspec.Struct, frozen=True):
    """A rising line through points, flat beyond its ends: from a raw score to what was measured there."""

    x: tuple[float, ...]
    y: tuple[float, ...]


class Head(msgspec.Struct, frozen=True):
    """One thing that is predicted of a prompt: a sum over what is in it, and the curve that calibrates it."""

    weights: bytes
    """Of each bucket of words and pairs; signed bytes."""
    scale: float
    """What a weight of 1 is worth."""
    shape: tuple[float, ...]
    origin: dict[int, float]
    bias: float
    curve: Curve


class Parts(msgspec.Struct, frozen=True):
    models: tuple[str, ...]
    """From weak to strong; the last is the one that the others are held against."""
    quality: tuple[Head, ...]
    """For each model: that it answers well."""
    losses: tuple[Head, ...]
    """For each model but the last: what is lost by it against the last."""
    known: bytes
    """Of each bucket: how much it tells that it was learned from; 0 where it was not."""
    familiar: Curve
    labels: int
    prompts: int
