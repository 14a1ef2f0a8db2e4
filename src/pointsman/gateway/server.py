"""uvicorn, held to what a public port needs: bounded heads, no half-open clients, errors in the dialect."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pointsman.errors import InvalidRequest, PointsmanError

from .edge import face_of

MAX_HEAD_BYTES = 64 * 1024
HEAD_TIMEOUT = 15.0
"""Seconds from a connection's (or a request's) first byte to the end of its head."""


class GuardedProtocol(HttpToolsProtocol):
    """uvicorn's protocol, which by itself bounds neither the size of a head nor the time it takes."""

    _in_head = True
    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._watch_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._unwatch_head()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if not self._in_head:
            if self._head_timer is not None:
                self._unwatch_head()
        elif self._head_bytes > MAX_HEAD_BYTES:
            self._refuse_head()
        elif self._head_timer is None and self._head_bytes:
            self._watch_head()

    def on_message_begin(self) -> None:
        self._in_head = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._head_bytes = 0
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """What is not HTTP gets its answer in a dialect too."""
        self._answer(InvalidRequest(f"This is not valid HTTP/1.1. {msg}"), "400 Bad Request")

    def _watch_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_TIMEOUT, self._head_is_late)

    def _unwatch_head(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _head_is_late(self) -> None:
        self._head_timer = None
        if self.transport.is_closing() or not self._in_head:
            return
        if not self._head_bytes:
            self.transport.close()  # a connection that never asked for anything
            return
        error = InvalidRequest(
            f"The head of the request did not arrive within {HEAD_TIMEOUT:g} seconds.", status=408
        )
        self._answer(error, "408 Request Timeout")

    def _refuse_head(self) -> None:
        error = InvalidRequest(
            f"The head of the request is larger than {MAX_HEAD_BYTES // 1024} KB.",
            status=431,
            code="request_header_fields_too_large",
        )
        self._answer(error, "431 Request Header Fields Too Large")

    def _answer(self, error: PointsmanError, status: str) -> None:
        if self.transport.is_closing():
            return
        path = (getattr(self, "url", None) or b"").decode("latin-1")
        body = face_of(path, dict(self.headers or [])).encode_error(error, "")
        self.transport.write(
            f"HTTP/1.1 {status}\r\ncontent-type: application/json\r\n"
            f"content-length: {len(body)}\r\nconnection: close\r\n\r\n".encode()
            + body
        )
        self.transport.close()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket. Raises OSError: the caller knows which setting to blame."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
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
                timeout_keep_alive=75,
                timeout_graceful_shutdown=grace,
            )
        )

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
