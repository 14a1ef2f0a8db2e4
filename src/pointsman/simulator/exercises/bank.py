"""All exercises: written from a seed, or found again from a prompt."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pointsman.simulator.dice import Dice

from .exercise import KINDS, Exercise, Kind, Source
from .reading import DOCUMENTS, SENTENCES
from .reasoning import CODE, LAW
from .stories import Stories

_SOURCES: tuple[Source, ...] = (
    Stories("sums", 1, 2),
    Stories("steps", 5, 7),
    *DOCUMENTS,
    *SENTENCES,
    *CODE,
    *LAW,
)
_BY_KIND: Mapping[Kind, tuple[Source, ...]] = {
    kind: tuple(source for source in _SOURCES if source.kind == kind) for kind in KINDS
}
MIX: Mapping[Kind, int] = {"sums": 22, "reading": 22, "languages": 14, "steps": 16, "code": 14, "law": 12}
"""Of a hundred prompts."""


def exercises(seed: int, mix: Mapping[Kind, int] = MIX) -> Iterator[Exercise]:
    """Without end, and no prompt twice.

    Args:
        mix: how often each kind comes, relative to the others.
    """
    drawn = [kind for kind, weight in mix.items() for _ in range(weight)]
    seen: set[str] = set()
    number = 0
    while True:
        dice = Dice(seed, b"exercise", number)
        number += 1
        exercise = dice.choice("source", _BY_KIND[dice.choice("kind", drawn)]).write(dice)
        if exercise.prompt not in seen:
            seen.add(exercise.prompt)
            yield exercise


def recognise(prompt: str) -> Exercise | None:
    """None: it is no exercise."""
    return next((found for source in _SOURCES if (found := source.read(prompt)) is not None), None)
