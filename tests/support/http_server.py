"""A server that says exactly the bytes it is told, when it is told: for tests of HTTP clients.

By default nothing is automatic: ``peer = await server.accept()``, ``await peer.request()``,
``peer.send(b"HTTP/1.1 ...")``, ``await peer.gone()``. With a ``handler`` every connection is served by it.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import struct
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import NamedTuple, Self, cast

PATIENCE = 10.0
"""Seconds after which a test that waits for the client fails instead of hanging."""


class Received(NamedTuple):
    line: str
    headers: dict[str, str]
    body: bytes


class Peer(asyncio.Protocol):
    """The server's end of one connection."""

    def __init__(self, server: RawServer) -> None:
        self._server = server
        self._buffer = bytearray()
        self._changed = asyncio.Event()
        self.eof = False
        """The client has closed its sending side."""
        self.closed = False
        """The connection is gone, whoever ended it."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._server.joined(self)

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        self._changed.set()

    def eof_received(self) -> bool:
        self.eof = True
        self._changed.set()
        self._server.stirred()
        return self.transport.can_write_eof()  # stay open for sending, as a server may

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed = self.eof = True
        self._changed.set()
        self._server.left(self)

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._changed.clear()
                await self._changed.wait()

    async def request(self) -> Received:
        """The next whole request. Raises ConnectionError if the client goes before its end."""
        await self._until(lambda: self.eof or b"\r\n\r\n" in self._buffer)
        head, end, _ = bytes(self._buffer).partition(b"\r\n\r\n")
        if not end:
            raise ConnectionResetError("no request")
        line, *fields = head.decode("latin-1").split("\r\n")
        headers = dict(field.split(": ", 1) for field in fields)
        start, size = len(head) + 4, int(headers.get("content-length", "0"))
        await self._until(lambda: self.eof or len(self._buffer) >= start + size)
        body = bytes(self._buffer[start : start + size])
        if len(body) < size:
            raise ConnectionResetError("request cut")
        del self._buffer[: start + size]
        return Received(line, headers, body)

    async def received(self, size: int) -> None:
        """Until at least this many bytes have come that no ``request`` has taken."""
        await self._until(lambda: len(self._buffer) >= size or self.eof)

    def send(self, *pieces: bytes) -> None:
        self.transport.write(b"".join(pieces))

    async def send_each_byte(self, data: bytes) -> None:
        """One write per byte; the other side gets to read between any two."""
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for at in range(len(data)):
            self.transport.write(data[at : at + 1])
            await asyncio.sleep(0)
            await asyncio.sleep(0)

    def answer(self, body: bytes = b"ok", status: str = "200 OK", *headers: str) -> None:
        fields = [f"HTTP/1.1 {status}", f"content-length: {len(body)}", *headers, "", ""]
        self.send("\r\n".join(fields).encode("latin-1"), body)

    def half_close(self) -> None:
        self.transport.write_eof()

    def close(self) -> None:
        self.transport.close()

    def reset(self) -> None:
        """Abort so that the client gets a reset, not an end."""
        sock = self.transport.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()

    async def gone(self) -> None:
        """Until the client has closed its side."""
        await self._until(lambda: self.eof)


Handler = Callable[[Peer], Awaitable[None]]


class RawServer:
    """``async with RawServer() as server``: listens on a free loopback port."""

    def __init__(self, handler: Handler | None = None, *, tls: ssl.SSLContext | None = None) -> None:
        self._handler = handler
        self._tls = tls
        self._arrived: asyncio.Queue[Peer] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self.peers: set[Peer] = set()
        """Connections that exist now."""
        self.accepted = 0
        self.most = 0
        """The largest number of connections that existed at once."""
        self._calm = asyncio.Event()

    async def __aenter__(self) -> Self:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Peer(self), "127.0.0.1", 0, ssl=self._tls, backlog=1024
        )
        self.port: int = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        for peer in list(self.peers):
            peer.transport.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.until(lambda: not self.peers)

    def url(self, path: str = "/v1/chat", host: str = "127.0.0.1") -> str:
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}{path}"

    async def accept(self) -> Peer:
        """The next new connection."""
        async with asyncio.timeout(PATIENCE):
            return await self._arrived.get()

    async def empty(self) -> None:
        """Until the client has closed its side of every connection."""
        await self.until(lambda: all(peer.eof for peer in self.peers))

    async def until(self, condition: Callable[[], bool]) -> None:
        """Until the ends that were seen make the condition true."""
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._calm.clear()
                await self._calm.wait()

    def joined(self, peer: Peer) -> None:
        self.peers.add(peer)
        self.accepted += 1
        self.most = max(self.most, len(self.peers))
        if self._handler is None:
            self._arrived.put_nowait(peer)
            return
        task = asyncio.get_running_loop().create_task(self._serve(peer, self._handler))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def left(self, peer: Peer) -> None:
        self.peers.discard(peer)
        self.stirred()

    def stirred(self) -> None:
        """An end was seen."""
        self._calm.set()

    async def _serve(self, peer: Peer, handler: Handler) -> None:
        with contextlib.suppress(ConnectionError):  # the client went
            await handler(peer)
        if not peer.closed:
            peer.transport.abort()


async def echo(peer: Peer) -> None:
    """A handler: answers each request with its own body, for as long as the client likes."""
    while True:
        peer.answer((await peer.request()).body)
