"""Streams of Redis that this process reads: all of them over one connection, which waits for the next entry.

Who wants another stream while that connection waits writes to one that is always among them, so that it is
asked anew at once.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from pointsman.storage.redis import RedisAway, RedisLine

FIELD = b"d"
"""Entries have this one field."""
_PATIENCE = 5.0
"""Seconds for which it waits for an entry before it asks again."""
_PAUSE = 0.1
_COUNT = 64
"""Entries of a stream that are taken at once."""
_WOKEN_MS = 60_000

Told = Callable[[str, bytes], None]
"""Takes an entry: its id, and what it says. Must not raise."""


class _Listener:
    __slots__ = ("at", "stream", "told")

    def __init__(self, stream: str, at: str, told: Told) -> None:
        self.stream = stream
        self.at = at
        self.told = told


class RedisStreams:
    """
    Args:
        reads: the connection that waits; nobody else may ask over it.
        asks: over which it is woken.
        own: name of the stream by which it is woken; no other process has the same.
    """

    def __init__(self, reads: RedisLine, asks: RedisLine, own: str) -> None:
        self._reads = reads
        self._asks = asks
        self._own = own
        self._own_at = "0-0"
        self._listeners: dict[str, list[_Listener]] = {}
        self._task: asyncio.Task[None] | None = None
        self._waking: set[asyncio.Task[None]] = set()
        self._under_way = False

    def listen(self, stream: str, told: Told, *, after: str) -> Callable[[], None]:
        """Be told of entries, in their order, until what is returned is called.

        Args:
            after: the id after which it begins; "0" for all that there are.
        """
        listener = _Listener(stream, after, told)
        self._listeners.setdefault(stream, []).append(listener)
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="pointsman-streams")
        elif self._under_way and not self._waking:
            waking = asyncio.create_task(self._wake())
            self._waking.add(waking)
            waking.add_done_callback(self._waking.discard)

        def stop() -> None:
            same = self._listeners.get(stream, [])
            if listener in same:
                same.remove(listener)
            if not same:
                self._listeners.pop(stream, None)

        return stop

    async def close(self) -> None:
        tasks = [*self._waking, *([self._task] if self._task is not None else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _wake(self) -> None:
        try:
            await self._asks.ask("XADD", self._own, "MAXLEN", 1, "*", FIELD, b"")
            await self._asks.ask("PEXPIRE", self._own, _WOKEN_MS)
        except RedisAway:
            return  # the connection that waits is lost then too, and asks anew

    async def _run(self) -> None:
        there = True
        while there:
            try:
                self._under_way = True
                for stream, entries in await self._next():
                    self._deliver(bytes(stream).decode(), entries)
            except RedisAway:
                there = await self._reads.back()
                await asyncio.sleep(_PAUSE)  # it may be there, and refuse
            finally:
                self._under_way = False

    async def _next(self) -> list[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]:
        places = {self._own: self._own_at}
        for stream, same in self._listeners.items():
            places[stream] = min((each.at for each in same), key=_place)
        milliseconds = round(_PATIENCE * 1000)
        words: list[Any] = ["XREAD", "COUNT", _COUNT, "BLOCK", milliseconds, "STREAMS"]
        found = await self._reads.ask(*words, *places, *places.values(), patience=_PATIENCE)
        return found or []

    def _deliver(self, stream: str, entries: list[tuple[bytes, dict[bytes, bytes]]]) -> None:
        for ident, fields in entries:
            at = bytes(ident).decode()
            if stream == self._own:
                self._own_at = at
            for listener in tuple(self._listeners.get(stream, ())):
                if _place(at) > _place(listener.at):
                    listener.at = at
                    listener.told(at, fields.get(FIELD, b""))


def _place(ident: str) -> tuple[int, int]:
    first, _, second = ident.partition("-")
    return int(first), int(second or 0)
