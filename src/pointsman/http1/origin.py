"""The connections to one origin: does what ``Pool`` decides."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable

from pointsman.errors import UpstreamTimeout, UpstreamUnreachable
from pointsman.http1.connection import Connection
from pointsman.http1.dial import dial
from pointsman.http1.failures import connect_failed, too_slow
from pointsman.http1.gathering import Outbox
from pointsman.http1.pool import Pool, PoolLimits
from pointsman.http1.port import Timeouts
from pointsman.http1.proxy import Proxy
from pointsman.http1.url import Target

_Ticket = asyncio.Future[Connection | None]
"""Result: the connection to use, or None: open one, its slot is yours."""


class Origin:
    """Implements the connections' ``Owner``.

    Args:
        target: any URL's target at this origin.
    """

    def __init__(
        self,
        target: Target,
        proxy: Proxy | None,
        tls: Callable[[], ssl.SSLContext],
        limits: PoolLimits,
        loop: asyncio.AbstractEventLoop,
        outbox: Outbox,
    ) -> None:
        self._target = target
        self._proxy = proxy
        self._tls = tls
        self._keep_alive = limits.keep_alive
        self._loop = loop
        self._outbox = outbox
        self._pool: Pool[Connection, _Ticket] = Pool(limits)
        self._connections: set[Connection] = set()
        self._dials: set[asyncio.Timeout] = set()
        self._closed = False
        self._emptied: asyncio.Future[None] | None = None
        self.place = target.authority if proxy is None else f"{target.authority} through {proxy.authority}"

    @property
    def pool(self) -> Pool[Connection, _Ticket]:
        return self._pool

    def idle(self) -> Connection | None:
        """A connection that can be written to now, if one is idle."""
        while (connection := self._pool.reuse()) is not None:
            if connection.is_usable():
                return connection
            connection.abort()  # its end is known but not announced yet
        return None

    async def acquire(self, timeouts: Timeouts, total_at: float | None) -> Connection:
        """A connection for one request. Hand it back by finishing the exchange or aborting it.

        Raises:
            UpstreamTimeout: connecting, or waiting for a free connection, took too long.
            UpstreamUnreachable: no connection came about.
        """
        while True:
            if self._closed:
                raise _shut()
            connection = self.idle()
            if connection is not None:
                return connection
            if self._pool.may_open():
                return await self._open(timeouts, total_at)
            granted = await self._queue(timeouts, total_at)
            if granted is None:
                return await self._open(timeouts, total_at)
            if granted.is_usable():
                return granted
            granted.abort()

    async def _queue(self, timeouts: Timeouts, total_at: float | None) -> Connection | None:
        ticket: _Ticket = self._loop.create_future()
        self._pool.wait(ticket)
        try:
            async with asyncio.timeout_at(total_at):
                return await ticket
        except BaseException as error:
            self._pool.withdraw(ticket)
            if ticket.done() and not ticket.cancelled() and ticket.exception() is None:
                self._pass_on(ticket.result())
            if isinstance(error, TimeoutError):
                what = f"Waiting for a free connection to {self.place}"
                raise too_slow(f"{what}, for the whole call,", timeouts.total, sent=False) from None
            raise

    def _pass_on(self, granted: Connection | None) -> None:
        """What was granted to a request that has just been cancelled goes to the next one."""
        if granted is None:
            self._freed(None)
        elif granted.is_usable():
            self.released(granted)
        else:
            granted.abort()

    async def _open(self, timeouts: Timeouts, total_at: float | None) -> Connection:
        """Connect in the caller's task; the slot is taken already."""
        limit = asyncio.timeout_at(_connect_by(self._loop.time(), timeouts, total_at))
        admitted = False
        try:
            async with limit:
                self._dials.add(limit)
                connection = await dial(self._loop, self._target, self._proxy, self._tls, self._make)
            if not connection.is_usable() or self._closed:
                connection.abort()
                raise ConnectionResetError("it was closed at once")
            # Only now: uvloop never tells the protocol that a connection ended whose dial was cancelled.
            self._connections.add(connection)
            connection.admitted = admitted = True
            return connection
        except OSError as error:
            if self._closed:
                raise _shut() from None
            if limit.expired():
                raise self._too_slow(timeouts, total_at) from None
            raise connect_failed(error, self.place) from None
        finally:
            self._dials.discard(limit)
            if not admitted:
                self._freed(None)

    def _too_slow(self, timeouts: Timeouts, total_at: float | None) -> UpstreamTimeout:
        if total_at is not None and self._loop.time() >= total_at:
            return too_slow(f"The whole call to {self.place}", timeouts.total, sent=False)
        return too_slow(f"connect to {self.place}", timeouts.connect, sent=False)

    def _make(self) -> Connection:
        return Connection(self, self.place, self._keep_alive, self._loop, self._outbox)

    # -- told by connections

    def released(self, connection: Connection) -> None:
        ticket, evicted = self._pool.release(connection)
        while ticket is not None and not _grant(ticket, connection):
            ticket, evicted = self._pool.release(connection)
        if evicted is not None:
            evicted.abort()

    def dropped(self, connection: Connection) -> None:
        if connection.admitted:  # before that its slot belongs to whoever dials
            self._freed(connection)

    def disconnected(self, connection: Connection) -> None:
        self._connections.discard(connection)
        if not self._connections and self._emptied is not None and not self._emptied.done():
            self._emptied.set_result(None)

    def _freed(self, connection: Connection | None) -> None:
        ticket = self._pool.drop(connection)
        while ticket is not None and not _grant(ticket, None):
            ticket = self._pool.drop(None)

    # -- the end

    async def close(self) -> None:
        """Break off everything and wait until all sockets are closed."""
        self._closed = True
        for ticket in self._pool.clear_queue():
            if not ticket.done():
                ticket.set_exception(_shut())
        for limit in self._dials:
            limit.reschedule(self._loop.time())
        for connection in list(self._connections):
            connection.fail(UpstreamUnreachable(f"The transport was closed during a call to {self.place}."))
        if self._connections:
            self._emptied = self._emptied or self._loop.create_future()
            await asyncio.shield(self._emptied)


def _grant(ticket: _Ticket, connection: Connection | None) -> bool:
    """False if the holder has been cancelled and its task has not run since."""
    if ticket.done():
        return False
    ticket.set_result(connection)
    return True


def _shut() -> UpstreamUnreachable:
    return UpstreamUnreachable("The transport is closed; nothing was sent.", sent=False)


def _connect_by(now: float, timeouts: Timeouts, total_at: float | None) -> float | None:
    if timeouts.connect is None:
        return total_at
    return now + timeouts.connect if total_at is None else min(now + timeouts.connect, total_at)
