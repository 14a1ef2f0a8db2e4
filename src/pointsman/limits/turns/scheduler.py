"""Whose turn it is. Pure: it is told what the store answered, and says whom to ask for next.

    while (ticket := scheduler.next(now)) is not None:
        answer = store.reserve(ticket.limits, ticket.amounts, now)
        … scheduler.started(ticket, now), or scheduler.short(ticket, answer, now)

Between keys of a lane there is weighted fair order by dominant share (``fair.py``), within a key the lowest
priority number, then who came first. The first of a lane waits for the limit that it is short of, and all of
the lane with it; only where that is the key's own limit, the key stands aside and the next has its turn.
Where lanes share a limit, the key that took least of it is first.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from heapq import heappop, heappush
from typing import cast

import msgspec

from pointsman.limits.values.limit import SLOTS, Amounts, Limit, Shortage
from pointsman.limits.values.ticket import Ticket

from .fair import dominant_share, share
from .gate import Gate
from .lane import Flow, Lane
from .seen import Seen


class Charge(msgspec.Struct, frozen=True):
    """What a start was charged with, to be corrected by what it really took."""

    lane: str
    key: str
    weight: float
    cost: int


class Scheduler:
    """The order of all that wait."""

    def __init__(self, seen: Seen) -> None:
        self.lanes: dict[str, Lane] = {}
        self.gates: dict[str, Gate[Lane | Flow]] = {}
        self.count = 0
        self._seen = seen
        self._ready: list[tuple[int, int, Lane]] = []
        self._loose: list[Gate[Lane | Flow]] = []
        self._seq = 0

    def stands_behind(self, ticket: Ticket) -> bool:
        """Whether somebody waits whom this one would pass if it started now."""
        if ticket.lane in self.lanes:
            return True
        gates = self.gates
        if not gates:
            return False
        return any((gate := gates.get(limit.id)) is not None and gate.owner for limit in ticket.limits)

    def join(self, ticket: Ticket) -> None:
        """It waits from now on. If it is first in its order, it is among the next to ask for."""
        self.count += 1
        self._seq += 1
        ticket.seq = self._seq
        if not ticket.cost:
            self.weigh(ticket)
        lane = self.lanes.get(ticket.lane)
        if lane is None:
            lane = self.lanes[ticket.lane] = Lane(ticket.lane, self._seq)
        was = lane.first()
        flow = lane.push(ticket)
        if flow.first() is ticket:
            self._reconsider(lane, flow, was)

    def leave(self, ticket: Ticket) -> None:
        """It waits no more, and has not started. A second time does nothing."""
        if ticket.gone:
            return
        lane = self.lanes[ticket.lane]
        flow = lane.flows[ticket.key]
        was = lane.first()
        was_first = was is ticket or flow.first() is ticket
        flow.remove(ticket)
        self.count -= 1
        if was_first:
            self._reconsider(lane, flow, was)

    def next(self, now_us: int) -> Ticket | None:
        """Whom to ask the store for; None: nobody can start before ``due_us``. Each is to be answered with
        ``started``, ``short`` or ``dropped``."""
        while self._ready:
            lane = heappop(self._ready)[2]
            lane.queued = False
            lane.look_for_urgent(now_us)
            while lane.gate is None and (ticket := lane.first()) is not None:
                flow = lane.flows[ticket.key]
                gate = self._barred(ticket, lane, flow)
                if gate is None:
                    return ticket
                self._wait_behind(gate, lane, flow)
            if lane.gate is None:
                self._release(lane)
        for gate in self._loose:
            if gate.owner is None and self.gates.get(gate.limit.id) is gate:
                del self.gates[gate.limit.id]
        self._loose.clear()
        return None

    def dropped(self, ticket: Ticket) -> None:
        """It left while the store was asked; whoever is first in its lane now is to be asked for instead."""
        lane = self.lanes.get(ticket.lane)
        if lane is not None and lane.gate is None:
            self._make_ready(lane)

    def started(self, ticket: Ticket, now_us: int) -> Charge:
        """The store gave it what it asked for."""
        lane = self.lanes[ticket.lane]
        flow = lane.flows[ticket.key]
        for limit in ticket.limits:
            gate = self.gates.get(limit.id)
            if gate is not None and gate.width > 1:
                cost = share(ticket.amounts[limit.place], limit, ticket.weight)
                gate.fair.charge(ticket.key, gate.fair.tag(ticket.key), cost)
        lane.start(flow, ticket, now_us)
        self.count -= 1
        self._release(flow)
        self._release(lane)
        self._make_ready(lane)
        self._forget_if_empty(lane)
        return Charge(ticket.lane, ticket.key, ticket.weight, ticket.cost)

    def short(self, ticket: Ticket, shortage: Shortage, now_us: int) -> None:
        """The store had not enough for it: it claims what it is short of."""
        lane = self.lanes[ticket.lane]
        flow = lane.flows[ticket.key]
        if lane.first() is not ticket:  # somebody came before it meanwhile
            self._make_ready(lane)
            return
        limit = shortage.limit
        gate = self.gates.get(limit.id)
        if gate is None:
            gate = self.gates[limit.id] = Gate(limit)
        gate.limit = limit
        who: Lane | Flow = flow if limit.scope.kind == "key" else lane
        if gate.owner is not None and gate.owner is not who:
            gate.behind[gate.owner] = None
        gate.behind.pop(who, None)
        gate.owner = who
        gate.until_us = None if shortage.wait_us is None else now_us + shortage.wait_us
        who.claims.setdefault(gate)
        for wider in [claim for claim in lane.claims if claim.width > gate.width]:
            self._give_up(wider, lane)
        who.gate = gate
        if who is flow:
            lane.place(flow)
            self._make_ready(lane)

    def correct(
        self, charge: Charge, limits: tuple[Limit, ...], reserved: Amounts, used: Amounts, hold_us: int
    ) -> None:
        """A call is over: what its key took is now known."""
        lane = self.lanes.get(charge.lane)
        if lane is not None:
            real = cast(Amounts, (*used[:SLOTS], reserved[SLOTS]))
            lane.correct(charge.key, dominant_share(limits, real, charge.weight, hold_us) - charge.cost)
        for limit in limits:
            gate = self.gates.get(limit.id)
            if gate is not None and gate.width > 1 and limit.window != "slots":
                by = used[limit.place] - reserved[limit.place]
                gate.fair.correct(charge.key, share(by, limit, charge.weight))

    def wake(self, limit_ids: Iterable[str]) -> None:
        """Something was given back to these: their owners should ask again."""
        for name in limit_ids:
            gate = self.gates.get(name)
            if gate is not None and gate.owner is not None:
                self._ask_again(gate, gate.owner)

    def wake_due(self, now_us: int) -> None:
        """Let all ask again whose time has come."""
        for gate in self.gates.values():
            if gate.owner is not None and gate.until_us is not None and gate.until_us <= now_us:
                self._ask_again(gate, gate.owner)

    def due_us(self) -> int | None:
        """When somebody should ask again at the latest; None: not before something is given back."""
        times = [
            gate.until_us
            for gate in self.gates.values()
            if gate.owner is not None and gate.owner.gate is gate and gate.until_us is not None
        ]
        return min(times, default=None)

    def revise(self, limits: Iterable[Limit]) -> None:
        """These limits have another amount from now on, also for those who wait."""
        new = {limit.id: limit for limit in limits}
        for ticket in self.tickets():
            if any(limit.id in new for limit in ticket.limits):
                ticket.limits = tuple(new.get(limit.id, limit) for limit in ticket.limits)
        self.wake(new)

    def tickets(self) -> Iterator[Ticket]:
        for lane in self.lanes.values():
            yield from lane.tickets()

    def weigh(self, ticket: Ticket) -> None:
        """Find out what it is likely to use, and what its key is charged for that."""
        limits = ticket.limits
        ticket.likely = self._seen.likely(limits, ticket.amounts)
        ticket.cost = dominant_share(limits, ticket.likely, ticket.weight, self._seen.hold_among(limits))

    def _reconsider(self, lane: Lane, flow: Flow, was: Ticket | None) -> None:
        """A flow has another first ticket, or none: whether it can start must be found out anew."""
        if flow.gate is not None:
            flow.gate.behind.pop(flow, None)
            flow.gate = None
        lane.place(flow)
        if flow.load.count == 0:
            self._release(flow)
        if lane.gate is None or lane.first() is not was:
            self._unblock(lane)
        self._forget_if_empty(lane)

    def _forget_if_empty(self, lane: Lane) -> None:
        if not lane.flows:
            del self.lanes[lane.name]
            self._release(lane)

    def _unblock(self, lane: Lane) -> None:
        if lane.gate is not None:
            lane.gate.behind.pop(lane, None)
            lane.gate = None
        self._make_ready(lane)

    def _ask_again(self, gate: Gate[Lane | Flow], who: Lane | Flow) -> None:
        """Let one that waits at the gate ask, if it is there that it waits. Others stay behind it."""
        if who.gate is not gate:
            return
        gate.behind.pop(who, None)
        who.gate = None
        if isinstance(who, Flow):
            who.lane.place(who)
            first = who.lane.first()
            if who.lane.gate is None or (first is not None and first.key == who.key):
                self._unblock(who.lane)
        else:
            self._make_ready(who)

    def _make_ready(self, lane: Lane) -> None:
        if not lane.queued and lane.flows:
            lane.queued = True
            heappush(self._ready, (self._rank(lane), lane.seq, lane))

    def _rank(self, lane: Lane) -> int:
        """Which of several lanes asks first: whose next key took least of what they share."""
        ticket = lane.first()
        if ticket is None or not self.gates:
            return 0
        found = (self.gates.get(limit.id) for limit in ticket.limits)
        return max((gate.fair.tag(ticket.key) for gate in found if gate and gate.width > 1), default=0)

    def _barred(self, ticket: Ticket, lane: Lane, flow: Flow) -> Gate[Lane | Flow] | None:
        """The gate that is claimed by somebody who goes before this one."""
        gates = self.gates
        if gates:
            for limit in ticket.limits:
                gate = gates.get(limit.id)
                if gate is None or gate.owner is None or gate.owner is lane or gate.owner is flow:
                    continue
                if not self._goes_before(ticket, gate):
                    return gate
        return None

    def _goes_before(self, ticket: Ticket, gate: Gate[Lane | Flow]) -> bool:
        """Whether a ticket comes before the first of those who claim the gate."""
        first = None if gate.owner is None else gate.owner.first()
        if first is None:
            return True
        if gate.width == 0:
            return (ticket.priority, ticket.seq) < (first.priority, first.seq)
        tag = gate.fair.tag
        return (tag(ticket.key), ticket.seq) < (tag(first.key), first.seq)

    def _wait_behind(self, gate: Gate[Lane | Flow], lane: Lane, flow: Flow) -> None:
        """Wait until the owner of a gate has started, or wants no more."""
        who: Lane | Flow = flow if gate.width == 0 else lane
        who.gate = gate
        gate.behind[who] = None
        if who is flow:
            lane.place(flow)

    def _release(self, who: Lane | Flow) -> None:
        """It claims nothing any more."""
        for gate in list(who.claims):
            self._give_up(gate, who)

    def _give_up(self, gate: Gate[Lane | Flow], who: Lane | Flow) -> None:
        who.claims.pop(gate, None)
        if gate.owner is not who:
            return
        gate.owner = None
        gate.until_us = None
        waiting, gate.behind = gate.behind, {}
        for other in waiting:
            self._ask_again(gate, other)
        if waiting:
            self._loose.append(gate)
        else:
            del self.gates[gate.limit.id]
