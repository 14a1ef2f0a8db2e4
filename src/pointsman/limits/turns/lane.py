"""Who waits for one lane: a flow for each key, and the order between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from pointsman.limits.values.limit import Limit
from pointsman.limits.values.ticket import Ticket

from .fair import Fair
from .gate import Gate

STALE = 64
"""Entries of those that have gone, at least so many, before a list is rid of them."""
NEAR = 3.0
"""Starts before which a deadline is near: there may be several."""
_IN_A_ROW = 3
_PACE = 0.1
"""Weight of the newest interval between starts."""


class Load:
    """The sum of some tickets."""

    __slots__ = ("amounts", "cost", "count")

    def __init__(self) -> None:
        self.count = 0
        self.cost = 0
        self.amounts = [0.0] * 7
        """What they are likely to use."""

    def add(self, ticket: Ticket, sign: int = 1) -> None:
        self.count += sign
        self.cost += sign * ticket.cost
        amounts = self.amounts
        for place, amount in enumerate(ticket.likely):
            amounts[place] += sign * amount


class Rank:
    """The tickets of one flow with one priority, first come, first served. Who leaves is skipped later."""

    __slots__ = ("entered", "load", "tickets")

    def __init__(self) -> None:
        self.tickets: deque[Ticket] = deque()
        self.load = Load()
        self.entered = 0

    def first(self) -> Ticket | None:
        tickets = self.tickets
        while tickets and tickets[0].gone:
            tickets.popleft()
        return tickets[0] if tickets else None


class Flow:
    """What one key has waiting in one lane."""

    __slots__ = ("claims", "gate", "key", "lane", "load", "ranks", "tag", "version")

    def __init__(self, lane: Lane, key: str, tag: int) -> None:
        self.lane = lane
        self.key = key
        self.tag = tag
        """Of its first ticket, in the order of the lane."""
        self.load = Load()
        self.ranks: dict[int, Rank] = {}
        self.gate: Gate[Lane | Flow] | None = None
        """Of the key's own limit that its first ticket waits for; then it stands aside."""
        self.claims: dict[Gate[Lane | Flow], None] = {}
        self.version = 0

    def first(self) -> Ticket | None:
        for priority in sorted(self.ranks):
            ticket = self.ranks[priority].first()
            if ticket is not None:
                return ticket
            del self.ranks[priority]
        return None

    def last(self) -> Ticket | None:
        for priority in sorted(self.ranks, reverse=True):
            tickets = self.ranks[priority].tickets
            while tickets and tickets[-1].gone:
                tickets.pop()
            if tickets:
                return tickets[-1]
        return None

    def in_order(self) -> Iterator[Ticket]:
        for priority in sorted(self.ranks):
            yield from (ticket for ticket in self.ranks[priority].tickets if not ticket.gone)

    def push(self, ticket: Ticket) -> None:
        rank = self.ranks.get(ticket.priority)
        if rank is None:
            rank = self.ranks[ticket.priority] = Rank()
        rank.tickets.append(ticket)
        rank.load.add(ticket)
        ticket.index = rank.entered
        rank.entered += 1
        self.load.add(ticket)

    def remove(self, ticket: Ticket) -> None:
        ticket.gone = True
        self.lane.waiting -= 1
        rank = self.ranks[ticket.priority]
        rank.load.add(ticket, -1)
        self.load.add(ticket, -1)
        if len(rank.tickets) > 2 * rank.load.count + STALE:
            rank.tickets = deque(each for each in rank.tickets if not each.gone)


