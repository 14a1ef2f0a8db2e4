"""One client's connection under uvicorn: write to it, wait on it, know when it has gone, or break it.

ASGI has no word for a connection that is reset, and tells of a client that has left only later. Under
uvicorn the transport behind ``send`` knows both; under another server a reset is an exception, after which
the server closes the connection, and a leaving client is noticed when the server says so.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from typing import Any

from .script import Headers

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]

_LINGER_NOT = struct.pack("ii", 1, 0)
_PATIENCE_SECONDS = 1.0


class Connection:
    """For one request."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive = receive
        self._send = send
        self._transport: asyncio.Transport | None = getattr(
            getattr(send, "__self__", None), "transport", None
        )
        self._left = False
        self._waiter: asyncio.Future[None] | None = None
        self._watcher: asyncio.Task[None] | None = None

    @property
    def gone(self) -> bool:
        """Nothing that is written now would reach the client."""
        return self._left or (self._transport is not None and self._transport.is_closing())

    async def read(self, most: int) -> bytes | None:
        """The request's body; None if it is longer than ``most`` bytes, or the client left before its end."""
        message = await self._receive()
        if message["type"] == "http.request" and not message.get("more_body"):
            body: bytes = message.get("body", b"")
            return body if len(body) <= most else None
        pieces: list[bytes] = []
        size = 0
        while message["type"] == "http.request":
            pieces.append(message.get("body", b""))
            size += len(pieces[-1])
            if size > most:
                return None
            if not message.get("more_body"):
                self.watch()  # a long body leaves reading paused, and then nobody would see the client go
                return b"".join(pieces)
            message = await self._receive()
        self._left = True
        return None

    async def start(self, status: int, headers: Headers) -> None:
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def write(self, data: bytes) -> bool:
        """Write a piece of the body, and say whether the connection took it."""
        if self.gone:
            return False
        await self._send({"type": "http.response.body", "body": data, "more_body": True})
        # Where the server had to wait for room, the client may have left meanwhile, and the piece is lost.
        return not self.gone

    async def finish(self) -> None:
        """The body is complete."""
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def pause(self, seconds: float | None) -> None:
        """Wait so long (None: without end), or until the client is gone."""
        self.watch()
        if self.gone or (seconds is not None and seconds <= 0):
            return
        loop = asyncio.get_running_loop()
        self._waiter = waiter = loop.create_future()
        timer = None if seconds is None else loop.call_later(seconds, _release, waiter)
        try:
            await waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()

    async def reset(self) -> None:
        """Break the connection, after all that was written has left this process."""
        transport = self._transport
        if transport is None:
            raise ConnectionResetError("Simulated: the connection is reset.")
        for _ in range(100):
            if not transport.get_write_buffer_size() or self.gone:
                break
            await self.pause(0.01)
        await asyncio.sleep(0)
        connected = transport.get_extra_info("socket")
        if connected is not None and not self.gone:
            connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        transport.abort()
        await self.leave()

    async def leave(self) -> None:
        """Wait until the server has noticed that the connection is gone, and make it so if need be."""
        self.watch()
        if self._watcher is not None:
            await asyncio.wait({self._watcher}, timeout=_PATIENCE_SECONDS)
        if self._transport is not None:
            self._transport.abort()

    def stop(self) -> None:
        """Break the connection at once: the simulator is being stopped."""
        if self._transport is not None:
            self._transport.abort()
        self._see_leave()

    def close(self) -> None:
        """The request is done with."""
        if self._watcher is not None:
            self._watcher.cancel()

    def watch(self) -> None:
        """Begin to look out for the client's leaving."""
        if self._watcher is None:
            self._watcher = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass
        self._see_leave()

    def _see_leave(self) -> None:
        self._left = True
        if self._waiter is not None:
            _release(self._waiter)


def _release(waiter: asyncio.Future[None]) -> None:
    if not waiter.done():
        waiter.set_result(None)
