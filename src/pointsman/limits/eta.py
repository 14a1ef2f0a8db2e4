"""When a request will start, as far as can be told. Pure.

For each of its limits: how much is taken before it, and when what flows back covers that and its own amount.
The latest of these is the estimate. What is before it follows from the tags of the keys, so where many wait
the work is a step for each key, not for each request.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import ceil, sqrt

import msgspec

from .fair import share
from .gate import Gate
from .lane import Flow, Lane
from .limit import MINUTE_US, Level, Limit, Shortage
from .scheduler import Scheduler
from .seen import Seen
from .ticket import Ticket

WaitFor = Callable[[Limit, int], int]
"""Microseconds until an amount would fit: at most the whole limit, and more than is free now."""


_AWAY = 0.7
"""Of the pace of a lane: rather let some wait in vain than leave a share unused."""
ONE_BY_ONE = 256
"""So many that wait in a lane are looked at one by one; of more, each key's are taken to be alike."""


class Estimate(msgspec.Struct, frozen=True):
    """When a request starts if nobody else comes."""

    ahead: int
    """How many start before it in its lane."""
    wait_us: int | None
    """None: nobody can tell."""
    limit: Limit | None
    """The one that is waited for longest; None if it need not wait."""


class Ahead:
    """What starts before a request: how many in its lane, and amounts by place."""

    __slots__ = ("amounts", "count", "own", "tag")

    def __init__(self) -> None:
        self.count = 0
        self.amounts = [0.0] * 7
        self.own = [0.0] * 7
        """Of its own key."""
        self.tag = 0
        """The tag with which its turn comes."""


def estimate(
    scheduler: Scheduler,
    ticket: Ticket,
    levels: Sequence[Level],
    seen: Seen,
    wait_for: WaitFor | None = None,
) -> Estimate:
    """When a ticket starts, waiting already or not yet.

    Args:
        levels: of its limits, in their order.
        wait_for: asks the store about a rolling window; without it, what is in the window is taken to be
            spread evenly.
    """
    ahead = ahead_of(scheduler, ticket)
    longest, of = 0, None
    for level in levels:
        limit = level.limit
        place, gate = limit.place, scheduler.gates.get(limit.id)
        before = (ahead.own if limit.scope.kind == "key" else ahead.amounts)[place]
        if gate is not None and gate.width > 1:
            before += _of_other_lanes(scheduler, gate, ticket, ahead)
        wait = wait_us(level, before, ticket.amounts[place], seen, wait_for)
        if wait is None:
            return Estimate(ahead.count, None, limit)
        if wait > longest:
            longest, of = wait, limit
    return Estimate(ahead.count, longest, of)


def corrected(found: Estimate, drift: float) -> Estimate:
    """An estimate, by what waits have turned out to be compared with those before it: who comes later and is
    owed more, and answers that get longer than was reserved, are in nobody's estimate. A rolling window opens
    at times that are known, so there only half of it is believed (in proportion)."""
    if not found.wait_us or not found.ahead or found.limit is None:
        return found
    factor = drift if found.limit.window == "refill" else sqrt(drift)
    return Estimate(found.ahead, round(found.wait_us * factor), found.limit)


def among_others(found: Estimate, told: Shortage | None, stretch: float, lane: Lane | None) -> Estimate:
    """An estimate where others wait for the same limits in other replicas, of whom nobody tells.

    Args:
        told: what the shared store said last to the first of the lane.
        stretch: how many times as long it took as was thought.
    """
    if found.wait_us is None:
        return found
    wait = found.wait_us * stretch
    if told is not None and told.away and lane is not None:  # the levels tell little then
        wait = max(wait, _AWAY * found.ahead * lane.pace_us)
    return Estimate(found.ahead, round(wait), found.limit or (told.limit if told is not None else None))


def wait_us(level: Level, before: float, own: int, seen: Seen, wait_for: WaitFor | None = None) -> int | None:
    """Microseconds until one limit has given ``before`` to others and can give ``own``."""
    limit = level.limit
    if limit.window == "slots":
        return _slots(level, before + own, seen.hold_us(limit))
    if not own and not before:
        return 0
    work = before * seen.ratio(limit) + own
    if limit.window == "refill":
        over = level.free_at_us + ceil(work * MINUTE_US / limit.amount) - MINUTE_US + limit.slack_us
        return max(0, over if before else min(over, level.free_at_us))
    return _rolling(level, ceil(work), wait_for)


