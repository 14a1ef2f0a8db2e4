"""What one turn of the event loop writes, sent at its end: to all connections, one right after the other.

A small write is a system call that wakes whoever waits for it. Between two of them lies a request's worth of
Python, and by then whoever was woken sleeps again: each write pays for that anew, and finds the kernel's part
of the caches cold. With 64 connections to the same machine that was a sixth of a request's CPU.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

HELD_MOST = 64 << 10
"""Bytes that are held for one connection: who writes more in a turn has to hear that its reader is slow."""


class Outbox:
    """Knows who has something to send. Shared by connections of one event loop."""

    __slots__ = ("waiting",)

    def __init__(self) -> None:
        self.waiting: list[Gathering] = []

    def send_soon(self) -> None:
        """Let all that wait send when the loop comes round. To be called by the first of them."""
        asyncio.get_running_loop().call_soon(self._send)

    def _send(self) -> None:
        waiting = self.waiting.copy()
        self.waiting.clear()
        for transport in waiting:
            transport.flush()


class Gathering:
    """A transport whose small writes wait for the end of the turn.

    Nothing else about it is different: what was written goes out in its order, and before it closes or
    half-closes. Only ``abort``, and the other side's leaving, lose what was held.
    """

    __slots__ = (
        "_held", "_outbox", "_size", "_transport", "can_write_eof", "get_extra_info", "is_closing",
        "pause_reading", "resume_reading", "set_protocol", "set_write_buffer_limits",
    )  # fmt: skip

    def __init__(self, transport: asyncio.Transport, outbox: Outbox) -> None:
        self._transport = transport
        self._outbox = outbox
        self._held: list[bytes] = []
        self._size = 0
        # The transport's own, so that no call lies between.
        self.is_closing = transport.is_closing
        self.get_extra_info = transport.get_extra_info
        self.can_write_eof = transport.can_write_eof
        self.pause_reading = transport.pause_reading
        self.resume_reading = transport.resume_reading
        self.set_protocol = transport.set_protocol
        self.set_write_buffer_limits = transport.set_write_buffer_limits

    def write(self, data: bytes) -> None:
        held = self._held
        if not held:
            waiting = self._outbox.waiting
            if not waiting:
                self._outbox.send_soon()
            waiting.append(self)
        held.append(data)
        self._size += len(data)
        if self._size > HELD_MOST:
            self.flush()

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Something large, in pieces."""
        self.flush()
        self._transport.writelines(pieces)

    def flush(self) -> None:
        """Send what is held."""
        held = self._held
        if held:
            if not self.is_closing():
                self._transport.write(held[0] if len(held) == 1 else b"".join(held))
            held.clear()
            self._size = 0

    def write_eof(self) -> None:
        self.flush()
        self._transport.write_eof()

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        self._held.clear()
        self._size = 0
        self._transport.abort()
