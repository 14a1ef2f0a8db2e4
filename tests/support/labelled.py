"""Labelled prompts of two kinds: hard ones, that only the large model answers well, and easy ones."""

from __future__ import annotations

import random
from collections.abc import Sequence

from pointsman.routing.decision import Decision
from pointsman.routing.features import Features, featurise
from pointsman.routing.judgement import Judgement
from pointsman.routing.labels.kept import Labelled, Mark, Prompt, Source
from pointsman.routing.sample import Sample
from tests.support.routed import LARGE, SMALL

EASY = ("list the colours", "translate the greeting", "name the capital", "spell the word")
_WORDS = [f"word{a}{b}" for a in "abcdefgh" for b in "ijklmnop"]
HARD = ("prove the theorem", "derive the integral", "design the protocol", "optimise the compiler")


def a_prompt(number: int, *, hard: bool, source: Source = "shadow", tenant: str = "") -> Labelled:
    """Both models answered it, in 100 tokens in and 50 out."""
    words = HARD if hard else EASY
    rng = random.Random(number)
    rest = " ".join(rng.choice(_WORDS) for _ in range(rng.randint(2, 12)))
    text = f"{rng.choice(words)} {rest}"
    features = featurise(Sample(text=text, route="default")).encode()
    marks = (
        Mark(SMALL, 0.0 if hard else 1.0, source, number, input_tokens=100, output_tokens=50),
        Mark(LARGE, 1.0, source, number, input_tokens=100, output_tokens=50),
    )
    return Labelled(Prompt(f"req_{number}", "default", tenant, number, features), marks)


def prompts(count: int, *, hard_share: float = 0.5, seed: int = 1) -> list[Labelled]:
    rng = random.Random(seed)
    return [a_prompt(number, hard=rng.random() < hard_share) for number in range(count)]


def logged(count: int, *, explored: float = 0.5, seed: int = 3) -> tuple[list[Labelled], dict[str, Decision]]:
    """Half of the prompts are hard; the small model is chosen at random, and fails on those that are."""
    rng = random.Random(seed)
    found, decisions = [], {}
    for number in range(count):
        hard, small = bool(number & 1), rng.random() < explored
        each = a_prompt(number, hard=hard)
        score = 0.0 if hard and small else 1.0
        model = SMALL if small else LARGE
        found.append(Labelled(each.prompt, (Mark(model, score, "feedback", number),)))
        chance = explored if small else 1 - explored
        decisions[each.prompt.id] = Decision(
            "default", "learned", (SMALL, LARGE), (SMALL, LARGE).index(model), "explored", propensity=chance
        )
    return found, decisions


class Oracle:
    """A judge that knows which prompts are hard: by their words, as a router that has learned well would."""

    def __init__(self, models: Sequence[str] = (SMALL, LARGE), digest: str = "oracle") -> None:
        self.models = tuple(models)
        self.digest = digest
        self._hard = {
            featurise(Sample(text=word)).words
            for text in HARD
            for word in text.split()
            if word not in ("the",)
        }

    def judge_features(self, features: Features) -> Judgement:
        hard = any(word in features.words for word in self._hard)
        weak = len(self.models) - 1
        loss = 0.9 if hard else 0.0
        return Judgement((1 - loss,) * weak + (1.0,), (loss,) * weak + (0.0,), 1.0)

    def encode(self) -> bytes:
        return self.digest.encode()
