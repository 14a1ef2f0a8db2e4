"""Graded prompts and judgements of them, for tests of how routers are measured."""

from __future__ import annotations

from random import Random

from pointsman.routing import Judgement, Sample
from pointsman.routing.evidence.evaluation import Table
from pointsman.routing.graded import Graded

MODELS = ("haiku", "sonnet", "opus")
TOPICS = tuple(
    a + b for a in ("ra", "lo", "mi", "tu", "ke") for b in ("ven", "dor", "sil", "bar", "nok", "pim")
)


def graded(number: int, hard: bool, rng: Random) -> Graded:
    """Sums are easy and proofs are hard for the weaker ones; what a weak one can do, a strong one can."""
    topic = " ".join(rng.choices(TOPICS, k=3))
    text = f"Prove the theorem of {topic}" if hard else f"What is the sum of {topic}?"
    odds = dict(zip(MODELS, (0.3, 0.6, 0.9) if hard else (0.9, 0.9, 0.9), strict=True))
    luck = rng.random()
    scores = {model: float(luck < chance) for model, chance in odds.items()}
    tokens = dict.fromkeys(MODELS, (20, 100))
    return Graded(f"q{number}", Sample(text), "proofs" if hard else "sums", scores, tokens)


def prompts(count: int, seed: int = 0) -> list[Graded]:
    rng = Random(seed)
    return [graded(number, rng.random() < 0.5, rng) for number in range(count)]


def table(count: int = 600, seed: int = 0) -> Table:
    """Of a router that knows which are the hard ones."""
    made = prompts(count, seed)
    judged = [
        Judgement((0.3, 0.6, 0.9), (0.6, 0.3, 0.0), 1.0)
        if one.group == "proofs"
        else Judgement((0.9, 0.9, 0.9), (0.0, 0.0, 0.0), 1.0)
        for one in made
    ]
    return Table(MODELS, made, judged)
