"""Who will come while a request waits, as far as the last minutes tell, and go before it. Pure.

A request is put behind those who come later and are owed more. If nobody counted on them, whoever is at the
end of a key's row would be let wait in vain. So each key's arrivals are counted, in sums that are forgotten
within ``MEMORY_US``. What a key will send while another's request waits is that pace times the wait, and at
most what it may have before that one by the tags of the lane.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from math import exp, sqrt
from typing import TypeVar

import msgspec

from pointsman.limits.turns.lane import Lane
from pointsman.limits.values.limit import NOTHING

K = TypeVar("K")

MEMORY_US = 60_000_000
_DOUBT_US = 5_000_000
"""Added to the time in which a pace was measured: two who come one after the other are no flood."""
MOST_LANES, MOST_KEYS = 512, 4_096
_PLACES = len(NOTHING)


class Pace:
    """Of one key in one lane: sums of what came, forgotten as time goes by."""

    __slots__ = ("amounts", "at_us", "cost", "count", "since_us")

    def __init__(self, now_us: int) -> None:
        self.since_us = self.at_us = now_us
        self.count = 0.0
        self.cost = 0.0
        """In virtual time."""
        self.amounts = [0.0] * _PLACES

    def see(self, cost: int, amounts: tuple[float, ...], now_us: int) -> None:
        """One has come. Those of the very first moment are a start, and no pace yet."""
        if now_us == self.since_us:
            return
        kept = exp((self.at_us - now_us) / MEMORY_US)
        self.at_us = now_us
        self.count = self.count * kept + 1
        self.cost = self.cost * kept + cost
        self.amounts = [old * kept + new for old, new in zip(self.amounts, amounts, strict=True)]

    def part_us(self, now_us: int) -> float:
        """What part of the sums comes in a microsecond."""
        kept = exp((self.at_us - now_us) / MEMORY_US)
        return kept / (MEMORY_US * (1 - exp((self.since_us - now_us - _DOUBT_US) / MEMORY_US)))


class Rival(msgspec.Struct, frozen=True, gc=False):
    """A key of which more may come, and go before a request."""

    pace: Pace
    part_us: float
    most: float
    """Of the sums of its pace: what has room before the request."""


class Coming:
    """All lanes and keys of late. Bounded: who has not come for longest is forgotten first."""

    __slots__ = ("_lanes",)

    def __init__(self) -> None:
        self._lanes: OrderedDict[str, OrderedDict[str, Pace]] = OrderedDict()

    def see(self, lane: str, key: str, cost: int, amounts: tuple[float, ...], now_us: int) -> None:
        """A request has come that cannot start at once, whether it is let wait or not.

        Args:
            cost: what its key will be charged.
            amounts: what it is likely to use, by place.
        """
        keys = _recent(self._lanes, lane, MOST_LANES, OrderedDict[str, Pace])
        _recent(keys, key, MOST_KEYS, lambda: Pace(now_us)).see(cost, amounts, now_us)

    def rivals(self, lane: Lane, key: str, tag: int, now_us: int) -> list[Rival]:
        """Those who may come before a request of ``key`` whose turn is at ``tag``."""
        found = []
        for name, pace in self._lanes.get(lane.name, {}).items():
            flow = lane.flows.get(name)
            if name == key or not pace.cost or (flow is not None and flow.gate is not None):
                continue
            room = tag - (lane.fair.tag(name) if flow is None else flow.tag + flow.load.cost)
            if room > 0:
                found.append(Rival(pace, pace.part_us(now_us), room / pace.cost))
        return found


def taken(rivals: list[Rival], wait_us: float, doubt: float = 0.0) -> list[float]:
    """What rivals will use before a request that waits so long, by place.

    Args:
        doubt: so many standard deviations of their number more, for who would rather be careful.
    """
    amounts, count = [0.0] * _PLACES, 0.0
    for rival in rivals:
        pace, part = rival.pace, min(rival.part_us * wait_us, rival.most)
        count += part * pace.count
        for place, amount in enumerate(pace.amounts):
            amounts[place] += part * amount
    if doubt and count:
        factor = 1 + doubt / sqrt(count)
        return [amount * factor for amount in amounts]
    return amounts


def _recent(table: OrderedDict[str, K], name: str, most: int, make: Callable[[], K]) -> K:
    """Find it or make it, and let it be the last to be forgotten."""
    found = table.get(name)
    if found is None:
        if len(table) >= most:
            table.popitem(last=False)
        found = table[name] = make()
    else:
        table.move_to_end(name)
    return found
