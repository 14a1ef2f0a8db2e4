"""Single flight: equal requests that miss the cache at the same time share one call.

    answer_cache.py ── board ──> Flights ── one task for each Flight ──> the journey's send ──> a provider
         │                                          │       └──────────> meeting.py <──> other gateways
         └── answer <── retelling.py <── following.py: what came, kept for whoever reads it

The call is made by a task of its own (``flying.py``), with a ``Leave`` of its own; clients only read what it
brings (``following.py``), the past first, then live, in their own dialect and form (``retelling.py``). Any of
them may leave, the first one too; when nobody is left the provider is told. Who rides in a flight is in
``flight.py``, how it is booked in ``booking.py``, which requests may share in ``flight_key.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from pointsman.caching.rules.charging import Charge
from pointsman.caching.shared.answers import Kept, Sharing
from pointsman.caching.shared.flights import Met
from pointsman.errors import InvalidRequest, PointsmanError
from pointsman.gateway.call.books import Books
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.refusal import once
from pointsman.gateway.call.respond import coalesced_headers
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.gateway.flow.waiting import MustWait
from pointsman.gateway.resume.following import Following, Seat, fell_behind
from pointsman.gateway.resume.held import Held
from pointsman.gateway.resume.lingering import wind_up
from pointsman.http1 import Leave

from .flight import Flight, Rider
from .flying import Flying, Keep, Send
from .meeting import Meeting, deserted, drop
from .metrics import FlightMetrics
from .retelling import Ending, gathered, retold, same_form, streamed


class Flights:
    """All that are under way in a gateway.

    Args:
        most: bytes of one answer that are held for who joins later; of all of them, four times as many.
        charge: who pays.
        books: where requests are booked.
        keep: told of each answer.
        patience: seconds that a request may wait for room in limits. Raises InvalidRequest.
        announces: clients of streams are told that they wait for room.
        sharing: where gateways meet that share calls; None: each makes its own.
        grace: seconds that what is under way has to end when the gateway stops.
    """

    def __init__(
        self,
        *,
        most: int,
        charge: Charge,
        books: Books,
        keep: Keep,
        patience: Callable[[Arrival], float],
        announces: bool,
        clock: Clock,
        sharing: Sharing | None = None,
        grace: float = 5.0,
    ) -> None:
        self.metrics = FlightMetrics()
        self._most = most
        self._held = Held(4 * most)
        self._charge: Charge = charge
        self._books = books
        self._announces = announces
        self._patience = patience
        self._clock = clock
        self._grace = grace
        self.meeting = None if sharing is None else Meeting(sharing, clock, splits=charge == "split")
        self._flying = Flying(books, keep, self.metrics)
        self._flights: dict[bytes, Flight] = {}
        self._tasks: dict[asyncio.Task[None], Flight] = {}
        self.metrics.under_way = lambda: len(self._tasks)
        self.metrics.riding = lambda: sum([flight.following.seats for flight in self._tasks.values()])

    def joins(self, key: bytes) -> bool:
        """A call is under way that one more may join."""
        flight = self._flights.get(key)
        return flight is not None and flight.open

    def board(self, call: Call, key: bytes, send: Send, met: Met | None = None) -> bool:
        """Take a seat in the call that is under way, or in a new one. Whether it is under way already.

        Args:
            met: what came of asking other gateways, if they were.

        Raises:
            InvalidRequest: what its headers say of the queue is wrong.
        """
        if not self.joins(key):
            self._take_off(call, key, send, self.meeting, met)
            return False
        drop(met)
        patience = self._patience(call.arrival)
        self._flights[key].board(call).until = call.arrival.started + patience
        call.cache = "coalesced"
        self.metrics.coalesced += 1
        return True

    async def find_or_meet(self, answers: Sequence[bytes], key: bytes, call: Call) -> Kept | Met | None:
        """Whether other gateways know an answer that would do, or make the call; what was met is for
        ``board``."""
        return None if self.meeting is None else await self.meeting.find_or_meet(answers, key, call)

    async def answer(self, call: Call, send: Send) -> Answer | None:
        """What the call that it boarded brings, in its own dialect and form; None where it could not wait as
        long as that one for room, and is to be sent by itself.

        Raises:
            MustWait: the call waits in the queue, and the client of a stream should be told.
            PointsmanError: it has failed.
        """
        rider = call.rider
        assert rider is not None
        try:
            if not await self._begun(rider):
                rider.flight.get_off(rider)
                self.metrics.got_off += 1
                return None
            answer = await self._told(rider)
        except MustWait:
            raise
        except BaseException as error:
            rider.leave()
            call.rider = None
            if rider.again and isinstance(error, PointsmanError) and not call.arrival.leave.gone:
                return await self._once_more(rider, send)
            raise
        call.rider = None
        return answer

    async def close(self) -> None:
        """Give up what is under way, once that is booked."""
        for flight in list(self._tasks.values()):
            flight.leave.now()
        await wind_up(self._tasks, self._grace)

    # -- for those who ride

    async def _once_more(self, rider: Rider, send: Send) -> Answer | None:
        """All who were let go together share the next call: those of all gateways, where the one that made
        the last is gone. Where it is there, others are not asked: they may not have heard yet that it is
        over."""
        call, key = rider.call, rider.flight.key
        meeting = self.meeting if rider.flight.deserted else None
        if self.joins(key):
            self.board(call, key, send)
        else:
            self._take_off(call, key, send, meeting, None)
        assert call.rider is not None
        call.rider.second = True
        self.metrics.asked_again += 1
        return await self.answer(call, send)

    async def _begun(self, rider: Rider) -> bool:
        """Wait until there is something for it; False if it has no more time to wait for room."""
        call, seat, flight = rider.call, rider.seat, rider.flight
        following = flight.following

        def told() -> bool:
            return following.done or seat.gone or rider.error is not None or following.streamed

        def ready() -> bool:
            return told() or (flight.queued and call.streams and self._announces and not call.may_wait)

        def may_stay() -> bool:
            return flight.asked or rider.makes or ready()

        while not ready():
            if may_stay():
                await following.until(lambda: ready() or not may_stay())
            else:  # another's call waits for room: for as long as this one may
                try:
                    async with asyncio.timeout(max(0.0, self._until(rider) - self._clock.monotonic())):
                        await following.until(may_stay)
                except TimeoutError:
                    if not may_stay():
                        return False
        if not told():
            raise MustWait
        return True

    def _until(self, rider: Rider) -> float:
        """By when there must be room for it."""
        if rider.until is None:
            arrival = rider.call.arrival
            try:
                rider.until = arrival.started + self._patience(arrival)
            except InvalidRequest:
                rider.until = arrival.started  # it is told so where it waits for itself
        return rider.until

    async def _told(self, rider: Rider) -> Answer:
        call, seat, flight = rider.call, rider.seat, rider.flight
        following, made = flight.following, flight.made
        if rider.error is not None:
            raise rider.error
        if seat.gone:
            if seat.late:
                raise fell_behind()
            raise _left()
        if following.error is not None:
            raise following.error
        assert made is not None, "nothing else has an answer"
        if call.first_byte is None and call.streams:
            call.first_byte = self._clock.monotonic()
        if not following.streamed:
            body = following.held()
            following.give_back(seat)
            if rider.makes:
                return Answer(following.status, list(following.headers), body)
            said = retold(body, made.arrival.face, call)
            return Answer(
                200, coalesced_headers(call, following.headers), once(said) if call.streams else said
            )
        return await self._stream(rider, made)

    async def _stream(self, rider: Rider, made: Call) -> Answer:
        call, seat, flight = rider.call, rider.seat, rider.flight
        following, arrival = flight.following, call.arrival
        if same_form(call, made):
            body = await following.read(
                seat, lambda error: arrival.face.encode_stream_error(error, arrival.request_id)
            )
            headers = following.headers if rider.makes else coalesced_headers(call, following.headers)
            return Answer(following.status, list(headers), body)
        pieces = await following.read(seat)
        source = made.arrival.face
        if not call.streams:
            whole = await gathered(pieces, source, call, lambda: _ending(flight, seat))
            if whole is None:
                raise _left()
            return Answer(200, coalesced_headers(call, following.headers), whole)
        told = streamed(pieces, source, call, lambda: _ending(flight, seat))
        await anext(told)
        return Answer(200, coalesced_headers(call, following.headers), told)

    # -- the call

    def _take_off(self, call: Call, key: bytes, send: Send, meeting: Meeting | None, met: Met | None) -> None:
        leave = Leave()
        following = Following(self._most, self._held, lambda: deserted(flight))
        flight = Flight(key, following, leave, self._charge, self._books, met)
        flight.board(call)
        call.cache = "miss"
        if flight.make() is None:  # its client has left already
            drop(met)
            following.end(_left())
            return
        self._flights[key] = flight
        task = asyncio.get_running_loop().create_task(self._flying.fly(flight, send, meeting))
        self._tasks[task] = flight
        task.add_done_callback(self._land)

    def _land(self, task: asyncio.Task[None]) -> None:
        flight = self._tasks.pop(task)
        if self._flights.get(flight.key) is flight:
            del self._flights[flight.key]


def _left() -> PointsmanError:
    """Nobody reads this."""
    return PointsmanError("The client has gone.", status=499, code="client_left")


def _ending(flight: Flight, seat: Seat) -> Ending | None:
    if seat.late:
        raise fell_behind()
    if not flight.following.done:
        return None
    return Ending(flight.usage, flight.failure)
