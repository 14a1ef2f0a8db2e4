"""Whether a request may wait: when it would start, and what it is told if that is too late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pointsman.errors import PointsmanError

from . import refusals
from .asking import AskLocal, AskShared
from .eta import Estimate, among_others, corrected, estimate
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

    async def estimate(self, ticket: Ticket) -> Estimate:
        """When it starts, waiting already or not yet."""
        levels = await self._store.levels(ticket.limits)
        wait_for = self._store.wait_for if self._store.at_once else None
        found = estimate(self._scheduler, ticket, levels, self._seen, wait_for)
        if found.wait_us and not ticket.guess_us:
            ticket.guess_us = found.wait_us
        if self._store.at_once:
            return corrected(found, self._seen.drift(ticket.lane))
        lane = self._scheduler.lanes.get(ticket.lane)
        return among_others(found, self._store.told(ticket.lane), self._seen.stretch(ticket.lane), lane)

    async def admit(self, ticket: Ticket, answer: Shortage | None) -> Estimate:
        """Let it wait, or raise why not. ``answer``: of the store, if nobody is passed by asking it."""
        if answer is not None and answer.never:
            raise refusals.never(ticket, answer.limit)
        found = await self.estimate(ticket)
        left_us = ticket.deadline_us - self._now_us()
        most_us = left_us / (1 + self._seen.margin(ticket.lane))
        away = answer is not None and answer.away
        if answer is not None and (away or answer.wait_us is not None):  # nobody is before it: that is exact
            found, most_us = Estimate(0, answer.wait_us, answer.limit), left_us
        if left_us <= 0 or (found.wait_us is not None and found.wait_us > most_us):
            raise refusals.too_late(ticket, found.limit, found.wait_us, round(max(0, most_us)), away=away)
        if not self._room.has_place(ticket.key):
            raise refusals.full(self._room.most, len(self._room), self._next_start_us())
        return found

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
