"""Flights across gateways: one of those that have equal requests makes the call, and tells the others.

What they tell each other is in ``caching/shared_flights.py``: the bytes of one form of the answer, which each
gateway gives its own clients in theirs. The gateway that makes the call pays for it, with whatever rule it
has among its own clients; the others' have it for nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from hashlib import blake2b

from pointsman.caching.shared_flights import (
    End,
    Head,
    Item,
    LeadLost,
    SharedFailure,
    SharedFlights,
    failure_of,
)
from pointsman.errors import PointsmanError, StreamBroken
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.ports import Clock
from pointsman.gateway.call.values import Answer

from .flight import Flight

_TRIES = 3
"""Leaders that are followed in vain, before a call is made that nobody else is told of."""


class Meeting:
    """
    Args:
        shared: where gateways meet.
    """

    def __init__(self, shared: SharedFlights, clock: Clock) -> None:
        self._shared = shared
        self._clock = clock

    async def elsewhere(self, flight: Flight) -> bool:
        """Whether another gateway made the call, and all is over; else it is to be made here, and what
        ``flight.lead`` says of it goes to the others."""
        if flight.lead is not None:
            return False  # it was handed on to another client
        key = blake2b(flight.key, digest_size=32).digest()
        for _ in range(_TRIES):
            flight.lead = lead = await self._shared.lead(key)
            if lead is not None:
                lead.watch(partial(_followed, flight))
                return False
            if self._shared.away:
                return False
            flight.look_elsewhere()
            try:
                await self._follow(flight, self._shared.follow(key))
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
                    if isinstance(item, Head):
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
        made = flight.made
        assert made is not None
        flight.following.put(made.arrival.face.encode_stream_error(error, made.arrival.request_id))
        self._end(flight, End(failure_of(error)))


# -- telling


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


def tell_end(flight: Flight, error: PointsmanError | None = None, *, stored: bool = False) -> None:
    if flight.lead is not None:
        failure = None if error is None else failure_of(error)
        flight.lead.end(End(failure, stored, flight.cost, flight.usage))


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
