"""Redis and Valkey: how they are reached, and a line on which many ask at once.

Callers never touch a connection themselves, so that one who gives up leaves no half-read answer behind for
the next (redis-py #2665). A line has one connection and one task: what is asked while an answer is awaited
goes together in the next round trip.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from hashlib import sha1
from importlib import import_module
from typing import Any, Protocol

from pointsman.clock import Clock, SystemClock
from pointsman.errors import ConfigurationError
from pointsman.secret import Secret

_CONNECT = 1.0
"""Seconds for a connection, which nobody but the background waits for."""
_SLOWEST = 1.0
"""Seconds between attempts to reach a server that is away, at most."""
_TOGETHER = 128
"""Commands in one round trip: the server does nothing else for us meanwhile."""
_UNKNOWN = "not connected yet"


class _Job:
    __slots__ = ("future", "patience", "words")

    def __init__(self, words: tuple[Any, ...], patience: float) -> None:
        self.words = words
        self.patience = patience
        self.future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()


class Script:
    """One that the server remembers by its digest, so that it is sent, and read there, only once."""

    __slots__ = ("digest", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.digest = sha1(text.encode(), usedforsecurity=False).hexdigest()


class RedisAway(Exception):
    """No answer: it cannot be reached, it is too slow, or it refuses."""


class RedisClient(Protocol):
    """What is used of redis-py."""

    async def execute_command(self, *words: Any) -> Any: ...

    def pipeline(self, transaction: bool = True) -> Any: ...

    async def aclose(self) -> None: ...


def redis_library(what: str) -> Any:
    """redis-py, which is loaded only where Redis is used.

    Args:
        what: needs it, for the error: "limits in Redis need".

    Raises:
        ConfigurationError: it is not installed.
    """
    try:
        library = import_module("redis")
        for name in ("asyncio", "asyncio.retry", "backoff", "exceptions"):
            import_module(f"redis.{name}")
    except ImportError:
        raise ConfigurationError(
            f"{what} redis-py, which is not installed: pip install 'pointsman[redis]'", param="redis.url"
        ) from None
    return library


def redis_client(library: Any, url: Secret) -> Any:
    """A client without time limits and retries of its own: every call of ours has them around it.

    Raises:
        ConfigurationError: the URL is none.
    """
    try:
        return library.asyncio.Redis.from_url(
            url.reveal(),
            protocol=2,
            socket_timeout=None,
            socket_connect_timeout=None,
            retry=library.asyncio.retry.Retry(library.backoff.NoBackoff(), 0),
        )
    except ValueError:
        raise ConfigurationError(
            "the address of Redis is none: write it as redis://host:6379/0, rediss://… or unix://…",
            param="redis.url",
        ) from None


class RedisLine:
    """One connection. When an answer is late or the connection breaks, all who wait are told at once, and so
    is whoever asks until the background has reached the server again.

    Args:
        timeout: seconds for an answer. Who asks while one is awaited has to wait for both.
        what: needs it, for errors.
        connect: makes a client, for tests; None: of redis-py, by ``url``.

    Raises:
        ConfigurationError: redis-py is not installed, or the URL is none.
    """

    def __init__(
        self,
        url: Secret,
        *,
        timeout: float,
        what: str = "shared answers need",
        clock: Clock | None = None,
        connect: Callable[[], RedisClient] | None = None,
    ) -> None:
        library = redis_library(what)
        self.url = url
        self._refusals: type[Exception] = library.exceptions.ResponseError
        self._unknown_script: type[Exception] = library.exceptions.NoScriptError
        self._broken: type[Exception] = library.exceptions.ConnectionError
        self._failures: tuple[type[Exception], ...] = (
            library.exceptions.RedisError,
            OSError,
            TimeoutError,
            asyncio.IncompleteReadError,
        )
        self._connect: Callable[[], RedisClient] = connect or (lambda: redis_client(library, url))
        self._client: RedisClient | None = self._connect()
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self._queue: deque[_Job] = deque()
        self._under_way: list[_Job] = []
        self._wake = asyncio.Event()
        self._back = asyncio.Event()
        self._first = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.trouble = _UNKNOWN
        """What is wrong with it, in words; "" for nothing."""
        self.refused = ""
        """What it said no to, and why; "" if it said yes since."""

    @property
    def away(self) -> bool:
        """It is known not to answer. False also before it was first asked."""
        return self._closing or (self._task is not None and bool(self.trouble) and not self._unknown)

    @property
    def _unknown(self) -> bool:
        return self.trouble == _UNKNOWN

    async def ask(self, *words: Any, patience: float = 0.0) -> Any:
        """What the server says to one command, which may be sent twice where a connection breaks.

        Args:
            patience: seconds for which it is meant to wait before it answers.

        Raises:
            RedisAway: nothing, in time; or no.
        """
        answer = await self._answer(words, patience)
        if isinstance(answer, Exception):
            self.refused = f"{words[0]}: {answer}"
            raise RedisAway(self.refused)
        self.refused = ""
        return answer

    async def run(self, script: Script, *words: Any) -> Any:
        """The same for a script.

        Args:
            words: the number of its keys, the keys, and what else it takes.
        """
        answer = await self._answer(("EVALSHA", script.digest, *words), 0.0)
        if isinstance(answer, self._unknown_script):
            return await self.ask("EVAL", script.text, *words)
        if isinstance(answer, Exception):
            self.refused = f"EVALSHA: {answer}"
            raise RedisAway(self.refused)
        self.refused = ""
        return answer

    async def _answer(self, words: tuple[Any, ...], patience: float) -> Any:
        """A refusal too. Raises RedisAway."""
        if self.away:
            raise RedisAway(self.trouble)
        self._begin()
        job = _Job(words, patience)
        self._queue.append(job)
        self._wake.set()
        if self._unknown:  # who asks first does not wait for a name server
            try:
                async with asyncio.timeout(self._timeout + patience):
                    answer = await job.future
            except TimeoutError:
                raise RedisAway(self._late()) from None
        else:
            answer = await job.future
        return answer

    async def start(self) -> None:
        """Connect, though nobody asks yet. Returns once the server has answered, or after a second or so."""
        self._begin()
        await self._first.wait()

    async def back(self) -> bool:
        """Until it can be asked; False once it is closed."""
        while self.away and not self._closing:
            await self._back.wait()
        return not self._closing

    async def close(self) -> None:
        """Whoever waits is told that it is away."""
        if self._closing:
            return
        self._closing = True
        self._wake.set()
        self._back.set()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._drop()

    # -- the task

    def _begin(self) -> None:
        if self._task is None and not self._closing:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="pointsman-redis")

    async def _run(self) -> None:
        pause = 0.0
        try:
            while not self._closing:
                if self.trouble:
                    await self._reach()
                    if self.trouble:
                        pause = min(_SLOWEST, max(2 * pause, 0.05))
                        await asyncio.sleep(pause)
                        continue
                    pause = 0.0
                while not self._queue:
                    self._wake.clear()
                    await self._wake.wait()
                await self._exchange()
        finally:
            self._lose(self.trouble or "it is closed")
            self._first.set()

    async def _reach(self) -> None:
        """A connection that answers."""
        try:
            async with asyncio.timeout(_CONNECT + self._timeout):
                if self._client is None:
                    self._client = self._connect()
                await self._client.execute_command("PING")
        except self._failures as failure:
            await self._fail(failure)
        else:
            self.trouble = ""
            self._back.set()
        self._first.set()

    async def _exchange(self) -> None:
        """All that is asked now, or as much of it as goes together."""
        some = self._under_way
        while self._queue and len(some) < _TOGETHER:
            job = self._queue.popleft()
            if not job.future.done():  # else who asked is gone
                some.append(job)
        if not some:
            return
        try:
            async with asyncio.timeout(self._timeout + max(job.patience for job in some)):
                answers = await self._deliver_surely([job.words for job in some])
        except self._failures as failure:
            await self._fail(failure)
            return
        for job, answer in zip(some, answers, strict=True):
            if not job.future.done():
                job.future.set_result(answer)
        some.clear()

    async def _deliver_surely(self, together: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
        """A connection that was idle may have been closed: then once more, over a new one."""
        try:
            return await self._deliver(together)
        except self._broken:
            await self._drop()
            self._client = self._connect()
            return await self._deliver(together)

    async def _deliver(self, all_words: Sequence[tuple[Any, ...]]) -> Sequence[Any]:
        """What was refused is an error among the answers."""
        assert self._client is not None
        if len(all_words) == 1:
            try:
                return [await self._client.execute_command(*all_words[0])]
            except self._refusals as error:
                return [error]
        together = self._client.pipeline(transaction=False)
        for words in all_words:
            together.execute_command(*words)
        answers: list[Any] = await together.execute(raise_on_error=False)
        return answers

    async def _fail(self, failure: Exception) -> None:
        late = isinstance(failure, TimeoutError)
        words = self._late() if late else f"{type(failure).__name__}: {failure}".rstrip(": ")
        self._back.clear()
        self._lose(words)
        await self._drop()

    def _lose(self, trouble: str) -> None:
        self.trouble = trouble
        for job in (*self._under_way, *self._queue):
            if not job.future.done():
                job.future.set_exception(RedisAway(trouble))
        self._under_way.clear()
        self._queue.clear()

    async def _drop(self) -> None:
        """Let go of a connection, whatever state it is in."""
        client, self._client = self._client, None
        if client is None:
            return
        try:
            async with asyncio.timeout(self._timeout):
                await client.aclose()
        except self._failures:
            pass  # it was broken

    def _late(self) -> str:
        return f"no answer within {self._timeout:g} s"
