"""A transport that carries requests straight into the simulator, with no socket between: for virtual time.

The answer is the upstream client's own ``Response`` and the errors are those of ``http1``, so that timeouts,
resets, stalls and callers that leave look as they do over a socket. Only HTTP itself is left out.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from pointsman.errors import PointsmanError, UpstreamUnreachable
from pointsman.http1 import HttpRequest, Leave, Timeouts
from pointsman.http1.connection import IN_FLIGHT
from pointsman.http1.failures import connect_failed, connection_broke, too_slow
from pointsman.http1.response import HIGH_WATER, Response
from pointsman.simulator import Simulator


class SimulatedTransport:
    """Implements ``Transport``.

    Args:
        simulator: to be made with the clock that goes by the running loop.
        delay: seconds that a request is on its way before the simulator sees it, asked once for each; what
            the caller does later (leaving, closing) takes as long. The way back takes no time.
    """

    def __init__(self, simulator: Simulator, *, delay: Callable[[], float] = lambda: 0.0) -> None:
        self.simulator = simulator
        self.sent = 0
        """Requests that were sent."""
        self.down: set[str] = set()
        """Starts of paths ("/openai"): while one stands here, its connections are refused."""
        self.on_send: Callable[[HttpRequest], None] | None = None
        """Told of each request that leaves."""
        self._delay = delay
        self._open: dict[_Exchange, None] = {}
        self._serving: set[asyncio.Task[None]] = set()
        self._crashes: list[BaseException] = []
        self._closed = False

    async def send(self, request: HttpRequest, timeouts: Timeouts, leave: Leave | None = None) -> Response:
        place, path = urlsplit(request.url).netloc, urlsplit(request.url).path
        if self._closed:
            raise UpstreamUnreachable("The transport is closed; nothing was sent.", sent=False)
        if leave is not None and leave.gone:
            raise UpstreamUnreachable("The caller left before anything was sent.", sent=False)
        if any(path.startswith(start) for start in self.down):
            raise connect_failed(ConnectionRefusedError(), place)
        self.sent += 1
        if self.on_send is not None:
            self.on_send(request)
        delay = self._delay()
        exchange = _Exchange(place, timeouts, leave, delay, self._open)
        server = _Server(request, exchange)
        exchange.server = server
        task = asyncio.create_task(self._serve(server, delay), name=f"simulator: {path}")
        self._serving.add(task)
        task.add_done_callback(self._served)
        return await exchange.head()

    async def settled(self) -> None:
        """Return when the simulator has done with all that it was asked, so that its invoice is complete.

        Raises: whatever the simulator broke down with.
        """
        while self._serving:
            await asyncio.wait(self._serving)
        if self._crashes:
            raise self._crashes[0]

    async def close(self) -> None:
        self._closed = True
        for exchange in list(self._open):
            exchange.fail(UpstreamUnreachable(f"The transport was closed during a call to {exchange.place}."))
        await self.settled()

    def drop(self) -> None:
        """The process has died: nothing is sent any more, and nobody here hears how calls end."""
        self._closed = True
        for exchange in list(self._open):
            exchange.abort()

    async def _serve(self, server: _Server, delay: float) -> None:
        if delay > 0:
            await asyncio.sleep(delay)
        try:
            await self.simulator(server.scope, server.receive, server.send)
        finally:
            server.abort()

    def _served(self, task: asyncio.Task[None]) -> None:
        self._serving.discard(task)
        if not task.cancelled() and (crash := task.exception()) is not None:
            self._crashes.append(crash)


class _Exchange:
    """One request and its answer, as its sender sees them. The ``Source`` of its response."""

    server: _Server

    def __init__(
        self,
        place: str,
        timeouts: Timeouts,
        leave: Leave | None,
        delay: float,
        open_: dict[_Exchange, None],
    ) -> None:
        self.place = place
        self.response: Response | None = None
        self._loop = asyncio.get_running_loop()
        self._timeouts = timeouts
        self._total_at = None if timeouts.total is None else self._loop.time() + timeouts.total
        self._leave = leave
        self._delay = delay
        self._open = open_
        self._over = False
        self._waiter: asyncio.Future[Response] | None = None
        self._until: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    async def head(self) -> Response:
        """Wait for the head of the answer. Cancelling this gives the answer up."""
        self._open[self] = None
        waiter: asyncio.Future[Response] = self._loop.create_future()
        self._waiter = waiter
        self._arm(self._in(self._timeouts.first_byte))
        if self._leave is not None:
            self._leave.listen(self._caller_left)
        try:
            return await waiter
        except asyncio.CancelledError:
            self.abort()
            raise

    def _caller_left(self) -> None:
        self.finish_sending()
        self._total_at = min(self._loop.time() + IN_FLIGHT, self._total_at or float("inf"))
        at = None if self._timer is None else self._timer.when()
        self._arm(self._total_at if at is None else min(at, self._total_at))

    # what the response asks for

    def wait(self, until: float | None = None) -> asyncio.Future[Response]:
        assert self._waiter is None, "two tasks read the same answer"
        self._until = until
        self._arm(self._in(self._timeouts.idle) if until is None else _earlier(until, self._total_at))
        self._waiter = waiter = self._loop.create_future()
        return waiter

    def resume(self) -> None:
        self.server.room.set()

    def finish_sending(self) -> bool:
        if self._over:
            return False
        self.resume()
        self._loop.call_later(self._delay, self.server.lose)
        return True

    def now(self) -> float:
        return self._loop.time()

    def abort(self) -> None:
        """Give it up and let the simulator know."""
        if not self._over:
            self._waiter = None
            self._end()
            self._loop.call_later(self._delay, self.server.lose)

    # what comes from the simulator

    def begun(self, status: int, headers: list[tuple[bytes, bytes]]) -> None:
        named: dict[str, str] = {}
        for raw, value in headers:
            name, text = raw.decode("latin-1").lower(), value.decode("latin-1")
            named[name] = f"{named[name]}, {text}" if name in named else text
        if not self._over:
            self.response = Response(status, named, self)
            self._deliver(self.response)

    def came(self, data: bytes) -> None:
        if data and self.response is not None and not self._over:
            self.response.push(data)
            self._deliver(self.response)

    def complete(self) -> None:
        if self.response is not None and not self._over:
            self._end()
            self.response.complete()
            self._deliver(self.response)

    def broke(self, error: Exception | None) -> None:
        """The simulator closed the connection, or reset it."""
        phase = "before an answer came" if self.response is None else "before the end of the answer"
        self.fail(connection_broke(error, self.place, phase))

    # transitions

    def fail(self, error: PointsmanError) -> None:
        if self._over:
            return
        waiter, response = self._waiter, self.response
        self.abort()
        if response is not None:
            response.fail(error)
        if waiter is not None and not waiter.done():
            if response is None:
                waiter.set_exception(error)
            else:
                waiter.set_result(response)

    def _deliver(self, response: Response) -> None:
        waiter, self._waiter = self._waiter, None
        if not self._over:
            self._arm(self._total_at)  # a slow reader is not a slow server
        if waiter is not None and not waiter.done():
            waiter.set_result(response)

    def _end(self) -> None:
        self._over = True
        self._open.pop(self, None)
        self._arm(None)
        if self._leave is not None:
            self._leave.listen(None)

    # time

    def _in(self, seconds: float | None) -> float | None:
        return _earlier(None if seconds is None else self._loop.time() + seconds, self._total_at)

    def _arm(self, at: float | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None if at is None else self._loop.call_at(at, self._time_is_over, at)

    def _time_is_over(self, at: float) -> None:
        self._timer = None
        place, timeouts = self.place, self._timeouts
        if self._leave is not None and self._leave.gone:
            message = f"The caller left, and {place} had not ended its answer {IN_FLIGHT} s later."
            self.fail(UpstreamUnreachable(message))
        elif at == self._total_at:
            self.fail(too_slow(f"The whole call to {place}", timeouts.total))
        elif self.response is None:
            self.fail(too_slow(f"The first byte of the answer of {place}", timeouts.first_byte))
        elif self._until is not None:
            self._deliver(self.response)
        else:
            self.fail(too_slow(f"The next bytes of the answer of {place}", timeouts.idle))


class _Server:
    """The simulator's side of the connection: what uvicorn and its transport are over a socket."""

    def __init__(self, request: HttpRequest, exchange: _Exchange) -> None:
        url = urlsplit(request.url)
        headers = [(b"host", url.netloc.encode()), (b"content-length", b"%d" % len(request.body))]
        headers += [(name.encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
        self.scope: dict[str, Any] = {
            "type": "http",
            "method": request.method,
            "path": url.path,
            "query_string": url.query.encode(),
            "headers": headers,
        }
        self.room = asyncio.Event()
        self.transport = self
        """Where the simulator looks for it."""
        self._body: bytes | None = request.body
        self._exchange = exchange
        self._closed = False
        self._lingers = True
        self._done = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self._done.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: dict[str, Any]) -> None:
        while (response := self._exchange.response) and response.unread > HIGH_WATER and not self._closed:
            self.room.clear()
            await self.room.wait()
        if self._closed:
            return
        if message["type"] == "http.response.start":
            self._exchange.begun(message["status"], message["headers"])
            return
        self._exchange.came(message.get("body", b""))
        if not message.get("more_body", False):
            self._closed = True
            self._done.set()
            self._exchange.complete()

    def lose(self) -> None:
        """The other side has closed, or half closed: then this one closes too, as servers do."""
        self._close(None)

    # the transport, as the simulator uses it

    def is_closing(self) -> bool:
        return self._closed

    def get_write_buffer_size(self) -> int:
        return 0

    def get_extra_info(self, name: str) -> _Server | None:
        return self if name == "socket" else None

    def setsockopt(self, _level: int, option: int, _value: bytes) -> None:
        if option == socket.SO_LINGER:
            self._lingers = False

    def abort(self) -> None:
        reset = ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")
        self._close(None if self._lingers else reset)

    def _close(self, error: Exception | None) -> None:
        if not self._closed:
            self._closed = True
            self._done.set()
            self.room.set()
            self._exchange.broke(error)


def _earlier(a: float | None, b: float | None) -> float | None:
    if a is None or b is None:
        return b if a is None else a
    return min(a, b)
