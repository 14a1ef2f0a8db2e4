"""Whether a request may wait: when it would start, and what it is told if that is too late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from pointsman.errors import PointsmanError

from . import refusals
from .asking import AskLocal, AskShared
from .coming import Coming
from .eta import Estimate, among_others, drift_of, estimate
from .limit import Shortage
from .room import Room
from .scheduler import Scheduler
from .seen import Seen
from .ticket import Ticket


class Admission:
    """The judgement at the door of the room."""

    def __init__(
        self,
        store: AskLocal | AskShared,
        scheduler: Scheduler,
        seen: Seen,
        room: Room[Any],
        now_us: Callable[[], int],
    ) -> None:
        self._store = store
        self._scheduler = scheduler
        self._seen = seen
        self._room = room
        self._now_us = now_us
        self._coming = Coming()

    async def estimate(self, ticket: Ticket) -> Estimate:
        """When it starts, waiting already or not yet."""
        found = await self._estimate(ticket)
        if not self._store.at_once:
            return found
        return _drifted(found, drift_of(found, self._seen.drift(ticket.lane)))

    async def _estimate(self, ticket: Ticket) -> Estimate:
        lane, store = ticket.lane, self._store
        levels = await store.levels(ticket.limits)
        if store.at_once:
            args = (store.wait_for, self._coming, self._now_us())
            found = estimate(self._scheduler, ticket, levels, self._seen, *args)
        else:
            found = estimate(self._scheduler, ticket, levels, self._seen)
        if found.wait_us and not ticket.guess_us:
            ticket.guess_us = found.wait_us
        if store.at_once:
            return found
        return among_others(
            found, store.told(lane), self._seen.stretch(lane), self._scheduler.lanes.get(lane)
        )

    async def admit(self, ticket: Ticket, answer: Shortage | None) -> Estimate:
        """Let it wait, or raise why not. ``answer``: of the store, if nobody is passed by asking it."""
        if answer is not None and answer.never:
            raise refusals.never(ticket, answer.limit)
        self._scheduler.weigh(ticket)
        found = await self._estimate(ticket)
        left_us = ticket.deadline_us - self._now_us()
        away = answer is not None and answer.away
        if answer is not None and (away or answer.wait_us is not None):  # nobody is before it: that is exact
            found, drift, care = Estimate(0, answer.wait_us, answer.limit, answer.wait_us), 1.0, 1.0
        else:
            drift = drift_of(found, self._seen.drift(ticket.lane)) if self._store.at_once else 1.0
            care = 1 + self._seen.margin(ticket.lane)
        limit, latest_us = found.limit, found.careful_us
        if limit is None or limit.scope.kind != "key":
            self._coming.see(ticket.lane, ticket.key, ticket.cost, ticket.likely, self._now_us())
        if left_us <= 0 or (latest_us is not None and latest_us * care > left_us):
            raise refusals.too_late(ticket, limit, latest_us, max(0, left_us), factor=care, away=away)
        if not self._room.has_place(ticket.key):
            raise refusals.full(self._room.most, len(self._room), self._next_start_us())
        return _drifted(found, drift)

    def missed(self, ticket: Ticket) -> PointsmanError:
        """It was let in on an estimate that was too good."""
        if not self._store.at_once and (told := self._store.told(ticket.lane)) is not None:
            return refusals.too_late(ticket, told.limit, told.wait_us, 0, away=told.away)
        lane = self._scheduler.lanes[ticket.lane]
        gate = lane.flows[ticket.key].gate or lane.gate
        limit = None if gate is None else gate.limit
        return refusals.too_late(ticket, limit, self._next_start_us(), 0)

    def _next_start_us(self) -> int | None:
        """Microseconds until somebody starts."""
        if not self._store.at_once:
            return self._store.soonest_us()
        due = self._scheduler.due_us()
        return None if due is None else max(0, due - self._now_us())


def _drifted(found: Estimate, drift: float) -> Estimate:
    if found.wait_us is None:
        return found
    return msgspec.structs.replace(found, wait_us=round(found.wait_us * drift))
