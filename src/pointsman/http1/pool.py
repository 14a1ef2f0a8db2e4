"""Which connection serves which request, for one origin. Decides only; ``origin.py`` carries it out.

Rules, none of which awaits, reads a clock or touches a socket:

1. A request takes the connection that became idle last: the others can then expire.
2. With none idle it may open one, while fewer than ``max_connections`` exist or are being opened.
3. Otherwise it waits, and whoever waits longest gets the next connection or the next free slot.
4. No connection is idle while somebody waits.
5. Beyond ``max_idle`` the one that has been idle longest is closed.
"""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

C = TypeVar("C")
"""A connection."""
T = TypeVar("T")
"""A ticket: the place of a request in the queue."""


class PoolLimits(msgspec.Struct, frozen=True):
    """For each origin by itself."""

    max_connections: int = 1000
    max_idle: int = 256
    keep_alive: float = 50.0
    """Seconds a connection may be idle: below the 60 s after which many balancers forget it."""


class Pool(Generic[C, T]):
    __slots__ = ("_idle", "_limits", "_queue", "_size")

    def __init__(self, limits: PoolLimits) -> None:
        self._limits = limits
        self._idle: dict[C, None] = {}
        self._queue: dict[T, None] = {}
        self._size = 0

    @property
    def size(self) -> int:
        """Connections that exist or are being opened."""
        return self._size

    @property
    def idle(self) -> int:
        return len(self._idle)

    @property
    def waiting(self) -> int:
        return len(self._queue)

    def reuse(self) -> C | None:
        """The connection to use, if one is idle."""
        return self._idle.popitem()[0] if self._idle else None

    def may_open(self) -> bool:
        """Whether a new connection may be opened now; if so its slot is taken."""
        if self._size >= self._limits.max_connections:
            return False
        self._size += 1
        return True

    def wait(self, ticket: T) -> None:
        self._queue[ticket] = None

    def withdraw(self, ticket: T) -> None:
        """The holder no longer waits; nothing happens if the ticket was served already."""
        self._queue.pop(ticket, None)

    def release(self, connection: C) -> tuple[T | None, C | None]:
        """A connection is free again.

        Returns:
            Who gets it, and which connection to close because too many are idle; the latter keeps its slot
            until ``drop``.
        """
        if self._queue:
            return self._next(), None
        self._idle[connection] = None
        if len(self._idle) <= self._limits.max_idle:
            return None, None
        oldest = next(iter(self._idle))
        del self._idle[oldest]
        return None, oldest

    def drop(self, connection: C | None) -> T | None:
        """A connection is gone, or (None) was never made: its slot is free.

        Returns:
            Who may open one instead; the slot is then taken already.
        """
        if connection is not None:
            self._idle.pop(connection, None)
        if self._queue:
            return self._next()
        self._size -= 1
        return None

    def clear_queue(self) -> list[T]:
        """Everybody who waits, in order; nobody does any more."""
        tickets = list(self._queue)
        self._queue.clear()
        return tickets

    def _next(self) -> T:
        ticket = next(iter(self._queue))
        del self._queue[ticket]
        return ticket
