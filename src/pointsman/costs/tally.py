"""Sums of many requests held against a baseline, and the names that tell what a request was for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from .money import PicoUsd
from .savings import REASONS, How, Reason, Weighed

Purpose = Literal["request", "shadow", "judge"]
"""request: a client's. shadow, judge: ours, to learn how well the models answer."""

_DEFAULT = "default"


def purpose_of(requested: str) -> tuple[Purpose, str] | None:
    """What a request was for, and the route that it belongs to, by the model that it asked for: "auto" or
    "auto:NAME", "shadow:NAME", "judge:NAME"; None where it named its model."""
    kind, colon, name = requested.partition(":")
    match kind:
        case "auto" if bool(name) == bool(colon):
            return "request", name or _DEFAULT
        case "shadow" if name:
            return "shadow", name
        case "judge" if name:
            return "judge", name
        case _:
            return None


class Uncompared(msgspec.Struct):
    """Requests that could not be compared, of one reason."""

    requests: int = 0
    cost: PicoUsd = 0
    """As far as known."""
    unknown: int = 0
    """Of the requests, those whose cost is not known."""

    def add(self, cost: PicoUsd | None) -> None:
        self.requests += 1
        if cost is None:
            self.unknown += 1
        else:
            self.cost += cost

    def join(self, other: Uncompared) -> None:
        self.requests += other.requests
        self.cost += other.cost
        self.unknown += other.unknown


class Tally(msgspec.Struct):
    """A line of the report. Takes requests one after the other, or other tallies."""

    requests: int = 0
    """Compared ones."""
    answered: PicoUsd = 0
    others: PicoUsd = 0
    shadows: PicoUsd = 0
    judges: PicoUsd = 0
    baseline: PicoUsd = 0
    low: PicoUsd = 0
    high: PicoUsd = 0
    shadow_calls: int = 0
    judge_calls: int = 0
    calls_unknown: int = 0
    """Calls of shadows and judges whose cost is not known, and so in no sum."""
    estimated: int = 0
    how: dict[How, int] = msgspec.field(default_factory=dict)
    uncompared: dict[Reason, Uncompared] = msgspec.field(default_factory=dict)

    @property
    def cost(self) -> PicoUsd:
        """All that was spent on what was compared, and on learning about it."""
        return self.answered + self.others + self.shadows + self.judges

    @property
    def saved(self) -> PicoUsd:
        """Below 0 where routing cost more than the baseline alone."""
        return self.baseline - self.cost

    @property
    def bounds(self) -> tuple[PicoUsd, PicoUsd]:
        """Of ``saved``."""
        return self.low - self.cost, self.high - self.cost

    @property
    def left_out(self) -> Uncompared:
        """All that could not be compared."""
        whole = Uncompared()
        for some in self.uncompared.values():
            whole.join(some)
        return whole

    def add(self, weighed: Weighed) -> None:
        self.requests += 1
        self.answered += weighed.answered
        self.others += weighed.others
        self.baseline += weighed.baseline
        self.low += weighed.low
        self.high += weighed.high
        self.estimated += weighed.estimated
        self.how[weighed.how] = self.how.get(weighed.how, 0) + 1

    def leave_out(self, reason: Reason, cost: PicoUsd | None) -> None:
        self.uncompared.setdefault(reason, Uncompared()).add(cost)

    def add_call(self, purpose: Purpose, cost: PicoUsd | None) -> None:
        """One of ours."""
        if purpose == "shadow":
            self.shadow_calls += 1
            self.shadows += cost or 0
        else:
            self.judge_calls += 1
            self.judges += cost or 0
        self.calls_unknown += cost is None

    def join(self, other: Tally) -> None:
        for name in _SUMMED:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for how, count in other.how.items():
            self.how[how] = self.how.get(how, 0) + count
        for reason in REASONS:
            if (some := other.uncompared.get(reason)) is not None:
                self.uncompared.setdefault(reason, Uncompared()).join(some)


_SUMMED = tuple(name for name in Tally.__struct_fields__ if name not in ("how", "uncompared"))


def total(tallies: Iterable[Tally]) -> Tally:
    """The sum of all."""
    whole = Tally()
    for tally in tallies:
        whole.join(tally)
    return whole
