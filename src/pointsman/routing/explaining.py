"""Of what the log-odds of a model consist for one prompt, by the names of its words."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import sqrt

import msgspec

from .features import bounded, pair, tokens, word
from .parts import ROUTE_BUCKETS
from .sample import Sample
from .scorer import Scorer
from .shape import SHAPE

_ORIGIN = ("route", "tenant", "system prompt")


class Contribution(msgspec.Struct, frozen=True):
    name: str
    """A word or pair of the prompt in quotes, a number of its shape, or where it comes from."""
    weight: float
    """What it adds to the log-odds."""


def named(
    sample: Sample,
    weights: Scorer,
    shape: bytes,
    middle: tuple[float, ...],
    origin: tuple[int, int, int],
) -> Iterator[tuple[str, float]]:
    """Every part of the sum but the bias, by its name in the text; the shape against the usual one."""
    read = list(tokens(bounded(sample.text)))
    words: dict[int, str] = {}
    pairs: dict[int, str] = {}
    for folded, written in read:
        words.setdefault(word(folded), written)
    for (a, first), (b, second) in pairwise(read):
        pairs.setdefault(pair(a, b), f"{first} {second}")
    unit = weights.scale / sqrt(len(words) + len(pairs) or 1)
    own = weights.routes.get(origin[0])
    for bucket, written in words.items():
        here = own[bucket & ROUTE_BUCKETS - 1] if own is not None else 0
        yield f'"{written}"', unit * (weights.words[bucket] + here)
    for bucket, written in pairs.items():
        yield f'"{written}"', unit * weights.words[bucket]
    for name, weight, number, usual in zip(SHAPE, weights.shape, shape, middle, strict=True):
        yield name, weight * (number - usual)
    for name, place in zip(_ORIGIN, origin, strict=True):
        yield name, weights.origin.get(place, 0.0)
