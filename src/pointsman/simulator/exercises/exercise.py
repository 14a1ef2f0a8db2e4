"""A task with one right answer, and templates that write such tasks and read them again.

A template is a text with places, as in ``{start} wagons``. It is written with drawn values, and read back
from the text alone: nothing in a prompt but its own words tells what it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from string import Formatter
from typing import Literal, Protocol, get_args

import msgspec

from pointsman.simulator.dice import Dice

Kind = Literal["sums", "reading", "languages", "steps", "code", "law"]
KINDS: tuple[Kind, ...] = get_args(Kind)
WORDS: dict[Kind, str] = {
    "sums": "sums of one or two steps",
    "steps": "sums of five to seven steps",
    "reading": "a number found in a document",
    "languages": "a number in another language",
    "code": "what a function returns",
    "law": "time limits under contracts",
}
"""The kinds, for people."""

Values = Mapping[str, int]
Spelling = Callable[[int], str]
"""A number in words."""


class Exercise(msgspec.Struct, frozen=True):
    prompt: str
    kind: Kind
    answer: int
    slip: int
    """A wrong answer that is easily given."""


class Span(msgspec.Struct, frozen=True):
    """A whole number, both ends included."""

    low: int
    high: int


class Numerals(msgspec.Struct, frozen=True):
    """A number in the words of a language."""

    words: tuple[str, ...]
    values: tuple[int, ...]


Place = Span | Numerals | tuple[str, ...]
"""What can stand in a place: numbers, or one of several words, whose value is their position."""


class Source(Protocol):
    """Writes exercises of one sort, and knows them again."""

    @property
    def kind(self) -> Kind: ...

    def write(self, dice: Dice) -> Exercise: ...

    def read(self, prompt: str) -> Exercise | None:
        """None: it has not written that."""
        ...


class Template:
    """A whole prompt with places.

    Args:
        right: the right answer, of the values of all places.
        slip: a wrong one; where it happens to be right, one more is the slip.
    """

    def __init__(
        self,
        kind: Kind,
        text: str,
        right: Callable[[Values], int],
        slip: Callable[[Values], int],
        places: Mapping[str, Place],
    ) -> None:
        self.kind = kind
        self._text = text
        self._right = right
        self._slip = slip
        self._places = places
        self._pattern = _pattern(text, places)

    def write(self, dice: Dice) -> Exercise:
        shown = {name: _draw(name, place, dice) for name, place in self._places.items()}
        exercise = self.read(self._text.format(**shown))
        assert exercise is not None, "what a template writes it can read"
        return exercise

    def read(self, prompt: str) -> Exercise | None:
        found = self._pattern.fullmatch(prompt)
        if found is None:
            return None
        values = {name: _value(place, found[name]) for name, place in self._places.items()}
        right = self._right(values)
        slip = self._slip(values)
        return Exercise(prompt, self.kind, right, slip if slip != right else right + 1)


def _pattern(text: str, places: Mapping[str, Place]) -> re.Pattern[str]:
    made, seen = "", set[str]()
    for literal, name, _, _ in Formatter().parse(text):
        made += re.escape(literal)
        if name is None:
            continue
        made += f"(?P={name})" if name in seen else f"(?P<{name}>{_options(places[name])})"
        seen.add(name)
    return re.compile(made)


def _options(place: Place) -> str:
    if isinstance(place, Span):
        return "[0-9]{1,9}"
    words = place.words if isinstance(place, Numerals) else place
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _draw(name: str, place: Place, dice: Dice) -> str:
    if isinstance(place, Span):
        return str(dice.integer(name, place.low, place.high))
    return dice.choice(name, place.words if isinstance(place, Numerals) else place)


def _value(place: Place, shown: str) -> int:
    if isinstance(place, Span):
        return int(shown)
    if isinstance(place, Numerals):
        return place.values[place.words.index(shown)]
    return place.index(shown)
