"""One connection to an upstream: one request at a time, no stream and no task between.

The request path costs one write, one future and no timer: the single timer is armed once and, when it goes
off, looks whether the deadline has meanwhile moved.
"""

from __future__ import annotations

import asyncio
from typing import Protocol, cast

from pointsman.errors import InternalError, PointsmanError, UpstreamMalformed, UpstreamUnreachable
from pointsman.http1.answer import AnswerParser
from pointsman.http1.failures import connection_broke, too_slow
from pointsman.http1.gathering import Gathering, Outbox
from pointsman.http1.port import Leave, Timeouts
from pointsman.http1.response import HIGH_WATER, Response

_JOIN_MAX = 64 << 10
"""A body up to this size is copied behind its head, so that one segment carries both."""
IN_FLIGHT = 5.0
"""Seconds for which a server may go on sending after it was told that the caller left."""
_CLOCK_GRAIN = 0.001
"""Seconds by which a loop's timer may go off early."""
_NO_TIMEOUTS = Timeouts(None, None, None, None)


class Owner(Protocol):
    """Whoever lends the connection out."""

    def released(self, connection: Connection) -> None:
        """It is idle and may be used again."""
        ...

    def dropped(self, connection: Connection) -> None:
        """It can never be used again; told once."""
        ...

    def disconnected(self, connection: Connection) -> None:
        """Its socket is closed; told once, last."""
        ...


