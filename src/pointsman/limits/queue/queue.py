"""The queue before the limits: what fits before its deadline waits, what cannot is told so at once.

    reservation = queue.try_enter(ticket) or await queue.enter(ticket, leave, on_place)
    … the call …
    queue.settle(reservation, used)

Whose turn it is decides ``scheduler.py``; here is the waiting itself, with one timer for all. A request that
is cancelled, or whose client goes, gives back what it was given even if both happen in the same moment.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from pointsman.errors import PointsmanError
from pointsman.http1 import Leave
from pointsman.limits.forecast.eta import Estimate
from pointsman.limits.turns.scheduler import Charge, Scheduler
from pointsman.limits.turns.seen import Seen
from pointsman.limits.values.limit import NOTHING, Amounts, Level, Limit, Shortage
from pointsman.limits.values.port import LocalLimits, Reservation, SharedLimits
from pointsman.limits.values.ticket import Place, Ticket

from . import refusals
from .admission import Admission
from .asking import AskShared, asking
from .room import Room
from .snapshot import QueueView, queue_view

OnPlace = Callable[[Place], None]
Start = asyncio.Future[Reservation]

_MOST_PUSHED_OUT = 2
"""Of those who wait, by one who comes: it may take the room of several that are smaller, who are then told so
with the next."""
_GRACE_US = 250_000
"""For a shared store to answer in, after a deadline."""


class Queue:
    """All requests that wait, for any number of lanes. For one event loop; made without one.

    Args:
        store: where the limits are counted.
        monotonic: the clock, in seconds.
        random: from 0 up to 1; for jitter where the store is shared.
        max_waiting: places in all; a key may take as many as twice what would be left.
        place_every: seconds between two calls of ``on_place``.
    """

    def __init__(
        self,
        store: LocalLimits | SharedLimits,
        *,
        monotonic: Callable[[], float],
        random: Callable[[], float] = lambda: 0.5,
        max_waiting: int = 10_000,
        place_every: float = 5.0,
    ) -> None:
        self._monotonic = monotonic
        self._place_every = place_every
        self._store = asking(store, self.now_us, random)
        self._seen = Seen()
        self._scheduler = Scheduler(self._seen)
        self._room = Room[Start](max_waiting)
        self._admission = Admission(self._store, self._scheduler, self._seen, self._room, self.now_us)
        self._charges: dict[Reservation, Charge] = {}
        self._began: dict[Reservation, int] = {}
        """Where the store goes by a clock of its own: when calls began by ours."""
        self._timer: asyncio.TimerHandle | None = None
        self._asking: asyncio.Task[None] | None = None
        self._late = 0

    def now_us(self) -> int:
        """The clock that tickets go by."""
        return round(self._monotonic() * 1_000_000)

    @property
    def shared(self) -> bool:
        """Whether the store is one that replicas share: then ``try_enter`` never lets in, and ``ask`` may."""
        return not self._store.at_once

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._scheduler.count

    def try_enter(self, ticket: Ticket) -> Reservation | None:
        """Start at once if nobody is passed by that and all limits allow it; None: ask ``enter``."""
        store = self._store
        if not store.at_once or (self._scheduler.count and self._scheduler.stands_behind(ticket)):
            return None
        answer = store.ask_now(ticket)
        return answer if type(answer) is Reservation else None

    def start(self, limits: tuple[Limit, ...], amounts: Amounts) -> Reservation | None:
        """As ``try_enter`` while nobody waits: then there is no order to keep, and so no need of a ticket."""
        store = self._store
        if not store.at_once:
            return None
        answer = store.take_now(limits, amounts)
        return answer if type(answer) is Reservation else None

    async def ask(self, ticket: Ticket) -> Reservation | None:
        """As ``try_enter``, where the store is shared and has to be asked."""
        store = self._store
        if store.at_once or (self._scheduler.count and self._scheduler.stands_behind(ticket)):
            return None
        return self._begun(await store.ask(ticket, waits=False))

    async def enter(
        self, ticket: Ticket, leave: Leave | None = None, on_place: OnPlace | None = None
    ) -> Reservation:
        """Wait until the request may start.

        Args:
            leave: of its client. If that goes, the place is free at once.
            on_place: called as soon as it is known that it must wait, and every few seconds from then on.

        Raises:
            RateLimited: it cannot start before its deadline, or there is no place to wait in; ``retry_after``
                says when it could. Nothing is held for it.
            PointsmanError: status 499, the client has gone.
        """
        answer = await self._ask_first(ticket)
        if isinstance(answer, Reservation):
            return answer
        place = self._place(await self._admission.admit(ticket, answer))
        future = self._join(ticket)
        if leave is not None:
            leave.listen(lambda: self._fail(ticket, refusals.left()))
        try:
            if not future.done() and on_place is not None:
                await self._report(ticket, future, place, on_place)
            reservation = await future
            if leave is not None and leave.gone:
                raise refusals.left()
            return reservation
        except BaseException:
            self._abandon(ticket, future)
            raise
        finally:
            if leave is not None:
                leave.listen(None)

    def settle(self, reservation: Reservation, used: Amounts) -> None:
        """A call is over: count what it used, and let start who fits now. A second time does nothing."""
        if reservation.settled:
            return
        self._store.give_back(reservation, used)
        limits = reservation.limits
        for limit in limits:
            if limit.window == "slots" and (hold_us := self._held_us(reservation)) is not None:
                self._seen.hold(limit, hold_us)
        if self._scheduler.count or self._charges:
            self._learn(reservation, limits, used)
            self._wake(limits, reservation.amounts, used)
        if self._began:
            self._began.pop(reservation, None)

    def revise(self, *limits: Limit) -> None:
        """These limits have another size from now on, also for requests that wait already."""
        self._scheduler.revise(limits)
        self._pump()

    async def place(self, ticket: Ticket) -> Place:
        """Where a waiting request stands now."""
        return self._place(await self._admission.estimate(ticket))

    def _place(self, found: Estimate) -> Place:
        starts_in = None if found.wait_us is None else found.wait_us / 1_000_000
        return Place(found.ahead + 1, starts_in, self._monotonic())

    async def snapshot(self) -> QueueView:
        """The queue as it stands, for people to look at."""
        lanes, levels = self._scheduler.lanes, dict[str, list[Level]]()
        for name, lane in list(lanes.items()):
            shared = lane.shared_limits()
            levels[name] = await self._store.levels(shared) if shared else []
        return queue_view(
            lanes, levels, self._seen, self.now_us(), max_waiting=self._room.most, late=self._late
        )

    async def _ask_first(self, ticket: Ticket) -> Reservation | Shortage | None:
        """What the store says, if nobody is passed by asking it; None if somebody is."""
        for limit in ticket.limits:
            if ticket.amounts[limit.place] > limit.amount:
                raise refusals.never(ticket, limit)
        if self._scheduler.stands_behind(ticket):
            return None
        if self._store.at_once:
            return self._store.ask_now(ticket)
        answer = await self._store.ask(ticket, waits=False)
        self._begun(answer)
        return answer

    def _begun(self, answer: Reservation | Shortage) -> Reservation | None:
        """Of a shared store: note when, by the clock of this machine."""
        if isinstance(answer, Shortage):
            return None
        self._began[answer] = self.now_us()
        return answer

    def _join(self, ticket: Ticket) -> Start:
        future: Start = asyncio.get_running_loop().create_future()
        self._room.join(ticket, future)
        self._scheduler.join(ticket)
        self._pump()
        for _ in range(_MOST_PUSHED_OUT):
            hopeless = self._admission.hopeless(ticket.lane)
            if hopeless is None:
                break
            self._seen.pushed_out(hopeless.lane)
            self._let_down(hopeless)
        return future

    async def _report(self, ticket: Ticket, future: Start, place: Place, on_place: OnPlace) -> None:
        """Say where it stands, every few seconds, until it starts."""
        on_place(place)
        while not (await asyncio.wait((future,), timeout=self._place_every))[0]:
            on_place(await self.place(ticket))

    def _fail(self, ticket: Ticket, error: PointsmanError) -> None:
        """It waits no more, and is told why."""
        future = self._room.leave(ticket)
        if future is not None:
            self._scheduler.leave(ticket)
            if not future.done():
                future.set_exception(error)
            self._pump()

    def _abandon(self, ticket: Ticket, future: Start) -> None:
        """Whoever waited has gone: give back what it was given meanwhile."""
        if self._room.leave(ticket) is not None:
            self._scheduler.leave(ticket)
            self._pump()
        elif future.done() and not future.cancelled() and future.exception() is None:
            self._return(future.result())

    def _return(self, reservation: Reservation) -> None:
        """Nothing was sent."""
        if not reservation.settled:
            self._store.give_back(reservation, NOTHING)
            self._began.pop(reservation, None)
            charge = self._charges.pop(reservation, None)
            if charge is not None:
                self._scheduler.correct(charge, reservation.limits, reservation.amounts, NOTHING, 0)
            self._wake(reservation.limits, reservation.amounts, NOTHING)

    def _held_us(self, reservation: Reservation) -> int | None:
        """How long a call was under way. None: a part that was split off, of a store with its own clock."""
        began = reservation.at_us if self._store.at_once else self._began.get(reservation)
        return None if began is None else self.now_us() - began

    def _learn(self, reservation: Reservation, limits: tuple[Limit, ...], used: Amounts) -> None:
        reserved = reservation.amounts
        for limit in limits:
            if limit.window != "slots":
                self._seen.use(limit, reserved[limit.place], used[limit.place])
        charge = self._charges.pop(reservation, None)
        if charge is not None:
            self._scheduler.correct(charge, limits, reserved, used, self._held_us(reservation) or 0)

    def _wake(self, limits: tuple[Limit, ...], reserved: Amounts, used: Amounts) -> None:
        if self._scheduler.count:
            self._scheduler.wake(
                limit.id
                for limit in limits
                if limit.window == "slots" or used[limit.place] < reserved[limit.place]
            )
            self._pump()

    def _pump(self) -> None:
        """Ask for all whose turn it is, and set the timer for the rest."""
        if self._store.at_once:
            while (ticket := self._scheduler.next(self.now_us())) is not None:
                self._answered(ticket, self._store.ask_now(ticket))
            self._set_timer()
        elif self._asking is None and self._scheduler.count:
            self._asking = asyncio.get_running_loop().create_task(self._pump_shared(self._store))

    async def _pump_shared(self, store: AskShared) -> None:
        try:
            while (ticket := self._scheduler.next(self.now_us())) is not None:
                self._answered(ticket, await store.ask(ticket, waits=True))
        finally:
            self._asking = None
        self._set_timer()

    def _answered(self, ticket: Ticket, answer: Reservation | Shortage) -> None:
        future = self._room.find(ticket)
        if future is None or future.done():  # cancelled, and its task has not come to say so
            if isinstance(answer, Reservation):
                self._store.give_back(answer, NOTHING)
            self._room.leave(ticket)
            self._scheduler.leave(ticket)
            self._scheduler.dropped(ticket)
        elif isinstance(answer, Reservation):
            self._seen.waited(ticket.lane, ticket.guess_us, self.now_us() - ticket.at_us)
            if not self._store.at_once:
                self._began[answer] = self.now_us()
            self._charges[answer] = self._scheduler.started(ticket, self.now_us())
            self._seen.in_time(ticket.lane)
            self._room.leave(ticket)
            future.set_result(answer)
        elif answer.never:
            self._room.leave(ticket)
            self._scheduler.leave(ticket)
            self._scheduler.dropped(ticket)
            future.set_exception(refusals.never(ticket, answer.limit))
        else:
            again = answer if self._store.at_once else self._store.again(answer)
            self._scheduler.short(ticket, again, self.now_us())

    def _set_timer(self) -> None:
        due, last = self._scheduler.due_us(), self._room.next_deadline_us()
        if last is not None:
            last += 0 if self._store.at_once else _GRACE_US
            due = last if due is None else min(due, last)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None:
            wait = max(0, due - self.now_us()) / 1_000_000
            self._timer = asyncio.get_running_loop().call_later(wait, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        now = self.now_us()
        self._scheduler.wake_due(now)
        self._pump()
        for ticket in self._room.overdue(now - (0 if self._store.at_once else _GRACE_US)):
            if not self._store.at_once:
                self._seen.waited(ticket.lane, ticket.guess_us, now - ticket.at_us)
            self._seen.late(ticket.lane)
            self._let_down(ticket)

    def _let_down(self, ticket: Ticket) -> None:
        """It was let wait on an estimate that was too good."""
        self._late += 1
        future = self._room.leave(ticket)
        self._scheduler.leave(ticket)
        if future is not None and not future.done():
            future.set_exception(self._admission.missed(ticket))
        self._pump()
