"""Limits that replicas share, in Redis or Valkey.

``link.py`` decides what is sent and what an answer means, ``shared.lua`` does it there. Here are the
connection, the time limits, and the one task that sends: callers never touch the connection themselves, so
that a caller who gives up leaves no half-read answer behind for the next one.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any, Protocol

import msgspec

from pointsman.clock import Clock, SystemClock
from pointsman.limits.values.limit import NOTHING, Amounts, Level, Limit, Shortage
from pointsman.limits.values.port import Reservation
from pointsman.secret import Secret
from pointsman.storage.redis import redis_client, redis_library

from .batch import Terms, decode
from .link import Link, Sending, Wish

_SCRIPT = resources.files(__package__).joinpath("shared.lua").read_text(encoding="utf-8")
_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()

_CONNECT = 1.0
"""Seconds for a connection, which nobody but the background waits for."""
_SLOWEST = 1.0
"""Seconds between attempts to reach a store that is away, at most."""
_SWEEP = 60.0
_LINGER = 0.01
"""Seconds for which what nobody waits for stays here, so that it goes with the next question."""


class RedisClient(Protocol):
    """What is used of redis-py."""

    async def execute_command(self, *words: Any) -> Any: ...

    async def aclose(self) -> None: ...


class Health(msgspec.Struct, frozen=True):
    """How the shared store is, for people to look at."""

    connected: bool
    since_us: int
    """Since when it is as it is; Unix time in microseconds."""
    trouble: str
    """What went wrong last, as long as it is; "" if nothing."""
    replicas: int | None
    """How many share the limits, as last heard. None before anything was heard."""
    share: float
    """Of every limit, what this replica may use while the store is away."""


class RedisLimits:
    """``port.SharedLimits`` over Redis or Valkey.

    Args:
        url: ``redis://``, ``rediss://`` for TLS, or ``unix://``; may hold a password.
        timeout: seconds for an answer; then this replica goes on within its share.
        lease: seconds after which what a replica held is free again, if nothing more is heard of it.
        prefix: with which all keys begin.
        share: seconds for which a replica may go on within its share; 0: not at all.
        changed: called when the store has gone (with ``connected`` False), when it is there, and when it was
            not there at the start. Not for an answer that was late once: a busy machine does that.
        connect: makes a client, for tests; None: of redis-py, by ``url``.
        store_now_us: the time that the store shall go by, for tests; None: its own clock.

    Raises:
        ConfigurationError: redis-py is not installed, or the URL is none.
    """

    def __init__(
        self,
        url: Secret | str,
        *,
        timeout: float = 0.1,
        lease: float = 10.0,
        prefix: str = "pointsman",
        share: float = 120.0,
        clock: Clock | None = None,
        changed: Callable[[Health], None] = lambda health: None,
        connect: Callable[[], RedisClient] | None = None,
        store_now_us: Callable[[], int] | None = None,
    ) -> None:
        self._timeout = timeout
        self._beat = lease / 10
        self._clock = clock or SystemClock()
        self._changed = changed
        terms = Terms(round(lease * 1e6), round(3 * self._beat * 1e6), round(share * 1e6))
        self._link = Link(secrets.token_hex(6), prefix, terms, lambda: secrets.token_hex(6), store_now_us)
        self._library = library = redis_library("limits in Redis need")
        address = url if isinstance(url, Secret) else Secret(url)
        self._failures: tuple[type[Exception], ...] = (
            self._library.exceptions.RedisError,
            OSError,
            TimeoutError,
            asyncio.IncompleteReadError,
            msgspec.MsgspecError,
        )
        self._connect: Callable[[], RedisClient] = connect or (lambda: redis_client(library, address))
        self._client: RedisClient | None = self._connect()
        self._connected = False
        self._task: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._asked = asyncio.Event()
        self._first = asyncio.Event()
        self._closing = False
        self._since_us = self._clock.now_us()
        self._trouble = "not connected yet"
        self._told: bool | None = None

    async def start(self) -> None:
        """Connect. Returns once the store answered, or after ``_CONNECT`` and ``timeout`` at most."""
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="pointsman-shared-limits")
        await self._first.wait()

    async def reserve(
        self, limits: tuple[Limit, ...], amounts: Amounts, *, waits: bool = False
    ) -> Reservation | Shortage:
        if not self._first.is_set():
            await self.start()
        if self._link.away or self._closing:
            return self._link.on_share(limits, amounts, self._now())
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._ask(Wish(limits, amounts, self._replies_to(future), waits=waits))
        answer: Reservation | Shortage
        try:
            answer = await future
        except asyncio.CancelledError:
            if future.done() and not future.cancelled() and isinstance(future.result(), Reservation):
                self.settle(future.result(), NOTHING)
            raise
        return answer

    def settle(self, reservation: Reservation, used: Amounts) -> None:
        self._link.settle(reservation, used)
        self._wake.set()

    def charge(self, limit: Limit, amount: int) -> None:
        self._link.charge(limit, amount)
        self._wake.set()

    async def levels(self, limits: Sequence[Limit]) -> list[Level]:
        """As the store has them; while it is away, what this replica itself has taken."""
        if not self._first.is_set():
            await self.start()
        if self._link.away or self._closing:
            return self._link.shares.levels(limits, self._now())
        future: asyncio.Future[list[Level]] = asyncio.get_running_loop().create_future()
        self._ask(Wish(tuple(limits), NOTHING, self._replies_to(future), looks=True))
        return await future

    def health(self) -> Health:
        link = self._link
        return Health(not link.away, self._since_us, self._trouble, link.replicas, link.share / 1e6)

    async def close(self) -> None:
        """Tell the store what it was not told yet, and that this replica is gone, if it answers in time."""
        if self._closing:
            return
        self._closing = True
        self._wake.set()
        self._asked.set()
        if self._task is not None:
            if self._link.away:
                self._task.cancel()  # it may be waiting for a connection
            await asyncio.wait([self._task])
            if not self._task.cancelled() and (failure := self._task.exception()) is not None:
                raise failure
        await self._drop()

    # The task that sends.

    async def _run(self) -> None:
        try:
            await self._talk()
        finally:
            self._link.lost(self._now())  # nobody waits for ever, whatever happened
            self._first.set()

    async def _talk(self) -> None:
        pause = swept = 0.0
        while not self._closing:
            if self._link.away:
                await self._sleep(pause)
                pause = min(_SLOWEST, self._beat, max(2 * pause, 0.05))
            elif not self._link.waiting():
                await self._sleep(self._beat)
            if not (self._asked.is_set() or self._link.away):
                await self._linger()
            self._wake.clear()
            self._asked.clear()
            if await self._exchange():
                pause = 0.0
            if self._link.waiting():
                self._asked.set()
            self._first.set()
            if self._clock.monotonic() - swept > _SWEEP:
                swept = self._clock.monotonic()
                self._link.shares.sweep(self._now())
        await self._part()

    async def _sleep(self, seconds: float) -> None:
        """Until there is something to send, but no longer; while the store is away, just so long."""
        if self._link.away:
            self._wake.clear()
        try:
            async with asyncio.timeout(seconds):
                await self._wake.wait()
                while self._link.away and not self._closing:
                    self._wake.clear()
                    await self._wake.wait()
        except TimeoutError:
            pass

    async def _linger(self) -> None:
        """Until somebody asks, but not for long."""
        try:
            async with asyncio.timeout(_LINGER):
                await self._asked.wait()
        except TimeoutError:
            pass

    async def _exchange(self) -> bool:
        """Send one batch, and have its answer. Whether there was one."""
        sending = self._link.next_batch(self._now())
        # Nobody waits while the store is away, so that a connection (TLS, slow name servers) may take longer.
        most = self._timeout + (_CONNECT if self._link.away else 0)
        try:
            async with asyncio.timeout(most):
                answer = decode(await self._deliver(sending))
        except self._failures as failure:
            self._link.lost(self._now())
            self._note(self._in_words(failure))
            await self._drop()
            return False
        if not self._link.heard(answer, self._now()):
            return await self._exchange()
        self._note("")
        return True

    async def _deliver(self, sending: Sending) -> bytes:
        """A connection that was idle may have been closed: then once more, over a new one."""
        if self._connected:
            try:
                return await self._send(sending)
            except self._library.exceptions.ConnectionError:
                await self._drop()
        if self._client is None:
            self._client = self._connect()
        await self._client.execute_command("PING")
        self._connected = True
        return await self._send(sending)

    async def _send(self, sending: Sending) -> bytes:
        assert self._client is not None
        run = self._client.execute_command
        places = (len(sending.keys), *sending.keys, sending.payload)
        async with asyncio.timeout(self._timeout):
            try:
                raw = await run("EVALSHA", _SHA, *places)
            except self._library.exceptions.NoScriptError:
                raw = await run("EVAL", _SCRIPT, *places)
        return bytes(raw)

    async def _drop(self) -> None:
        """Let go of a connection, whatever state it is in."""
        client, self._client, self._connected = self._client, None, False
        if client is None:
            return
        try:
            async with asyncio.timeout(self._timeout):
                await client.aclose()
        except self._failures:
            pass  # it was broken

    async def _part(self) -> None:
        """Send what is left, and the farewell."""
        while not self._link.away and self._link.waiting():
            await self._exchange()
        if not self._link.away:
            try:
                await self._send(self._link.farewell(self._now()))
            except self._failures as failure:
                self._trouble = self._in_words(failure)

    # Small things.

    def _ask(self, wish: Wish) -> None:
        self._link.ask(wish)
        self._asked.set()
        self._wake.set()

    def _now(self) -> int:
        return round(self._clock.monotonic() * 1e6)

    def _note(self, trouble: str) -> None:
        if bool(trouble) != bool(self._trouble):
            self._since_us = self._clock.now_us()
        again = bool(trouble and self._trouble)
        self._trouble = trouble
        told = self._told
        if not trouble or again or not self._first.is_set():
            self._told = not trouble
        if self._told is not told:
            self._changed(self.health())

    def _in_words(self, failure: Exception) -> str:
        if isinstance(failure, TimeoutError):
            return f"no answer within {self._timeout:g} s"
        return f"{type(failure).__name__}: {failure}".rstrip(": ")

    def _replies_to(self, future: asyncio.Future[Any]) -> Callable[[Any], None]:
        def reply(answer: Any) -> None:
            if not future.done():
                future.set_result(answer)
            elif isinstance(answer, Reservation):  # whoever asked is gone
                self.settle(answer, NOTHING)

        return reply
