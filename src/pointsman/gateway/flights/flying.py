"""The call of a flight, from its start to its books: made here, if no other gateway makes it, for its maker;
and for the next rider where it fails for a reason that is the maker's alone. What comes of it is put where
all who ride read it (``following.py``), and told to other gateways (``meeting.py``).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from contextlib import aclosing

from pointsman.errors import InternalError, PointsmanError, ServerBusy
from pointsman.gateway.call.books import Books
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.respond import told_cost
from pointsman.gateway.call.values import Answer
from pointsman.gateway.flow.waiting import MustWait

from .flight import Flight
from .meeting import Meeting, drop, settle, tell_end, tell_head, tell_queue
from .metrics import FlightMetrics

_log = logging.getLogger("pointsman.journey")

Send = Callable[[Call], Awaitable[Answer]]
Keep = Callable[[Call, Answer, bytes | None], Awaitable[bool]]
"""Sees a call that is over, its answer, and the whole body of it; None: too large to be held. Says whether it
is kept."""


class Flying:
    """
    Args:
        books: where requests are booked.
        keep: told of each answer.
    """

    def __init__(self, books: Books, keep: Keep, metrics: FlightMetrics) -> None:
        self._books = books
        self._keep = keep
        self._metrics = metrics

    async def fly(self, flight: Flight, send: Send, meeting: Meeting | None) -> None:
        """Until it is over and booked; a call that is its maker's alone to fail is made for the next one.

        Args:
            meeting: None: other gateways are not asked.
        """
        made = flight.made
        try:
            while made is not None:
                if meeting is not None and await meeting.elsewhere(flight):
                    break
                assert flight.made is not None
                if await self._make(flight, flight.made, send):
                    break
                self._metrics.handed_on += 1
                made = flight.make()
        finally:
            flight.divide(())  # unless that is done
            drop(flight.met)
            if flight.lead is not None:
                flight.lead.give_up()  # unless all is told
            flight.following.release()
            flight.over()
            self._metrics.land(flight.carried)

    async def _make(self, flight: Flight, made: Call, send: Send) -> bool:
        """Make the call; False if it is to be made for another."""
        following = flight.following
        try:
            answer = await self._sent(flight, made, send)
            await self._bring(flight, made, answer)
        except PointsmanError as error:
            await settle(flight)
            if following.begun:
                self._break(flight, made, error)
                return True
            if flight.is_own(error):
                flight.hand_on(error)
                return False
            own = flight.is_own(error, alone=True)
            flight.refuse(error)
            if not own:  # else another gateway may do better
                tell_end(flight, error)
            following.end(error)
        except Exception:  # noqa: BLE001 - a bug of ours: an error for the clients, the traceback for the log
            request_id = made.arrival.request_id
            _log.exception("request %s failed", request_id)
            self._break(flight, made, InternalError(f"Internal error; its id is {request_id}."))
        except BaseException:  # cancelled: what was spent until then is booked all the same
            self._books.account(made, 499, "cut")
            self._break(flight, made, _stopping())
            raise
        return True

    async def _sent(self, flight: Flight, made: Call, send: Send) -> Answer:
        try:
            return await send(made)
        except MustWait:
            made.may_wait = flight.queued = True
            flight.following.wake()
            async with tell_queue(flight, made):
                return await send(made)

    async def _bring(self, flight: Flight, made: Call, answer: Answer) -> None:
        following, body = flight.following, answer.body
        if flight.unbooked:  # a whole answer: its maker is told what it pays
            await settle(flight)
            answer.headers = told_cost(answer.headers, made.cost)
        following.begin(answer.status, answer.headers, streamed=not isinstance(body, bytes))
        tell_head(flight, made, answer)
        lead = flight.lead
        if isinstance(body, bytes):
            following.put(body)
            if lead is not None:
                lead.put(body)
        else:
            async with aclosing(body) as pieces:
                async for piece in pieces:
                    following.put(piece)
                    if lead is not None:
                        lead.put(piece)
                    await following.room()
            await settle(flight)
            if made.outcome == "cut" and following.seats:  # it was given up, and not for want of riders
                self._break(flight, made, _stopping())
                return
        try:
            kept = await self._keep(made, answer, following.whole())
            tell_end(flight, made.failure, stored=kept)
        finally:
            following.end()  # it was whole, also for whoever stops the gateway just now

    def _break(self, flight: Flight, made: Call, error: PointsmanError) -> None:
        following, arrival = flight.following, made.arrival
        if following.done:
            return
        made.failure = error
        if not made.settled:
            flight.refuse(error)
        flight.failure = error
        if following.begun and following.streamed:
            following.put(arrival.face.encode_stream_error(error, arrival.request_id))
            following.end()
        else:
            following.end(error)


def _stopping() -> ServerBusy:
    return ServerBusy(
        "The gateway is stopping, and gave up the call for this answer. Ask again.", retry_after=1.0
    )