class Connection(asyncio.Protocol):
    def __init__(
        self, owner: Owner, place: str, keep_alive: float, loop: asyncio.AbstractEventLoop, outbox: Outbox
    ) -> None:
        self._owner = owner
        self._place = place
        self._keep_alive = keep_alive
        self._loop = loop
        self._outbox = outbox
        self._transport: Gathering | None = None
        self.admitted = False
        """Set by the owner once it counts as one of its connections."""
        self._dead = False
        self._half_closed = False
        self._paused = False
        self._sending = False
        self._timer: asyncio.TimerHandle | None = None
        self._timer_at = 0.0
        self._deadline: float | None = None
        self._answer = AnswerParser(place, self)
        # the exchange under way
        self._turn = 0
        self._busy = False
        self._timeouts = _NO_TIMEOUTS
        self._total_at: float | None = None
        self._waiter: asyncio.Future[Response] | None = None
        self._until: float | None = None
        self._leave: Leave | None = None

    # -- the request

    def is_usable(self) -> bool:
        """Whether a request may be written to it, as far as can be known without writing."""
        return not self._dead and self._transport is not None and not self._transport.is_closing()

    async def exchange(
        self,
        head: bytes,
        body: bytes,
        timeouts: Timeouts,
        total_at: float | None,
        leave: Leave | None,
        *,
        head_only: bool,
    ) -> Response:
        """Send a request and wait for the head of its answer. Cancelling it closes the connection."""
        assert self._transport is not None
        self._turn = turn = self._turn + 1
        self._busy = True
        self._timeouts = timeouts
        self._total_at = total_at
        self._leave = leave
        self._answer.start(head_only=head_only)
        waiter: asyncio.Future[Response] = self._loop.create_future()
        self._waiter = waiter
        if len(body) <= _JOIN_MAX:
            self._transport.write(head + body if body else head)
        else:
            self._transport.writelines((head, body))
        if not self._sending:
            self._await_first_byte()
        if leave is not None:
            leave.listen(self._caller_left)
        try:
            return await waiter
        except asyncio.CancelledError:
            # The answer may have come between the cancelling and this line, and the connection been lent on.
            if self._busy and self._turn == turn:
                self.abort()
            raise

    def _await_first_byte(self) -> None:
        limit, at = self._timeouts.first_byte, self._total_at
        if limit is not None:
            first_at = self._loop.time() + limit
            at = first_at if at is None or first_at < at else at
        self._arm(at)

    def pause_writing(self) -> None:
        self._sending = True
        if self._busy and not self._answer.begun:
            self._arm(self._total_at)

    def resume_writing(self) -> None:
        self._sending = False
        if self._busy and not self._answer.begun:
            self._await_first_byte()

    def _caller_left(self) -> None:
        """Tell the server, and read on for what is in flight. TLS has no half-closing: there it ends now."""
        if self._sending or not self.finish_sending():
            self.fail(UpstreamUnreachable(f"The caller left during a call to {self._place}."))
            return
        self._total_at = _earlier(self._total_at, self._loop.time() + IN_FLIGHT)
        self._arm(_earlier(self._deadline, self._total_at))

    # -- what the response asks for

    def wait(self, until: float | None = None) -> asyncio.Future[Response]:
        if self._waiter is not None:
            raise InternalError("Two tasks read the same answer.")
        self._until = until
        if until is None and (idle := self._timeouts.idle) is not None:
            until = self._loop.time() + idle
        self._arm(_earlier(self._total_at, until))
        self._waiter = waiter = self._loop.create_future()
        return waiter

    def now(self) -> float:
        return self._loop.time()

    def resume(self) -> None:
        if self._paused and self._transport is not None and not self._dead:
            self._paused = False
            self._transport.resume_reading()

    def finish_sending(self) -> bool:
        if self._dead or self._transport is None or not self._transport.can_write_eof():
            return False
        self.resume()
        self._transport.write_eof()
        self._half_closed = True
        return True

    def abort(self) -> None:
        """Close at once. Whoever waits for the answer is left to whoever called this."""
        if self._dead:
            return
        self._dead = True
        self._busy = False
        self._waiter = None
        self._stop_listening()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._transport is not None:
            self._transport.abort()
        self._owner.dropped(self)

    def fail(self, error: PointsmanError) -> None:
        """Close at once and tell whoever waits, or reads later."""
        waiter, response = self._waiter, self._answer.response
        self.abort()
        if response is not None:
            response.fail(error)
            if waiter is not None and not waiter.done():
                waiter.set_result(response)
        elif waiter is not None and not waiter.done():
            waiter.set_exception(error)

    # -- asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport = cast(asyncio.Transport, transport)  # uvloop's are not subclasses
        self._transport = Gathering(transport, self._outbox)
        # Nothing may be buffered without our knowing: the time to the first byte starts when all is sent.
        # Not 0, at which asyncio's TLS pauses whenever it has sent everything.
        transport.set_write_buffer_limits(high=1, low=0)

    def data_received(self, data: bytes) -> None:
        if not self._busy:
            self.abort()  # an answer to nothing: whatever it is, it must not become the next one's
            return
        answer = self._answer
        try:
            answer.feed(data)
        except UpstreamMalformed as error:
            self.fail(error)
            return
        if answer.complete:
            self._finish()
        elif answer.response is not None:
            if answer.progress:
                self._deliver(answer.response)
        elif not self._sending and (idle := self._timeouts.idle) is not None:
            self._arm(_earlier(self._total_at, self._loop.time() + idle))

    def eof_received(self) -> None:
        self._ended(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended(exc)
        self._transport = None
        self._answer.release()
        self._owner.disconnected(self)

    def _ended(self, error: Exception | None) -> None:
        if self._dead:
            return
        if not self._busy:
            self.abort()
        elif self._answer.response is None:
            self.fail(connection_broke(error, self._place, "before an answer came"))
        elif self._answer.until_eof and error is None:
            self._finish()
        else:
            self.fail(connection_broke(error, self._place, "before the end of the answer"))

    # -- transitions

    def _deliver(self, response: Response) -> None:
        """Part of the body is there, or the head alone."""
        waiter = self._waiter
        if waiter is not None:
            self._waiter = None
            if not waiter.done():
                waiter.set_result(response)
        if response.unread > HIGH_WATER and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def _finish(self) -> None:
        """The answer is whole: hand it over, and the connection back."""
        waiter, answer = self._waiter, self._answer
        response = answer.response
        assert response is not None
        self._waiter = None
        self._busy = False
        if self._leave is not None:
            self._stop_listening()
        response.complete()
        if waiter is not None and not waiter.done():
            waiter.set_result(response)
        if answer.reusable and not self._half_closed and not self._sending and self.is_usable():
            if self._paused:
                self.resume()
            self._arm(self._loop.time() + self._keep_alive)
            self._owner.released(self)
        else:
            self.abort()

    def _stop_listening(self) -> None:
        if self._leave is not None:
            self._leave.listen(None)
            self._leave = None

    # -- time

    def _arm(self, at: float | None) -> None:
        self._deadline = at
        if at is not None and (self._timer is None or at < self._timer_at):
            if self._timer is not None:
                self._timer.cancel()
            self._timer_at = at
            self._timer = self._loop.call_at(at, self._on_timer)

    def _on_timer(self) -> None:
        self._timer = None
        deadline = self._deadline
        now = self._loop.time() + _CLOCK_GRAIN
        if self._busy and self._waiter is None:
            deadline = self._total_at  # a slow reader is not a slow server
        if deadline is None or now < deadline:
            self._arm(deadline)
        elif not self._busy:
            self.abort()
        else:
            self._time_is_over(now)

    def _time_is_over(self, now: float) -> None:
        timeouts = self._timeouts
        if self._leave is not None and self._leave.gone:
            self.fail(
                UpstreamUnreachable(
                    f"The caller left, and {self._place} had not ended its answer {IN_FLIGHT} s later."
                )
            )
        elif self._total_at is not None and now >= self._total_at:
            self.fail(too_slow(f"The whole call to {self._place}", timeouts.total))
        elif not self._answer.begun:
            self.fail(too_slow(f"The first byte of the answer of {self._place}", timeouts.first_byte))
        elif self._until is not None and self._answer.response is not None:
            self._deliver(self._answer.response)
        else:
            self.fail(too_slow(f"The next bytes of the answer of {self._place}", timeouts.idle))


def _earlier(a: float | None, b: float | None) -> float | None:
    if a is None or b is None:
        return b if a is None else a
    return a if a < b else b