def _slots(level: Level, wanted: float, hold_us: float | None) -> int | None:
    missing = wanted - (level.limit.amount - level.used)
    if missing <= 0:
        return 0
    return None if hold_us is None else ceil(missing * hold_us / level.limit.amount)


def _rolling(level: Level, work: int, wait_for: WaitFor | None) -> int:
    """What starts now is free again a window later: beyond one whole limit, the same again."""
    limit = level.limit
    window = MINUTE_US + limit.slack_us
    rounds = max(0, ceil(work / limit.amount) - 1)
    work -= rounds * limit.amount
    free = limit.amount - level.used
    if work <= free:
        return rounds * window
    if wait_for is not None:
        return rounds * window + wait_for(limit, work)
    return rounds * window + ceil(level.free_at_us * min(1.0, (work - free) / max(1, level.used)))


def ahead_of(scheduler: Scheduler, ticket: Ticket) -> Ahead:
    """What starts before a ticket in its lane."""
    ahead = Ahead()
    lane = scheduler.lanes.get(ticket.lane)
    if lane is None:
        return ahead
    own = lane.flows.get(ticket.key)
    ahead.tag = lane.fair.tag(ticket.key) if own is None else own.tag
    if own is not None:
        for count, amounts, cost in _own(own, ticket):
            ahead.count += count
            ahead.tag += cost
            for place, amount in enumerate(amounts):
                ahead.own[place] += amount
    ahead.amounts = list(ahead.own)
    places = tuple({limit.place for limit in ticket.limits if limit.scope.kind != "key"})
    joined = ticket.seq > 0
    for flow in lane.flows.values():
        if flow.tag <= ahead.tag and flow is not own and flow.gate is None:
            if lane.waiting <= ONE_BY_ONE:
                _each_of_others(ahead, flow, places, ticket)
            else:
                _others(ahead, flow, places, joined)
    return ahead


def _own(flow: Flow, ticket: Ticket) -> Iterator[tuple[int, list[float], int]]:
    """What is before a ticket in the flow of its key, by priority."""
    for priority, rank in flow.ranks.items():
        load, count = rank.load, rank.load.count
        if priority == ticket.priority and ticket.seq:
            first = rank.first()
            count = 0 if first is None else min(ticket.index - first.index, load.count - 1)
        elif priority > ticket.priority:
            count = 0
        if count > 0:
            part = count / load.count
            yield count, [amount * part for amount in load.amounts], load.cost * count // load.count


def _each_of_others(ahead: Ahead, flow: Flow, places: tuple[int, ...], ticket: Ticket) -> None:
    """The same, to the unit, where few wait: one by one."""
    tag, amounts, joined = flow.tag, ahead.amounts, ticket.seq > 0
    for each in flow.in_order():
        if tag > ahead.tag or (tag == ahead.tag and joined and each.seq > ticket.seq):
            return
        tag += each.cost
        ahead.count += 1
        for place in places:
            amounts[place] += each.amounts[place]


def _others(ahead: Ahead, flow: Flow, places: tuple[int, ...], joined: bool) -> None:
    """Add what another key starts before: all whose tag is lower, or as low and came earlier."""
    distance, load = ahead.tag - flow.tag, flow.load
    each = load.cost // load.count or 1
    count = -(-distance // each) if joined else distance // each + 1
    if count > load.count:
        count = load.count
    ahead.count += count
    amounts = ahead.amounts
    for place in places:
        amounts[place] += load.amounts[place] * count / load.count


def _of_other_lanes(scheduler: Scheduler, gate: Gate, ticket: Ticket, ahead: Ahead) -> float:
    """What requests in other lanes take of a limit before, in the order at that limit."""
    limit = gate.limit
    place = limit.place
    tag = gate.fair.tag(ticket.key) + share(ceil(ahead.own[place]), limit, ticket.weight)
    before = 0.0
    for lane in scheduler.lanes.values():
        if lane.name != ticket.lane and _takes_from(lane, limit):
            for flow in lane.flows.values():
                total, first = flow.load.amounts[place], flow.first()
                distance = tag - gate.fair.tag(flow.key)
                if total and first is not None and distance >= 0:
                    each = total / flow.load.count
                    unit = max(1, share(1, limit, first.weight))
                    before += min(total, distance / unit + each)
    return before


def _takes_from(lane: Lane, limit: Limit) -> bool:
    ticket = lane.first()
    return ticket is not None and any(each.id == limit.id for each in ticket.limits)
