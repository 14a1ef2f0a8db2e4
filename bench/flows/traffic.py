"""The traffic: the same requests at the same moments for everybody. Standard library only, like ``drive``."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random

MODEL = "gpt-6-luna"
KEYS = ("greedy", "one", "two", "three")
DEMAND = (1.8, 0.4, 0.4, 0.4)
"""What each key asks for, as a multiple of the limit: three times of it together. All of them have the same
right to a quarter, and each asks for more than that."""

PATIENCE = 60.0
"""Seconds after which a caller gives up, whoever it is."""
SIZES = ((40, 0.6), (120, 0.3), (400, 0.1))
"""Most tokens of an answer, and how often."""
_TOPICS = (
    "the points at the yard",
    "late trains",
    "a signal box by night",
    "brakes",
    "the last stop",
    "steam",
)
_SPEECHES = ("Tell me about {}.", "Write {} words on {}.", "List {} facts on {}, and say which is doubtful.")


@dataclass(frozen=True)
class Request:
    at: float
    """Seconds after the beginning."""
    key: str
    prompt: str
    max_tokens: int
    stream: bool


@dataclass(frozen=True)
class Plan:
    """What is sent, and when all is over."""

    rpm: int
    seconds: float
    """From the first arrival to the cut: what is under way then is left."""
    settled: float
    """Before this nothing is measured: a limit that was not used yet lets a whole minute's worth through."""
    steady: tuple[Request, ...]
    """One after the other, at ``DEMAND``."""
    batch: tuple[Request, ...]
    """All at once."""

    @property
    def tpm(self) -> int:
        """Half as much again as the requests take, so that requests are what is scarce."""
        tokens = [request.max_tokens + 20 for request in self.steady or self.batch]
        return round(self.rpm * 1.5 * sum(tokens) / len(tokens))

    def without_steady(self) -> Plan:
        return replace(self, steady=())


def make_plan(*, rpm: int, seconds: float, settled: float, batch: int, seed: int) -> Plan:
    """Poisson arrivals of each key; equal seeds give equal plans."""
    dice = Random(seed)
    steady: list[Request] = []
    for key, demand in zip(KEYS, DEMAND, strict=True):
        at = dice.expovariate(demand * rpm / 60)
        while at < seconds:
            steady.append(_request(dice, at, key, len(steady)))
            at += dice.expovariate(demand * rpm / 60)
    steady.sort(key=lambda request: request.at)
    at_once = tuple(_request(dice, 0.0, KEYS[number % len(KEYS)], number) for number in range(batch))
    return Plan(rpm, seconds, settled, tuple(steady), at_once)


def _request(dice: Random, at: float, key: str, number: int) -> Request:
    speech, topic = dice.choice(_SPEECHES), dice.choice(_TOPICS)
    words = (topic,) if speech.count("{}") == 1 else (dice.randint(5, 90), topic)
    sizes, weights = zip(*SIZES, strict=True)
    return Request(
        at=at,
        key=key,
        prompt=f"{speech.format(*words)} ({number})",
        max_tokens=int(dice.choices(sizes, weights)[0]),
        stream=dice.random() < 0.5,
    )


def write_plan(plan: Plan, path: Path) -> None:
    path.write_text(json.dumps(asdict(plan)))


def read_plan(path: Path) -> Plan:
    found = json.loads(path.read_text())
    for name in ("steady", "batch"):
        found[name] = tuple(Request(**request) for request in found[name])
    return Plan(**found)
