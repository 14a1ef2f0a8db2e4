"""What the simulator tells of the calls that it got: the facts of the burst are its, and not ours."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec


class SimulatedCall(msgspec.Struct, frozen=True):
    """One call on the invoice."""

    at_us: int
    """When it came."""
    status: int
    outcome: str


class CallList(msgspec.Struct, frozen=True):
    """``GET /invoice``."""

    calls: list[SimulatedCall]


class _Model(msgspec.Struct, frozen=True):
    rejected_429: dict[str, int]


class LimitsTold(msgspec.Struct, frozen=True):
    """``GET /limits``."""

    models: list[_Model]

    @property
    def refused(self) -> int:
        """429s of all models and causes."""
        return sum(sum(model.rejected_429.values()) for model in self.models)


def each_second(moments_us: Iterable[int], begun_us: int) -> list[int]:
    """How many there were in each second since the beginning; earlier ones do not count."""
    found: dict[int, int] = {}
    for at_us in moments_us:
        second = (at_us - begun_us) // 1_000_000
        if second >= 0:
            found[second] = found.get(second, 0) + 1
    return [found.get(second, 0) for second in range(max(found, default=-1) + 1)]


def accepted_and_refused(calls: Iterable[SimulatedCall], begun_us: int) -> tuple[list[int], list[int]]:
    """Calls by second: those that were answered, and those that were refused with 429."""
    known = list(calls)
    return (
        each_second((call.at_us for call in known if call.status == 200), begun_us),
        each_second((call.at_us for call in known if call.status == 429), begun_us),
    )
