"""uvicorn, held to what a public port needs: bounded heads, no half-open clients, errors in the dialect."""

from __future__ import annotations

import asyncio
import re
import signal
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle
from uvicorn.server import ServerState

from pointsman.errors import InvalidRequest, PointsmanError
from pointsman.http1.gathering import Gathering, Outbox

from .accept import face_of
from .asgi import BODY_TIMEOUT
from .cycle import Address, Cycle, address_of

MAX_HEAD_BYTES = 64 * 1024
MAX_TRAILERS = 64
LINGER = 2.0
"""Seconds for which what a refused client still sends is read and thrown away."""
HEAD_TIMEOUT = 15.0
"""Seconds from a connection's (or a request's) first byte to the end of its head."""

_UPGRADE = re.compile(rb"\r\nupgrade:", re.IGNORECASE)


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself bounds neither the size of a head nor the time it takes."""

    head_timeout = HEAD_TIMEOUT
    body_timeout = BODY_TIMEOUT

    _in_head = True
    _in_body = False
    _head_bytes = 0
    _head_lines = 0
    _refused = False
    _address: Address | None = None
    _deadline: asyncio.TimerHandle | None = None
    _idle_since = 0.0
    _idle_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        state = self.server_state
        outbox = state.outbox if isinstance(state, SharedState) else Outbox()  # under another server: alone
        super().connection_made(cast(asyncio.Transport, Gathering(transport, outbox)))
        self._set_deadline(self.head_timeout)

    def connection_lost(self, exc: Exception | None) -> None:
        self._clear_deadline()
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        super().connection_lost(exc)
        if isinstance(self.cycle, Cycle):
            self.cycle.left()

    def on_response_complete(self) -> None:
        """As uvicorn has it, but with one timer that looks now and then instead of a new one each time."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
            return
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._look_if_idle)

    def _look_if_idle(self) -> None:
        self._idle_timer = None
        if self.transport.is_closing():
            return
        busy = not self.cycle.response_complete
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if busy or left > 0:
            after = self.timeout_keep_alive if busy else left
            self._idle_timer = self.loop.call_later(after, self._look_if_idle)
        elif not self._head_bytes:  # half of a head has a deadline of its own
            self.transport.close()

    def data_received(self, data: bytes) -> None:
        if not self._in_body and data.find(b"pgrade:") >= 0:  # "in" would try it as a number first
            data = _without_upgrade(data)
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._in_head:
            if self._head_bytes > MAX_HEAD_BYTES:
                self._refuse_head()
            elif self._deadline is None and self._head_bytes:
                self._set_deadline(self.head_timeout)
        elif self._in_body:
            self._set_deadline(self.body_timeout)
            if len(self.headers) > self._head_lines + MAX_TRAILERS:
                self._refuse_head()
        elif self._deadline is not None:
            self._clear_deadline()

    # What the parser calls: uvicorn's own, less what a server without WebSockets and limits has no use for.

    def on_message_begin(self) -> None:
        self._in_head = True
        if not self._head_bytes:
            self._head_bytes = 1  # it has begun, even if behind another request's end
        self.url = b""
        self.headers = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        answered = getattr(self.cycle, "response_complete", True)  # the first request has none before it
        address = self._address
        if address is None or address.url != self.url:
            address = self._address = address_of(self.url, self.root_path)
        self.cycle = cycle = Cycle(self, address, self.app_state)
        if answered:
            self._start_asgi_task(cycle, self.app)
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((cycle, self.app))
        self._in_head = False
        self._in_body = True
        self._head_bytes = 0
        self._head_lines = len(self.headers)
        if self._deadline is not None:
            self._clear_deadline()

    def on_body(self, body: bytes) -> None:
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.body += body
            if len(cycle.body) > HIGH_WATER_LIMIT:
                self.flow.pause_reading()
            cycle.message_event.set()

    def on_message_complete(self) -> None:
        self._in_body = False
        cycle = self.cycle
        if not cycle.response_complete:
            cycle.more_body = False
            cycle.message_event.set()

    def send_400_response(self, msg: str) -> None:
        """What is not HTTP gets its answer in a dialect too."""
        self._answer(InvalidRequest(f"This is not valid HTTP/1.1. {msg}"), "400 Bad Request")

    def _set_deadline(self, seconds: float) -> None:
        if self._refused:
            return
        self._clear_deadline()
        self._deadline = self.loop.call_later(seconds, self._is_late)

    def _clear_deadline(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _is_late(self) -> None:
        """Half of a request, and then nothing: whoever sent it must not hold a place for ever."""
        self._deadline = None
        if self.transport.is_closing():
            return
        part, seconds = ("head", self.head_timeout) if self._in_head else ("body", self.body_timeout)
        if self.flow.read_paused or self._answering:
            self._set_deadline(seconds)  # it is we who are not reading, or the answer before is on its way
            return
        error = InvalidRequest(
            f"The {part} of the request did not arrive within {seconds:g} seconds.",
            status=408,
            code="request_timeout",
        )
        self._answer(error, "408 Request Timeout")

    @property
    def _answering(self) -> bool:
        """An answer is on its way, and nothing else may be written."""
        cycle: RequestResponseCycle | None = self.cycle
        if cycle is None:
            return False
        return bool(self.pipeline) or (cycle.response_started and not cycle.response_complete)

    @property
    def _answered(self) -> bool:
        """Nobody waits for an answer: none was asked for, or it came before the end of the body."""
        if self._in_head:
            return not self._head_bytes
        return self.cycle.response_complete

    def _refuse_head(self) -> None:
        error = InvalidRequest(
            f"The head of the request is larger than {MAX_HEAD_BYTES // 1024} KB.",
            status=431,
            code="request_header_fields_too_large",
        )
        self._answer(error, "431 Request Header Fields Too Large")

    def _answer(self, error: PointsmanError, status: str) -> None:
        if self._refused or self.transport.is_closing():
            return
        if self._answering or self._answered:
            self.transport.close()
            return
        path = (getattr(self, "url", None) or b"").decode("latin-1")
        body = face_of(path, dict(self.headers or [])).encode_error(error, "")
        self.transport.write(
            f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
            + body
        )
        self._linger()

    def _linger(self) -> None:
        """Close gently: a socket that is closed with unread bytes is reset, and the answer lost with it."""
        self._refused = True
        self._clear_deadline()
        if not self.transport.can_write_eof():
            self.transport.close()
            return
        self.flow.resume_reading()
        self.transport.write_eof()
        self.transport.set_protocol(_Lingering(self, self.loop.call_later(LINGER, self.transport.abort)))


class _Lingering(asyncio.Protocol):
    """Reads what a refused client still sends, and throws it away."""

    def __init__(self, before: GuardedProtocol, end: asyncio.TimerHandle) -> None:
        self._before = before
        self._end = end

    def connection_lost(self, exc: Exception | None) -> None:
        self._end.cancel()
        self._before.connection_lost(exc)


def _without_upgrade(data: bytes) -> bytes:
    """The head with the name of its Upgrade header changed, which we are free to ignore (RFC 9110, 7.8).

    The parser would take the body for another protocol, and lose it. Every Java client on the JDK's HTTP
    client asks for such an upgrade (to HTTP/2) with each of its requests.
    """
    head, blank, rest = data.partition(b"\r\n\r\n")
    return _UPGRADE.sub(b"\r\nx-upgrd:", head) + blank + rest


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError: the caller knows which setting to blame."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Named, since asyncio's own loop switches Nagle's algorithm off only for sockets that say they are TCP's:
    # without it a second small write waits 40 ms for an acknowledgement.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host.strip("[]"), port))
        listener.listen(2048)
    except OSError:
        listener.close()
        raise
    listener.setblocking(False)
    return listener


def address(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


class SharedState(ServerState):
    """What the connections of a server share."""

    def __init__(self) -> None:
        super().__init__()
        self.outbox = Outbox()


class Server(uvicorn.Server):
    """uvicorn's server without its signal handlers: several of them share one process."""

    def __init__(self, app: Any, *, guarded: bool, grace: int = 10) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=GuardedProtocol if guarded else "httptools",
                ws="none",
                lifespan="off",
                access_log=False,
                log_config=None,
                server_header=False,
                proxy_headers=False,
                timeout_keep_alive=75,
                timeout_graceful_shutdown=grace,
            )
        )
        self.server_state = SharedState()

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Signals are left to whoever runs the servers."""
        yield


async def run_servers(
    servers: Sequence[tuple[Server, socket.socket]], ready: Callable[[], None], stop: asyncio.Event
) -> None:
    """Serve until ``stop`` or SIGINT or SIGTERM; then finish what is under way, for a while.

    Args:
        ready: called once every server accepts connections.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    tasks = [asyncio.create_task(server.serve([listener])) for server, listener in servers]
    ready()
    stopped = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({stopped, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        stopped.cancel()
        for server, _ in servers:
            server.should_exit = True
        await asyncio.gather(*tasks)
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
