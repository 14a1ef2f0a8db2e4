"""The act of the caches: a day in an office, in which most of what is asked has been asked before.

All of it is sent twice, to two gateways alike but for what they keep, each before simulated providers of its
own: so what was saved is the difference of two invoices, and not what somebody reckons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import Literal

import msgspec

from pointsman.demo.stage.long_text import long_text

HOURS = 24
SOL, SONNET = "gpt-6-sol", "claude-sonnet-5-5"

Part = Literal["questions", "boards", "agent", "retries", "resumed"]
PARTS: tuple[Part, ...] = ("questions", "boards", "agent", "retries", "resumed")
DOES: dict[Part, str] = {
    "questions": "staff ask, some things more often than others",
    "boards": "every hour all dashboards ask the same at once",
    "agent": "a coding agent sends all that went before, each turn",
    "retries": "an answer is lost on its way; the client asks again",
    "resumed": "a stream is cut off halfway; the client comes back",
}

_CURVE = (2, 1, 1, 1, 1, 2, 4, 9, 14, 17, 16, 13, 9, 12, 16, 15, 12, 8, 6, 5, 4, 3, 3, 2)
"""How much is asked in each hour of the day, beside the others."""
_BOARD_HOURS = range(7, 19)
_RETRY_HOURS = (9.4, 11.2, 14.6, 16.3)
_RESUMED_HOURS = (10.3, 13.5, 15.7)
_AGENT_BEGINS = 9.1
_AGENT_PAUSE = 4 / 60

_THINGS = (
    "my travel expenses",
    "parental leave",
    "the new laptop",
    "the badge for the car park",
    "a purchase above 500 euros",
    "the VPN on my phone",
    "a visitor from abroad",
    "the training budget",
    "sick leave in my first month",
    "the meeting rooms on floor two",
)
_ASKED = (
    "How do I apply for {}?",
    "Who decides about {}?",
    "How long does it take until {} is approved?",
    "Which form is needed for {}?",
    "What has changed this year about {}?",
)
QUESTIONS = tuple(asked.format(thing) for asked in _ASKED for thing in _THINGS)

_SHORTEST = 1.5
"""Seconds of a day."""
AGENT_TOKENS = 24
"""Of each answer to the agent: all are cut there, so that both gateways' answers cost the same."""


class Ask(msgspec.Struct, frozen=True):
    """One request of the day."""

    at: float
    """Hours after midnight."""
    part: Part
    sdk: Literal["openai", "anthropic"]
    model: str
    messages: tuple[dict[str, str], ...]
    stream: bool
    max_tokens: int
    system: str = ""
    number: int = 0
    """Within its part."""
    temperature: float = 0.0


class Scale(msgspec.Struct, frozen=True):
    questions: int = 260
    """Requests of that part."""
    seconds: float = 6.0
    """That the day takes."""
    boards: int = 5
    """That ask at the same time."""
    turns: int = 20
    """Of the agent."""

    @property
    def hour(self) -> float:
        """Seconds that stand for an hour."""
        return self.seconds / HOURS


def small_scale(most: int) -> Scale:
    """A shorter day with fewer questions."""
    whole = Scale()
    share = min(1.0, most / whole.questions)
    seconds = max(_SHORTEST, whole.seconds * share)
    return msgspec.structs.replace(whole, questions=min(most, whole.questions), seconds=seconds)


def day(scale: Scale, random: Callable[[], float]) -> list[Ask]:
    """All requests but the agent's, in the order of time.

    Args:
        random: from 0 to 1; of equal seeds equal days.
    """
    asks = [*_questions(scale, random), *_boards(scale.boards), *_retries(), *_resumed()]
    return sorted(asks, key=lambda ask: ask.at)


def agent(scale: Scale) -> list[Ask]:
    """The turns of a conversation, each with all that went before: the caller marks nothing for a
    prompt cache. What the model said is written down here, since its answers are simulated."""
    system = f"You repair a program. Its rules:\n\n{long_text('log', 7, 12_000)}"
    turns: list[dict[str, str]] = []
    asks = []
    for number in range(scale.turns):
        turns.append(
            {"role": "user", "content": f"Test run {number + 1}:\n{long_text('log', number + 11, 900)}"}
        )
        asks.append(
            Ask(
                _AGENT_BEGINS + number * _AGENT_PAUSE,
                "agent",
                "anthropic",
                SONNET,
                tuple(turns),
                False,
                AGENT_TOKENS,
                system,
                number,
                1.0,
            )
        )
        turns.append({"role": "assistant", "content": f"I change line {number * 7 + 3} and run it again."})
    return asks


def _questions(scale: Scale, random: Callable[[], float]) -> list[Ask]:
    """Few of them are asked over and over (Zipf's law), and each always in the same form."""
    hours = list(accumulate(_CURVE))
    weights = list(accumulate(1 / (rank + 1) for rank in range(len(QUESTIONS))))
    asks = []
    for number in range(scale.questions):
        hour = _drawn(hours, random())
        which = _drawn(weights, random())
        sdk: Literal["openai", "anthropic"] = "openai" if which % 2 else "anthropic"
        asks.append(
            Ask(
                hour + random(),
                "questions",
                sdk,
                SOL if which % 2 else SONNET,
                ({"role": "user", "content": QUESTIONS[which]},),
                which % 4 < 2,
                300,
                number=number,
            )
        )
    return asks


def _boards(boards: int) -> list[Ask]:
    return [
        Ask(
            float(hour),
            "boards",
            "openai",
            SOL,
            ({"role": "user", "content": f"It is {hour}:00. Sum up the open incidents for the board."},),
            True,
            250,
            number=number * boards + board,
        )
        for number, hour in enumerate(_BOARD_HOURS)
        for board in range(boards)
    ]


def _retries() -> list[Ask]:
    return [_once(at, "retries", number, False) for number, at in enumerate(_RETRY_HOURS)]


def _resumed() -> list[Ask]:
    return [_once(at, "resumed", number, True) for number, at in enumerate(_RESUMED_HOURS)]


def _once(at: float, part: Part, number: int, stream: bool) -> Ask:
    prompt = f"Draft the reply to customer {number + 1} of today, in a friendly tone."
    turns = ({"role": "user", "content": f"{prompt} ({part})"},)
    return Ask(at, part, "openai", SOL, turns, stream, 400, number=number, temperature=1.0)


def _drawn(sums: Sequence[float], drawn: float) -> int:
    """The position that a number from 0 to 1 falls on, among running sums."""
    target = drawn * sums[-1]
    return next(position for position, sum_ in enumerate(sums) if target < sum_)
