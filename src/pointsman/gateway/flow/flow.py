"""What stands between a plan and its provider: limits, the queue, and what is known of each deployment.

A passage is one attempt's way through: made by ``try_enter`` or ``enter``, told of what happens to it, and
over exactly once.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite

from pointsman.chat import Usage
from pointsman.config import key_ceilings
from pointsman.errors import InvalidRequest, PointsmanError, UpstreamRateLimited
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.candidates import Candidates
from pointsman.gateway.call.passage import Need, Passage
from pointsman.gateway.call.ports import Clock, Random
from pointsman.gateway.call.values import Arrival
from pointsman.keys import NO_LIMITS
from pointsman.keys.limits import MOST_PRIORITY
from pointsman.limits import (
    NOTHING,
    Amounts,
    Limit,
    LimitBook,
    LimitLearner,
    Queue,
    Reservation,
    Ticket,
    Way,
    nothing_held,
)
from pointsman.limits.request.book import NO_CEILINGS
from pointsman.resilience import Health

from .demands import Demands
from .metrics import FlowMetrics

MAX_WAIT = b"x-pointsman-max-wait"
PRIORITY = b"x-pointsman-priority"
_WHY = {"larger_than_limit": "never", "queue_full": "full", "client_left": "left"}
"""By code of the error: why the queue turned a request away."""
_NOTHING_HELD = nothing_held()


class Flow:
    """For all requests of a gateway."""

    def __init__(
        self,
        *,
        book: LimitBook,
        learner: LimitLearner,
        queue: Queue,
        demands: Demands,
        health: Health,
        clock: Clock,
        random: Random,
        max_wait: float,
    ) -> None:
        """``max_wait``: seconds, where neither the request nor its key says otherwise."""
        self.book = book
        self.queue = queue
        self.health = health
        self.counted = FlowMetrics()
        self._learner = learner
        self._demands = demands
        self._clock = clock
        self._random = random
        self._max_wait = max_wait

    def try_enter(self, call: Call, ways: Candidates) -> Passage | None:
        """If it may start at once. Takes what ``call.route`` and ``call.encode()`` will take."""
        queue, (way, limits) = self.queue, self._limits(call)
        if limits and queue.shared:
            return None  # it has to be asked
        headers = call.arrival.headers
        if MAX_WAIT in headers or PRIORITY in headers:
            self._ticket(call, ways)  # what is wrong with them is told even if nobody has to wait
        amounts, need = self._demands.estimate(call, way.deployment, limits)
        if not limits:
            return self._let_in(call, ways, way, amounts, need, _NOTHING_HELD)
        if queue.waiting:
            reservation = queue.try_enter(self._ticket(call, ways)[0])
        else:
            reservation = queue.start(limits, amounts)
        if reservation is None:
            return None
        return self._let_in(call, ways, way, reservation.amounts, need, reservation)

    async def ask(self, call: Call, ways: Candidates) -> Passage | None:
        """As ``try_enter``, where replicas share the limits and the store has to be asked; else None."""
        if not self.queue.shared:
            return None
        ticket, way, need = self._ticket(call, ways)
        reservation = await self.queue.ask(ticket)
        if reservation is None:
            return None
        return self._let_in(call, ways, way, reservation.amounts, need, reservation)

    async def enter(self, call: Call, ways: Candidates) -> Passage:
        """Wait for it.

        Raises:
            RateLimited: it would not start before its deadline.
        """
        ticket, way, need = self._ticket(call, ways)
        before = self._clock.monotonic()
        try:
            # only a stream can be told its place, and to find it is work
            tell = call.take_place if call.streams else None
            reservation = await self.queue.enter(ticket, call.arrival.leave, tell)
        except PointsmanError as error:
            self.counted.refused(ticket.lane, _WHY.get(error.code, "deadline"))
            raise
        finally:
            waited = self._clock.monotonic() - before
            call.queued_us += round(waited * 1e6)
        self.counted.waited(ticket.lane, waited)
        return self._let_in(call, ways, way, reservation.amounts, need, reservation)

    def turn_back(self, passage: Passage) -> None:
        """It will not be sent after all: nothing was used."""
        passage.over = True
        passage.watch.cancel()
        self.queue.settle(passage.reservation, NOTHING)

    def sent(self, record: AttemptRecord) -> None:
        """It is on its way to the provider."""
        passage = record.passage
        if passage is not None and record.route.provider.learns_limits:
            passage.sent_us = now_us = int(record.started * 1e6)
            self._learner.see_sent(passage.way.deployment, passage.amounts, now_us)

    def answered(self, record: AttemptRecord, headers: Mapping[str, str]) -> None:
        """The head of an answer is there, with a status below 400."""
        passage = record.passage
        if passage is not None and record.route.provider.learns_limits:
            self._learner.see_answer(passage.way.deployment, headers, self._now_us(), sent_us=passage.sent_us)

    def refused(self, record: AttemptRecord, error: PointsmanError, headers: Mapping[str, str]) -> None:
        """The provider has answered with an error."""
        passage, route = record.passage, record.route
        if passage is None or not isinstance(error, UpstreamRateLimited):
            return
        passage.refused = True
        self.counted.rate_limited(passage.way.deployment)
        if not route.provider.learns_limits:
            return
        now = self._clock.monotonic()
        in_flight = self.health.deployment(route.deployment, route.provider.name, now).in_flight
        self._learner.see_refusal(
            passage.way.deployment,
            error,
            headers,
            round(now * 1e6),
            sent_us=passage.sent_us,
            amounts=passage.amounts,
            in_flight=max(0, in_flight - 1),
        )

    def begun(self, record: AttemptRecord, now: float) -> None:
        """The first event of a stream is there."""
        if record.passage is not None:
            record.passage.watch.first_byte(now, now - record.started)

    def over(self, record: AttemptRecord, key: str, error: PointsmanError | None, now: float) -> None:
        """The attempt is settled: ``record.usage`` is what it took, as far as is known. ``key``: its id."""
        passage = record.passage
        if passage is None or passage.over:
            return
        passage.over = True
        if record.outcome == "ok":
            passage.watch.succeed(now, now - record.started)
        elif error is not None:
            passage.watch.fail(error, now, self._random())
        else:
            passage.watch.cancel()
        used = self._demands.used(record, passage, error)
        self._demands.learn(record, passage, key)
        if not passage.refused and record.route.provider.learns_limits:
            self._learner.see_end(
                passage.way.deployment, passage.amounts, used, int(now * 1e6), sent_us=passage.sent_us
            )
        if not passage.reservation.settled:  # also where only its key was limited, and holds that itself
            self.queue.settle(passage.reservation, used)

    def release(self, hold: Reservation, usage: Usage | None, attempts: int) -> None:
        """The whole request is over: what it took from the limits of its key."""
        self.queue.settle(hold, self._demands.used_of_key(hold.amounts, usage, attempts))

    def _let_in(
        self,
        call: Call,
        ways: Candidates,
        way: Way,
        amounts: Amounts,
        need: Need,
        reservation: Reservation,
    ) -> Passage:
        """The key's part of a reservation outlives the attempt: the next one does not reserve it again."""
        if call.key_hold is None and way.keys:
            call.key_hold = reservation.split(way.keys)
        route = ways.routes[ways.here]
        now = self._clock.monotonic()
        deployment = self.health.deployment(route.deployment, route.provider.name, now)
        watch = deployment.begin(now, retry=ways.is_retry())
        return Passage(way, amounts, need, reservation, watch)

    def _limits(self, call: Call) -> tuple[Way, tuple[Limit, ...]]:
        """Those that ``call`` meets at its route, and of them those of which nothing is held for it yet."""
        key, route = call.arrival.key, call.route
        assert route is not None, "planned before it is let in"
        limits = key.limits
        ceilings = NO_CEILINGS if limits is NO_LIMITS else key_ceilings(limits)
        way = self.book.way(route.provider.name, route.name, route.name, key.id, ceilings)
        return way, way.limits if call.key_hold is None else way.limits[way.keys :]

    def _ticket(self, call: Call, ways: Candidates) -> tuple[Ticket, Way, Need]:
        arrival, key = call.arrival, call.arrival.key
        way, asked = self._limits(call)
        amounts, need = self._demands.estimate(call, way.deployment, asked)
        at_us = self._now_us()
        ticket = Ticket(
            asked,
            amounts,
            key=key.id,
            lane=way.deployment,
            at_us=at_us,
            deadline_us=self._deadline_us(arrival, at_us, ways.deadline),
            weight=key.limits.weight,
            priority=-self._priority_of(arrival),
        )
        return ticket, way, need

    def _deadline_us(self, arrival: Arrival, now_us: int, last: float) -> int:
        """By when it must have begun. Each further attempt may wait for what is left of the same time, and
        none beyond ``last``, when the whole request must be over."""
        return max(now_us, round(min(arrival.started + self.patience(arrival), last) * 1e6))

    def patience(self, arrival: Arrival) -> float:
        """Seconds from its arrival that it may wait for room.

        Raises:
            InvalidRequest: what its headers say of the queue is wrong.
        """
        asked, priority = arrival.headers.get(MAX_WAIT), arrival.headers.get(PRIORITY)
        if priority is not None:
            priority_of(priority)
        if asked is not None:
            return max_wait_of(asked)
        own = arrival.key.limits.max_wait
        return self._max_wait if own is None else own

    def _priority_of(self, arrival: Arrival) -> int:
        """Within its key; a higher one goes first. The request's own, or what the key has for all."""
        asked = arrival.headers.get(PRIORITY)
        return arrival.key.limits.priority if asked is None else priority_of(asked)

    def _now_us(self) -> int:
        return int(self._clock.monotonic() * 1e6)


def max_wait_of(value: bytes) -> float:
    """Seconds, from ``x-pointsman-max-wait``. Raises InvalidRequest."""
    try:
        seconds = float(value)
    except ValueError:
        seconds = -1.0
    if not (isfinite(seconds) and seconds >= 0):
        raise InvalidRequest(
            "x-pointsman-max-wait is a number of seconds from 0 on, which is not to wait at all.",
            param="x-pointsman-max-wait",
        )
    return seconds


def priority_of(value: bytes) -> int:
    """From ``x-pointsman-priority``. Raises InvalidRequest."""
    try:
        priority = int(value)
    except ValueError:
        priority = MOST_PRIORITY + 1
    if abs(priority) > MOST_PRIORITY:
        raise InvalidRequest(
            f"x-pointsman-priority is a whole number from -{MOST_PRIORITY} to {MOST_PRIORITY}; among the "
            "requests of a key a higher one goes first.",
            param="x-pointsman-priority",
        )
    return priority
