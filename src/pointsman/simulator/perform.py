"""Sends what was decided, token by token, and reports how far it came."""

from __future__ import annotations

import asyncio

from pointsman.clock import Clock

from .connection import Connection
from .script import Chunk, Script
from .values import End, Performance

_AT_ONCE = 16
"""Chunks in one write where nothing waits: few enough to notice in time that the client has left."""


class Show:
    """Sends one answer; the client may leave, or the script may break it off, at any moment.

    ``end`` says how far it came, also after an exception or a cancellation.
    """

    def __init__(self, performance: Performance, connection: Connection, clock: Clock) -> None:
        self.end = End("cut", 0, False, 0, 0)
        self._script: Script = performance.script
        self._headers = performance.headers
        if self._script.length is not None:
            length = (b"content-length", b"%d" % self._script.length)
            self._headers = [*performance.headers, length]
        self._ticket = performance.ticket
        self._connection = connection
        self._clock = clock
        self._began = clock.monotonic()
        self._waits = any(chunk.due > 0 for chunk in self._script.chunks)
        self._started = False
        self._shown = 0

    async def run(self) -> None:
        script, chunks = self._script, self._script.chunks
        position = 0
        stalled = False
        while position < len(chunks):
            if position == script.stall_at and not stalled:
                stalled = True
                await self._connection.pause(script.stall_seconds)
                if self._connection.gone:
                    await self._cut("stalled")
                    return
            stop = await self._ready(position)
            if self._connection.gone:
                await self._cut("cut")
                return
            if not await self._write(chunks[position:stop]):
                await self._cut("cut")
                return
            position = stop
            if not self._waits and position < len(chunks):
                await asyncio.sleep(0)
        self._note(script.ending, script.reports_usage)
        if script.ending == "reset":
            await self._connection.reset()
        else:
            await self._connection.finish()

    async def _ready(self, position: int) -> int:
        """Wait until the next chunk is due; the end of those that may be written together."""
        chunks, stall_at = self._script.chunks, self._script.stall_at
        limit = len(chunks) if stall_at is None or position >= stall_at else min(stall_at, len(chunks))
        if not self._waits:
            return min(limit, position + _AT_ONCE)
        elapsed = self._clock.monotonic() - self._began
        if chunks[position].due > elapsed:
            await self._connection.pause(chunks[position].due - elapsed)
            elapsed = max(chunks[position].due, self._clock.monotonic() - self._began)
        stop = position + 1
        while stop < limit and chunks[stop].due <= elapsed:
            stop += 1
        return stop

    async def _write(self, chunks: tuple[Chunk, ...]) -> bool:
        if not self._started:
            self._started = True
            if self._script.length is None:
                self._connection.watch()
            await self._connection.start(200, self._headers)
        data = chunks[0].data if len(chunks) == 1 else b"".join([chunk.data for chunk in chunks])
        if not await self._connection.write(data):
            return False
        self._shown += sum([chunk.tokens for chunk in chunks])
        self._note("cut", False)
        return True

    async def _cut(self, outcome: str) -> None:
        made = self._shown
        if self._script.length is not None and outcome == "cut" and not self._started and self._waits:
            # An answer that was to be sent whole is made behind the curtain while the client waits.
            answer = self._ticket.prepared.answer
            elapsed = self._clock.monotonic() - self._began
            made = max(0, self._ticket.timing.generated(elapsed, answer.tokens) - answer.hidden)
        self._note(outcome, False, made)
        await self._connection.leave()

    def _note(self, outcome: str, reported: bool, made: int | None = None) -> None:
        status = 200 if self._started else 0
        self.end = End(outcome, self._shown if made is None else made, reported, self._shown, status)
