"""Who waits for one lane: a flow for each key, and the order between them."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from heapq import heappop, heappush

from .fair import Fair
from .gate import Gate
from .limit import Limit
from .ticket import Ticket


class Load:
    """The sum of some tickets."""

    __slots__ = ("amounts", "cost", "count")

    def __init__(self) -> None:
        self.count = 0
        self.cost = 0
        self.amounts = [0, 0, 0, 0, 0, 0, 0]

    def add(self, ticket: Ticket, sign: int = 1) -> None:
        self.count += sign
        self.cost += sign * ticket.cost
        amounts = self.amounts
        for place, amount in enumerate(ticket.amounts):
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
        self.gate: Gate | None = None
        """Of the key's own limit that its first ticket waits for; then it stands aside."""
        self.claims: dict[Gate, None] = {}
        self.version = 0

    def first(self) -> Ticket | None:
        for priority in sorted(self.ranks):
            ticket = self.ranks[priority].first()
            if ticket is not None:
                return ticket
            del self.ranks[priority]
        return None

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
        self.ranks[ticket.priority].load.add(ticket, -1)
        self.load.add(ticket, -1)


class Lane:
    """One lane: its flows, in fair order."""

    __slots__ = ("claims", "fair", "flows", "gate", "heap", "name", "queued", "seq")

    def __init__(self, name: str, seq: int) -> None:
        self.name = name
        self.seq = seq
        self.fair = Fair()
        self.flows: dict[str, Flow] = {}
        self.heap: list[tuple[int, int, int, Flow]] = []
        self.gate: Gate | None = None
        """Of the shared limit that its first ticket waits for; then all of the lane waits."""
        self.claims: dict[Gate, None] = {}
        self.queued = False

    @property
    def waiting(self) -> int:
        return sum(flow.load.count for flow in self.flows.values())

    def push(self, ticket: Ticket) -> Flow:
        flow = self.flows.get(ticket.key)
        if flow is None:
            flow = Flow(self, ticket.key, self.fair.tag(ticket.key))
            self.flows[ticket.key] = flow
        flow.push(ticket)
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

    def first(self) -> Flow | None:
        """Whose turn it is, of those that do not stand aside."""
        heap = self.heap
        while heap:
            _, _, version, flow = heap[0]
            if version == flow.version:
                return flow
            heappop(heap)
        return None

    def start(self, flow: Flow, ticket: Ticket) -> None:
        """Its ticket has started."""
        self.fair.charge(flow.key, flow.tag, ticket.cost)
        flow.tag += ticket.cost
        flow.remove(ticket)
        self.place(flow)

    def correct(self, key: str, by: int) -> None:
        """What the key took was more, or less, than was thought."""
        self.fair.correct(key, by)
        flow = self.flows.get(key)
        if flow is not None and by:
            flow.tag += by
            self.place(flow)

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
