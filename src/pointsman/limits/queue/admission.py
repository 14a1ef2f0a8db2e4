"""Whether a request may wait: when it would start, and what it is told if that is too late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from pointsman.errors import PointsmanError
from pointsman.limits.forecast.coming import Coming
from pointsman.limits.forecast.eta import Estimate, among_others, drift_of, estimate
from pointsman.limits.turns.lane import NEAR
from pointsman.limits.turns.scheduler import Scheduler
from pointsman.limits.turns.seen import Seen
from pointsman.limits.values.limit import Shortage
from pointsman.limits.values.ticket import Ticket

from . import refusals
from .asking import AskLocal, AskShared
from .room import Room


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
        if store.at_once:
            return self._estimate_now(store, ticket)
        found = estimate(self._scheduler, ticket, await store.levels(ticket.limits), self._seen)
        if found.wait_us and not ticket.guess_us:
            ticket.guess_us = found.wait_us
        return among_others(
            found, store.told(lane), self._seen.stretch(lane), self._scheduler.lanes.get(lane)
        )

    def _estimate_now(self, store: AskLocal, ticket: Ticket) -> Estimate:
        levels = store.levels_now(ticket.limits)
        more = (store.wait_for, self._coming, self._now_us())
        found = estimate(self._scheduler, ticket, levels, self._seen, *more)
        if found.wait_us and not ticket.guess_us:
            ticket.guess_us = found.wait_us
        return found

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

    def hopeless(self, lane_name: str) -> Ticket | None:
        """The last of a lane, if it cannot start before its deadline any more, since others came and are owed
        more: so many that to be started out of turn would not help (``lane.py``), or all in no less of a
        hurry."""
        store, lane = self._store, self._scheduler.lanes.get(lane_name)
        if not store.at_once or lane is None:
            return None
        flows = [flow for flow in lane.flows.values() if flow.gate is None]
        flow = max(flows, key=lambda flow: flow.tag + flow.load.cost, default=None)
        ticket = None if flow is None else flow.last()
        if ticket is None:
            return None
        left_us = ticket.deadline_us - self._now_us()
        levels = store.levels_now(ticket.limits)
        found = estimate(self._scheduler, ticket, levels, self._seen, store.wait_for)
        if found.wait_us is None or found.wait_us <= left_us:
            return None
        late_us = found.wait_us - left_us
        if late_us > NEAR * lane.pace_us:
            return ticket
        until_us = ticket.deadline_us + late_us
        found = estimate(self._scheduler, ticket, levels, self._seen, store.wait_for, until_us=until_us)
        return ticket if found.wait_us is None or found.wait_us > left_us else None

    def missed(self, ticket: Ticket) -> PointsmanError:
        """What one is told that was let wait in vain, and waits no more."""
        store, lane = self._store, ticket.lane
        if not store.at_once:
            told = store.told(lane)
            if told is not None:
                return refusals.too_late(ticket, told.limit, told.wait_us, 0, away=told.away)
            return refusals.passed_over(ticket, None, self._next_start_us())
        found = self._estimate_now(store, ticket.again(self._now_us()))
        care = 1 + self._seen.margin(lane)
        return refusals.passed_over(ticket, found.limit, found.careful_us, factor=care)

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
