"""What one turn of the event loop writes, sent at its end: to all connections, one right after the other.

A small write is a system call that wakes whoever waits for it. Between two of them lies a request's worth of
Python, and by then whoever was woken sleeps again: each write pays for that anew, and finds the kernel's part
of the caches cold. With 64 connections to the same machine that was a sixth of a request's CPU.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

AT_ONCE = 64 << 10
"""Bytes that are not held back: they are worth a system call of their own."""


class Outbox:
    """Knows who has something to send. Shared by connections of one event loop."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[Gathering] = []

    def add(self, transport: Gathering) -> None:
        """Let it send when the loop comes round."""
        waiting = self._waiting
        if not waiting:
            asyncio.get_running_loop().call_soon(self._send)
        waiting.append(transport)

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        for transport in waiting:
            transport.flush()


class Gathering:
    """A transport whose small writes wait for the end of the turn.

    Nothing else about it is different: what was written goes out before anything large, and before it closes
    or half-closes. Only ``abort``, and the other side's leaving, lose what was held.
    """

    __slots__ = (
        "_held", "_outbox", "_transport", "can_write_eof", "get_extra_info", "is_closing", "pause_reading",
        "resume_reading", "set_protocol", "set_write_buffer_limits",
    )  # fmt: skip

    def __init__(self, transport: asyncio.Transport, outbox: Outbox) -> None:
        self._transport = transport
        self._outbox = outbox
        self._held: list[bytes] = []
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
        if len(data) > AT_ONCE:
            self.flush()
            self._transport.write(data)
            return
        if not held:
            self._outbox.add(self)
        held.append(data)

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Something large, in pieces."""
        self.flush()
        self._transport.writelines(pieces)

    def flush(self) -> None:
        """Send what is held."""
        held = self._held
        if held and not self.is_closing():
            self._transport.write(held[0] if len(held) == 1 else b"".join(held))
        held.clear()

    def write_eof(self) -> None:
        self.flush()
        self._transport.write_eof()

    def close(self) -> None:
        self.flush()
        self._transport.close()

    def abort(self) -> None:
        self._held.clear()
        self._transport.abort()
