"""What is learned from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from zlib import crc32

import msgspec

from pointsman.routing.features import Features


class Example(msgspec.Struct, frozen=True):
    """One prompt: its features, and how well models answered it (0 to 1); not all need to be known."""

    features: Features
    scores: Mapping[str, float]


def in_order(examples: Sequence[Example], models: Sequence[str]) -> list[int]:
    """The positions of those that a model was scored for, in an order of their own, so that what is learned
    does not depend on how labels were sorted."""
    known = [at for at, e in enumerate(examples) if any(model in e.scores for model in models)]
    return sorted(known, key=lambda at: _key(examples[at]))


def _key(example: Example) -> tuple[object, ...]:
    features = example.features
    return features.words, features.pairs, features.shape, features.origin, sorted(example.scores.items())


def draw(features: Features, seed: int) -> int:
    """A number of 32 bits that is as good as random, and the same for the same words: copies of a prompt fall
    into one fold, and none is judged by what was learned from its twin."""
    return crc32(features.pairs, crc32(features.words, seed & 0xFFFFFFFF))
