"""The act of the burst: what is sent, who sends it, and what came of it.

A provider allows ``rpm`` requests a minute, and the minute is used up, as in the midst of any busy day: so
many requests went before, and fit. Then ``requests`` more come within ``seconds``, three times of what it
allows in that time.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

MODEL = "gpt-6-luna"
WAIT_SECONDS = 120.0
"""How long a request may wait in Pointsman's queue here."""

_TOPICS = (
    "Why do trains run late when it is hot?",
    "Name three uses of a signal box.",
    "What does a pointsman do?",
    "Which gauge do most railways have, and why?",
    "How long does a goods train need to stop?",
    "What is a passing loop for?",
)


class Ask(msgspec.Struct, frozen=True):
    """One request of the crowd."""

    at: float
    """Seconds after the beginning."""
    prompt: str
    stream: bool
    max_tokens: int = 60


class Burst(msgspec.Struct, frozen=True):
    rpm: int = 180
    """What the provider allows, and the requests that use it up beforehand."""
    requests: int = 90
    seconds: float = 10.0

    @property
    def times(self) -> float:
        """The burst as a multiple of what is allowed in its time."""
        return self.requests / (self.rpm / 60 * self.seconds)

    @property
    def least_seconds(self) -> float:
        """Nobody can be ready sooner without more than is allowed."""
        return self.requests / (self.rpm / 60)


def small_burst(requests: int) -> Burst:
    """The same with fewer requests: three times of what is allowed, however many they are."""
    whole = Burst()
    share = min(1.0, requests / whole.requests)
    return msgspec.structs.replace(
        whole, requests=min(requests, whole.requests), seconds=whole.seconds * share
    )


def opening(burst: Burst) -> list[Ask]:
    """What uses the minute up: all at once."""
    return [_ask(0.0, number) for number in range(burst.rpm)]


def crowd(burst: Burst, random: Callable[[], float]) -> list[Ask]:
    """The burst itself, at random moments.

    Args:
        random: from 0 to 1; of equal seeds equal bursts.
    """
    moments = sorted(random() * burst.seconds for _ in range(burst.requests))
    return [_ask(at, burst.rpm + number) for number, at in enumerate(moments)]


def _ask(at: float, number: int) -> Ask:
    topic = _TOPICS[number % len(_TOPICS)]
    return Ask(at, f"{topic} Answer in {5 + number % 20} words.", stream=number % 2 == 0)


class Lane(msgspec.Struct, frozen=True):
    """One way to send the burst."""

    name: str
    does: str
    """What it does about refusals, in few words."""


POINTSMAN = Lane("Pointsman", "knows the limit, and lets requests wait for it")
SDK = Lane("openai SDK", "retries twice, by Retry-After")
LOOP = Lane("backoff loop", "tries six times, 1 s to 16 s apart, at random")
LANES = (POINTSMAN, SDK, LOOP)


class LaneReport(msgspec.Struct, frozen=True):
    """What came of one way: of the burst alone, without what went before."""

    name: str
    does: str
    asked: int
    answered: int
    errors: int
    """What the callers saw; ``asked`` less ``answered``."""
    refused_upstream: int
    """429s, as the simulator counts them."""
    seconds: float
    """Until the last caller knew how it ended."""
    wait_p50: float | None
    """Seconds until the answer was whole, of those that were answered."""
    wait_p99: float | None
    answered_each_second: list[int]
    """Calls that the simulator accepted, by second."""
    refused_each_second: list[int]


class BurstReport(msgspec.Struct, frozen=True):
    rpm: int
    requests: int
    arriving_seconds: float
    least_seconds: float
    lanes: tuple[LaneReport, ...]
