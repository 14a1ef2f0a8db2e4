"""Models that differ in what they are good at: how often each answers which kind of exercise rightly.

Of one exercise all models share most of their luck: what one gets wrong is likely to be hard for the others
too, as with real models. So a draw decides how hard an exercise is, and a model answers it rightly where its
skill is above that; in one of four cases it has a draw of its own instead.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated

import msgspec

from pointsman.errors import ConfigurationError

from .dice import Dice
from .exercises import Exercise, Kind, recognise

_OWN_LUCK = 0.25
_SAME_SLIP = 0.7
"""Of the wrong answers, so many are the easy mistake, which others make too."""
_OPENINGS = ("", "Let me see. ", "Going through it step by step. ", "Here is how I read it. ")
_ENDINGS = (
    "The answer is {n}.",
    "So the answer is {n}.",
    "That makes {n}.",
    "It comes to {n}.",
    "The result: {n}.",
)
_WORKING: Mapping[Kind, tuple[str, ...]] = {
    "sums": ("I add what comes in and subtract what goes out. ", "One thing happens after the other. "),
    "steps": (
        "I take the changes one after the other, in the order they are told, and keep a running total. ",
        "Some of it comes in and some of it goes out, so I write down what is left after each sentence. ",
    ),
    "reading": ("The text says so directly. ", "It stands in the document. "),
    "languages": ("I take the word for the number apart. ", "The number is written out as one expression. "),
    "code": (
        "I follow the function line by line, with the variables as they are after each round of the loop. ",
        "First the values before the loop, then what each round of it changes, and then what is returned. ",
    ),
    "law": (
        "First the period itself, then what the clauses add or take, and then any limit to that. ",
        "The rule comes first, then its exceptions, one after the other, and in the end the day or the sum. ",
    ),
}

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
_tables = msgspec.toml.decode


class Skills:
    """By model, its id or an alias, and kind the probability of a right answer."""

    def __init__(self, table: Mapping[str, Mapping[Kind, float]]) -> None:
        self._table = table

    @property
    def models(self) -> frozenset[str]:
        return frozenset(self._table)

    def answer(self, prompt: str, names: Iterable[str], seed: int) -> str | None:
        """What the model of these names answers, the first that is known; None where the prompt is no
        exercise or nothing is said of the model and its kind."""
        name = next((name for name in names if name in self._table), None)
        exercise = None if name is None else recognise(prompt.strip())
        if name is None or exercise is None or exercise.kind not in self._table[name]:
            return None
        said = self._number(exercise, name, seed)
        dice = Dice(seed, f"{name}/{exercise.prompt}".encode())
        working = dice.choice("working", _WORKING[exercise.kind])
        return dice.choice("opening", _OPENINGS) + working + dice.choice("ending", _ENDINGS).format(n=said)

    def _number(self, exercise: Exercise, name: str, seed: int) -> int:
        shared = Dice(seed, exercise.prompt.encode())
        own = Dice(seed, f"{name}/{exercise.prompt}".encode())
        hardness = own if own.uniform("own luck") < _OWN_LUCK else shared
        if hardness.uniform("hardness") < self._table[name][exercise.kind]:
            return exercise.answer
        if own.uniform("slip") < _SAME_SLIP:
            return exercise.slip
        return exercise.answer + own.integer("off", 2, 9)


def parse_skills(text: str, source: str) -> Skills:
    """Read TOML: a table for each model, and in it a probability for each kind.

    Raises:
        ConfigurationError: says what is wrong.
    """
    try:
        return Skills(_tables(text, type=dict[str, dict[Kind, Share]]))
    except msgspec.DecodeError as error:
        raise ConfigurationError(
            f"{source}: {error}. It needs a table for each model, and in it probabilities by kind.",
            param="skills",
        ) from None
