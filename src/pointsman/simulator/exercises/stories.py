"""Sums told as stories: a stock, what happens to it, and how much of it there is in the end.

One or two things happen in a short story, five to seven in a long one. Both are made of the same sentences:
what makes a long one hard is that nothing may be forgotten.
"""

from __future__ import annotations

import re

from pointsman.simulator.dice import Dice

from .exercise import Exercise, Kind
from .names import PEOPLE, STOCK

_OPENINGS = (
    "There are {n} {stock}.",
    "In the morning {who} counts {n} {stock}.",
    "The week begins with {n} {stock}.",
    "{who} looks after the {n} {stock}.",
)
_EVENTS: tuple[tuple[str, int, bool], ...] = (
    ("{a} more come in.", 1, False),
    ("{who} brings {a} more.", 1, False),
    ("Later {a} are added.", 1, False),
    ("{a} are taken away.", -1, False),
    ("{who} removes {a} of them.", -1, False),
    ("{a} turn out to be damaged and are thrown out.", -1, False),
    ("Then {b} lorries bring {a} each.", 1, True),
    ("Each of {b} helpers adds {a}.", 1, True),
    ("Then {b} customers take {a} each.", -1, True),
    ("Somebody comes {b} times and fetches {a} each time.", -1, True),
)
"""What it says, whether it adds or takes, and whether that happens several times."""
_QUESTIONS = (
    "How many {stock} are there now?",
    "What is the number of {stock} after that?",
    "How many are left in the end?",
    "Work out how many {stock} there are at the end.",
    "Tell me the final number of {stock}.",
)


def _compiled(sentence: str) -> re.Pattern[str]:
    made = re.escape(sentence)
    made = made.replace(r"\{who\}", "(?:" + "|".join(PEOPLE) + ")")
    made = made.replace(r"\{stock\}", "(?P<stock>" + "|".join(map(re.escape, STOCK)) + ")")
    for number in ("n", "a", "b"):
        made = made.replace(rf"\{{{number}\}}", f"(?P<{number}>[0-9]{{1,6}})")
    return re.compile(made)


_OPENING_PATTERNS = tuple(map(_compiled, _OPENINGS))
_EVENT_PATTERNS = tuple((_compiled(text), sign, several) for text, sign, several in _EVENTS)
_QUESTION_PATTERNS = tuple(map(_compiled, _QUESTIONS))
_SENTENCES = re.compile(r"(?<=\.) ")


class Stories:
    """
    Args:
        least, most: things that happen.
    """

    def __init__(self, kind: Kind, least: int, most: int) -> None:
        self.kind = kind
        self._least, self._most = least, most

    def write(self, dice: Dice) -> Exercise:
        stock = dice.choice("stock", STOCK)
        total = dice.integer("n", 60, 400)
        opening = dice.choice("opening", _OPENINGS)
        said = [opening.format(n=total, stock=stock, who=dice.choice("who", PEOPLE))]
        for number in range(dice.integer("events", self._least, self._most)):
            sentence, change = _event(dice, str(number), total)
            said.append(sentence)
            total += change
        said.append(dice.choice("question", _QUESTIONS).format(stock=stock))
        exercise = self.read(" ".join(said))
        assert exercise is not None, "what is written can be read"
        return exercise

    def read(self, prompt: str) -> Exercise | None:
        opening, *events, question = _SENTENCES.split(prompt) if ". " in prompt else ("", "")
        begun = _first(_OPENING_PATTERNS, opening)
        asked = _first(_QUESTION_PATTERNS, question)
        if begun is None or asked is None or not self._least <= len(events) <= self._most:
            return None
        total = int(begun["n"])
        changes: list[int] = []
        for event in events:
            change = _change(event)
            if change is None:
                return None
            changes.append(change)
        right = total + sum(changes)
        return Exercise(prompt, self.kind, right, right - changes[-1])


def _event(dice: Dice, number: str, total: int) -> tuple[str, int]:
    text, sign, several = dice.choice(f"event {number}", _EVENTS)
    if sign < 0 and total < 30:
        text, sign, several = _EVENTS[0]
    times = dice.integer(f"b {number}", 2, 6) if several else 1
    most = min(60, total // (2 * times)) if sign < 0 else 60
    amount = dice.integer(f"a {number}", 2, max(2, most))
    sentence = text.format(a=amount, b=times, who=dice.choice(f"who {number}", PEOPLE))
    return sentence, sign * amount * times


def _change(event: str) -> int | None:
    for pattern, sign, several in _EVENT_PATTERNS:
        found = pattern.fullmatch(event)
        if found is not None:
            return sign * int(found["a"]) * (int(found["b"]) if several else 1)
    return None


def _first(patterns: tuple[re.Pattern[str], ...], text: str) -> re.Match[str] | None:
    return next((found for pattern in patterns if (found := pattern.fullmatch(text))), None)