class Lane:
    """One lane: its flows, in fair order."""

    __slots__ = (
        "claims",
        "deadlines",
        "fair",
        "flows",
        "gate",
        "heap",
        "last_us",
        "name",
        "pace_us",
        "queued",
        "rescued",
        "seq",
        "urgent",
        "waiting",
    )

    def __init__(self, name: str, seq: int) -> None:
        self.name = name
        self.seq = seq
        self.fair = Fair()
        self.flows: dict[str, Flow] = {}
        self.heap: list[tuple[int, int, int, Flow]] = []
        self.gate: Gate[Lane | Flow] | None = None
        """Of the shared limit that its first ticket waits for; then all of the lane waits."""
        self.claims: dict[Gate[Lane | Flow], None] = {}
        self.queued = False
        self.waiting = 0
        self.deadlines: list[tuple[int, int, Ticket]] = []
        self.urgent: Ticket | None = None
        """The one that would miss its deadline if it were not next."""
        self.rescued = 0
        """Such starts in a row. After a few, the next is not, so that the order goes on too."""
        self.pace_us = 0.0
        """Between two starts, on average."""
        self.last_us = 0

    def push(self, ticket: Ticket) -> Flow:
        flow = self.flows.get(ticket.key)
        if flow is None:
            flow = Flow(self, ticket.key, self.fair.tag(ticket.key))
            self.flows[ticket.key] = flow
        flow.push(ticket)
        self.waiting += 1
        heappush(self.deadlines, (ticket.deadline_us, ticket.seq, ticket))
        drop_gone(self.deadlines, self.waiting)
        return flow

    def place(self, flow: Flow) -> None:
        """Put a flow where it belongs now: its tag, its first ticket or its standing aside has changed."""
        flow.version += 1
        ticket = flow.first()
        if ticket is None:
            self.flows.pop(flow.key, None)
            if not self.flows:
                self.heap.clear()
        elif flow.gate is None:
            heappush(self.heap, (flow.tag, ticket.seq, flow.version, flow))
            if len(self.heap) > 2 * len(self.flows) + STALE:
                self.heap = [entry for entry in self.heap if entry[2] == entry[3].version]
                heapify(self.heap)

    def first(self) -> Ticket | None:
        """Whose turn it is, of those that do not stand aside."""
        urgent = self.urgent
        if urgent is not None:
            if not urgent.gone and self.flows[urgent.key].gate is None:
                return urgent
            self.urgent = None
        heap = self.heap
        while heap:
            _, _, version, flow = heap[0]
            if version == flow.version:
                return flow.first()
            heappop(heap)
        return None

    def look_for_urgent(self, now_us: int) -> None:
        """An estimate was too good where a deadline is near and the turn is not: that one goes first.
        It is charged to its key like any other start, so that in the long run nobody gains by it."""
        deadlines = self.deadlines
        while deadlines and deadlines[0][2].gone:
            heappop(deadlines)
        if deadlines and self.rescued < _IN_A_ROW and deadlines[0][0] <= now_us + NEAR * self.pace_us:
            self.urgent = deadlines[0][2]

    def start(self, flow: Flow, ticket: Ticket, now_us: int) -> None:
        """Its ticket has started."""
        if self.last_us:
            self.pace_us += _PACE * (now_us - self.last_us - self.pace_us)
        self.last_us = now_us
        urgent, self.urgent = ticket is self.urgent, None
        self.rescued = self.rescued + 1 if urgent else 0
        cost = self.fair.pay(flow.key, ticket.cost)
        if urgent:  # out of turn, so the time of all stands still
            self.fair.tags[flow.key] = flow.tag + cost
        else:
            self.fair.charge(flow.key, flow.tag, cost)
        flow.tag += cost
        flow.remove(ticket)
        self.place(flow)

    def correct(self, key: str, by: int) -> None:
        """What the key took was more, or less, than was thought."""
        self.fair.owe(key, by)

    def shared_limits(self) -> tuple[Limit, ...]:
        """Those that are the same for all of its keys."""
        flow = next(iter(self.flows.values()), None)
        ticket = None if flow is None else flow.first()
        limits = () if ticket is None else ticket.limits
        return tuple(limit for limit in limits if limit.scope.kind != "key")

    def tickets(self) -> Iterator[Ticket]:
        for flow in self.flows.values():
            for rank in flow.ranks.values():
                yield from (ticket for ticket in rank.tickets if not ticket.gone)


def drop_gone(heap: list[tuple[int, int, Ticket]], waiting: int) -> None:
    """Rid a heap of tickets of those that have gone, before they are more than the others."""
    if len(heap) > 2 * waiting + STALE:
        heap[:] = [entry for entry in heap if not entry[2].gone]
        heapify(heap)
