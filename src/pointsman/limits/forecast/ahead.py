"""What starts before a request. Pure.

It follows from the tags of the keys, so where many wait the work is a step for each key, not for each
request.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

from pointsman.limits.turns.fair import PARTS, due, share
from pointsman.limits.turns.gate import Gate
from pointsman.limits.turns.lane import Flow, Lane
from pointsman.limits.turns.scheduler import Scheduler
from pointsman.limits.values.limit import Limit
from pointsman.limits.values.ticket import Ticket

ONE_BY_ONE = 256
"""So many that wait in a lane are looked at one by one; of more, each key's are taken to be alike."""


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


def ahead_of(scheduler: Scheduler, ticket: Ticket, until_us: int | None = None) -> Ahead:
    """What starts before a ticket in its lane. ``until_us``: only those of other keys that must have started
    by then; where many wait, all of them."""
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
        debt = lane.fair.debts.get(ticket.key)
        if debt:
            ahead.tag += round(debt * (1 - (1 - 1 / PARTS) ** ahead.count))
    ahead.amounts = list(ahead.own)
    places = tuple({limit.place for limit in ticket.limits if limit.scope.kind != "key"})
    joined = ticket.seq > 0
    for flow in lane.flows.values():
        if flow.tag <= ahead.tag and flow is not own and flow.gate is None:
            if lane.waiting <= ONE_BY_ONE:
                _each_of_others(ahead, flow, places, ticket, until_us)
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


def _each_of_others(
    ahead: Ahead, flow: Flow, places: tuple[int, ...], ticket: Ticket, until_us: int | None
) -> None:
    """The same, to the unit, where few wait: one by one."""
    tag, amounts, joined = flow.tag, ahead.amounts, ticket.seq > 0
    debt = flow.lane.fair.debts.get(flow.key, 0)
    for each in flow.in_order():
        if tag > ahead.tag or (tag == ahead.tag and joined and each.seq > ticket.seq):
            return
        tag += each.cost
        if debt:
            part = due(debt, each.cost)
            tag += part
            debt -= part
        if until_us is not None and each.deadline_us > until_us:
            continue
        ahead.count += 1
        for place in places:
            amounts[place] += each.likely[place]


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


def of_other_lanes(scheduler: Scheduler, gate: Gate[Lane | Flow], ticket: Ticket, ahead: Ahead) -> float:
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
