"""What a router is made of. ``router_file.py`` writes and reads it; ``scorer.py`` sums it up."""

from __future__ import annotations

import msgspec

ROUTE_BUCKETS = 1 << 14
"""Of the words on one route: fewer than of all, for there is less to learn from."""


class Head(msgspec.Struct, frozen=True):
    """That one model answers well: a sum over what is in a prompt, as log-odds, and a curve."""

    words: bytes
    """Of each bucket of words and pairs: a signed number of 16 bits, the lower byte first."""
    scale: float
    """What 1 of these is worth, divided by the root of how many words and pairs a prompt has."""
    shape: tuple[float, ...]
    """What 1 of each number of the shape is worth."""
    origin: dict[int, float]
    """Of known routes, tenants and system prompts."""
    routes: dict[int, bytes]
    """What words are worth more or less on a route; in the same unit."""
    bias: float
    curve: tuple[tuple[float, float], ...]
    """Points of a rising line from the chance by these log-odds to the calibrated one; none: it is that."""


class Parts(msgspec.Struct, frozen=True):
    models: tuple[str, ...]
    """From weak to strong; the last is the one that the others are held against."""
    heads: tuple[Head, ...]
    """Of each model."""
    gaps: tuple[tuple[float, float], ...]
    """Of each model but the last: what is lost by it is the first plus the second times how far the chance of
    the last is above its own, both without their curves."""
    known: bytes
    """Of each bucket: 1 if a word was learned from, plus 2 if a pair was."""
    low: bytes
    """Of each number of the shape, the least that was learned from. What is beyond counts as just there."""
    high: bytes
    middle: tuple[float, ...]
    """Its usual numbers: what an explanation holds those of a prompt against."""
    usual: tuple[float, ...]
    """How well known prompts are, ascending: of those learned from, each by all the others."""
    prompts: int
    labels: int
    learned: bytes = b""
    """Marks of prompts that it was trained on, as ``learned_from.py`` makes them; none: it is not known."""
