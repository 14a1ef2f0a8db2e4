"""A made-up world of prompts in which it is known which models answer what well."""

from __future__ import annotations

import random

from pointsman.routing.features import featurise
from pointsman.routing.sample import Sample
from pointsman.routing.training import Example

WEAK, STRONG = "weak", "strong"
EASY = ("weather", "greeting", "colour", "lunch", "holiday", "garden")
HARD = ("integral", "theorem", "quantum", "compiler", "topology", "entropy")
_FILL = (
    "please",
    "tell",
    "me",
    "about",
    "the",
    "of",
    "in",
    "a",
    "how",
    "what",
    "is",
    "it",
    "and",
    "then",
    "my",
)


def text_of(rng: random.Random, *, hard: bool) -> str:
    """Twelve words or so, two of which tell how hard it is."""
    words = rng.choices(_FILL, k=rng.randint(6, 14)) + rng.choices(HARD if hard else EASY, k=2)
    rng.shuffle(words)
    return " ".join(words) + "?"


def example(
    rng: random.Random,
    *,
    hard: bool,
    route: str = "",
    tenant: str = "",
    weak_when_hard: float = 0.2,
    strong: float = 0.9,
) -> Example:
    """The weak model answers nine of ten easy ones well, the strong one as many of all."""
    sample = Sample(text_of(rng, hard=hard), route=route, tenant=tenant)
    chance = weak_when_hard if hard else 0.9
    scores = {WEAK: float(rng.random() < chance), STRONG: float(rng.random() < strong)}
    return Example(featurise(sample), scores)


def examples(count: int, seed: int = 1, *, route: str = "", tenant: str = "") -> list[Example]:
    """Every other one is hard."""
    rng = random.Random(seed)
    return [example(rng, hard=n % 2 == 1, route=route, tenant=tenant) for n in range(count)]
