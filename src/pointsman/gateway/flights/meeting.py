"""Flights across gateways: one of those that have equal requests makes the call, and tells the others.

    the gateway that leads        tell_queue ──> tell_head ──> (pieces, by flights.py) ──> tell_end
    a gateway that follows        Meeting.elsewhere reads all that, and its flight gives it to its riders

What they tell each other is in ``caching/shared/flights.py``: the bytes of one form of the answer, which each
gateway gives its own clients in theirs. The books are made where the call was made (``booking.py``).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, asynccontextmanager
from functools import partial
from hashlib import blake2b

from pointsman.caching.shared.answers import Kept, Sharing
from pointsman.caching.shared.flights import (
    End,
    Head,
    Item,
    LeadLost,
    Met,
    Queued,
    SharedFailure,
    failure_of,
)
from pointsman.errors import PointsmanError, StreamBroken
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.values import Answer

from .booking import payer_of
from .flight import Flight

_TRIES = 3
"""Leaders that are followed in vain, before a call is made that nobody else is told of."""
_GLANCE = 0.25
"""Seconds between two looks at where a call stands in the queue."""


class Meeting:
    """
    Args:
        sharing: where gateways meet.
        splits: all who have an answer pay a part of the call.
    """

    def __init__(self, sharing: Sharing, clock: Clock, *, splits: bool) -> None:
        self._sharing = sharing
        self._clock = clock
        self._splits = splits

    async def find_or_meet(self, answers: Sequence[bytes], key: bytes, call: Call) -> Kept | Met | None:
        """Whether an answer is kept that would do, and if none is, whether another gateway makes the call:
        in one round trip.

        Args:
            key: of the flight.
        """
        payers = [payer_of(call)] if self._splits else []
        return await self._sharing.find_or_meet(answers, _name(key), payers)

    async def elsewhere(self, flight: Flight) -> bool:
        """Whether another gateway made the call, and all is over; else it is to be made here, and what
        ``flight.lead`` says of it goes to the others."""
        if flight.lead is not None:
            return False  # it was handed on to another client
        flights = self._sharing.flights
        for _ in range(_TRIES):
            met, flight.met = flight.met, None
            if met is None:
                met = await flights.meet(_name(flight.key), flight.named())
            if met is None:
                return False  # it is away
            if met.lead is not None:
                flight.lead = met.lead
                met.lead.watch(partial(_followed, flight))
                return False
            assert met.follow is not None
            flight.look_elsewhere(met.follow)
            try:
                await self._follow(flight, met.follow.items())
            except LeadLost:
                if flight.following.begun:
                    self._break(flight)
                    return True
                if flight.make() is None:
                    self._end(flight, End())
                    return True
            else:
                return True
        return False

    async def _follow(self, flight: Flight, items: AsyncGenerator[Item, None]) -> None:
        """Give the clients here what another gateway tells, as long as any is there. Raises LeadLost."""
        following, leave = flight.following, flight.leave.child()
        head: Head | None = None
        whole: list[bytes] = []
        try:
            async with asyncio.timeout(None) as patience, aclosing(items) as told:
                leave.listen(partial(patience.reschedule, 0.0))
                async for item in told:
                    if isinstance(item, Queued):
                        flight.is_queued(item, self._clock.monotonic())
                    elif isinstance(item, Head):
                        if not flight.is_told(item):
                            raise LeadLost
                        head = item
                        if head.streamed:
                            following.begin(head.status, list(head.headers), streamed=True)
                    elif isinstance(item, End):
                        if head is not None and not head.streamed and item.error is None:
                            following.begin(head.status, list(head.headers), streamed=False)
                            following.put(b"".join(whole))  # nobody was told of a part of it
                        self._end(flight, item)
                    elif head is None:
                        raise LeadLost
                    elif head.streamed:
                        following.put(item)
                        await following.room()
                    else:
                        whole.append(item)
        except TimeoutError:  # nobody is left
            self._end(flight, End())
        finally:
            leave.listen(None)

    def _end(self, flight: Flight, end: End) -> None:
        failure = None if end.error is None else SharedFailure(end.error)
        flight.land_elsewhere(end, failure, self._clock.monotonic())
        following = flight.following
        following.end(None if following.begun and following.streamed else failure)

    def _break(self, flight: Flight) -> None:
        """Whoever made the call is gone, or gave it up, in the midst of a stream."""
        error = StreamBroken(
            "The gateway that made the call for this answer broke off; what came is incomplete. Ask again."
        )
        flight.deserted, made = True, flight.made
        assert made is not None
        flight.following.put(made.arrival.face.encode_stream_error(error, made.arrival.request_id))
        self._end(flight, End(failure_of(error)))


def drop(met: Met | None) -> None:
    """What came of asking is not wanted."""
    if met is not None and met.lead is not None:
        met.lead.give_up()
    elif met is not None and met.follow is not None:
        met.follow.drop()


def _name(key: bytes) -> bytes:
    return blake2b(key, digest_size=32).digest()


# -- telling


@asynccontextmanager
async def tell_queue(flight: Flight, made: Call) -> AsyncIterator[None]:
    """Tell where the call stands in the queue, until the block is left."""
    if flight.lead is None:
        yield
        return
    telling = asyncio.create_task(_tell_places(flight, made))
    try:
        yield
    finally:
        telling.cancel()


async def _tell_places(flight: Flight, made: Call) -> None:
    said: Queued | None = None
    while flight.lead is not None:
        place = made.place
        now = Queued() if place is None else Queued(place.position, place.starts_in)
        if made.attempts:
            now = Queued(0)
        if now != said:
            flight.lead.queued(now)
            said = now
        if made.attempts:
            return
        await asyncio.sleep(_GLANCE)


def tell_head(flight: Flight, made: Call, answer: Answer) -> None:
    lead, route, peek = flight.lead, made.route, made.peek
    if lead is None:
        return
    lead.head(
        Head(
            made.arrival.face.name,
            answer.status,
            not isinstance(answer.body, bytes),
            tuple(answer.headers),
            made.arrival.request_id,
            "" if route is None else route.name,
            "" if route is None else route.provider.name,
            usage=peek is not None and peek.wants_stream_usage,
        )
    )


async def settle(flight: Flight) -> None:
    """Make the books of a call that is over, if they wait for who is to pay at other gateways."""
    if flight.unbooked:
        assert flight.lead is not None
        flight.divide(await flight.lead.payers())


def tell_end(flight: Flight, error: PointsmanError | None = None, *, stored: bool = False) -> None:
    if flight.lead is not None:
        failure = None if error is None else failure_of(error)
        flight.lead.end(End(failure, stored, flight.cost, flight.usage, flight.part, flight.payers))


def deserted(flight: Flight) -> None:
    """The last of its clients here has left: the provider is told, unless there are others elsewhere."""
    lead = flight.lead
    if lead is None or lead.lost:
        flight.leave.now()
    else:
        lead.beat()


def _followed(flight: Flight, count: int) -> None:
    following = flight.following
    if not (count or following.seats or following.done):
        flight.leave.now()
