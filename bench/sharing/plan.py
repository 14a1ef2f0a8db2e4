"""What is sent to four replicas, how much of it, and what happens to them meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

MODEL = "gpt-6-luna"
HELD = "gpt-5.4-mini"
"""A model of which only calls at once are limited; the replica that is killed holds all of them."""
REPLICAS = 4
SHARES = (0.4, 0.3, 0.2, 0.1)
"""Of the requests, by replica."""
KEYS = ("greedy", "one", "two", "three")
KEY_SHARES = (0.4, 0.2, 0.2, 0.2)
OVER = 3.0
"""Requests that are sent, as a multiple of the limit."""
SIZES = ((40, 0.6), (120, 0.3), (400, 0.1))
"""Most tokens of an answer, and how often."""
MAX_WAIT = 15.0
"""Seconds that a request may wait at a replica."""
LEASE = 10.0
CONCURRENCY = 24


@dataclass(frozen=True)
class Ask:
    """One request that a caller makes."""

    replica: int
    key: str
    prompt: str
    max_tokens: int
    stream: bool


@dataclass(frozen=True)
class Lengths:
    """Seconds of each phase."""

    settle: float
    normal: float
    killed: float
    """From the kill until the others have its part of the limits."""
    frozen: float
    thawed: float
    emptied: float


LONG = Lengths(settle=60, normal=120, killed=150, frozen=60, thawed=120, emptied=120)
SHORT = Lengths(settle=15, normal=15, killed=15, frozen=15, thawed=10, emptied=15)


@dataclass(frozen=True)
class Limits:
    rpm: int
    tpm: int
    window: str
    """refill or rolling."""


def make_limits(*, rpm: int, window: str, scarce: str) -> Limits:
    """``scarce`` is what runs out first: requests or tokens."""
    mean = sum(size * share for size, share in SIZES) + 20
    return Limits(rpm, round(rpm * mean * (1.5 if scarce == "requests" else 0.6)), window)


class Dice:
    """Who sends what and when; equal seeds give equal traffic."""

    def __init__(self, seed: int, limits: Limits) -> None:
        self._dice = Random(seed)
        mean = sum(size * share for size, share in SIZES) + 20
        self._rate = OVER * min(limits.rpm, limits.tpm / mean) / 60
        self._count = 0

    def pause(self) -> float:
        """Seconds until the next request."""
        return self._dice.expovariate(self._rate)

    def ask(self, alive: list[int]) -> Ask:
        dice = self._dice
        self._count += 1
        (replica,) = dice.choices(alive, [SHARES[number] for number in alive])
        (key,) = dice.choices(KEYS, KEY_SHARES)
        sizes, weights = zip(*SIZES, strict=True)
        return Ask(
            replica=replica,
            key=key,
            prompt=f"Tell me about signal box number {self._count}.",
            max_tokens=int(dice.choices(sizes, weights)[0]),
            stream=dice.random() < 0.5,
        )
