"""A streamed answer, asynchronously."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from types import TracebackType
from typing import Self

from pointsman.chat import Response
from pointsman.errors import PointsmanError, StreamBroken

from .backend import Reply
from .gathered import Gathered
from .result import ChatChunk, ChatResult, Notes, make_result, read_notes

Send = Callable[[], Awaitable[Reply]]
Settle = Callable[[Response, Notes], Awaitable[Notes]]


class AsyncChatStream:
    """A streamed answer: iterate it for its chunks; leave the ``async with`` block early to stop it.

    The request is sent with the first step. Made by :meth:`AsyncClient.stream`.
    """

    def __init__(self, send: Send, settle: Settle) -> None:
        self._send = send
        self._settle = settle
        self._gathered = Gathered()
        self._notes: Notes | None = None
        self._result: ChatResult | None = None
        self._failure: PointsmanError | None = None
        self._reader: asyncio.Task[object] | None = None
        self._stopped = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._chunks = self._run()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> ChatChunk:
        if self._reader is not None:
            raise RuntimeError("Two tasks read the same stream.")
        if self._stopped:
            raise StopAsyncIteration
        self._reader = reader = asyncio.current_task()
        self._idle.clear()
        try:
            return await anext(self._chunks)
        except asyncio.CancelledError:
            if self._stopped_only(reader):
                raise StopAsyncIteration from None
            raise
        finally:
            self._reader = None
            self._idle.set()

    async def result(self) -> ChatResult:
        """The whole answer, with its usage and cost; reads what is left of the stream.

        Raises:
            StreamBroken: the stream was left before its end, so there is no whole answer.
            PointsmanError: what the stream had failed with.
        """
        if self._result is None:
            async for _ in self:
                pass
            if self._failure is not None:
                raise self._failure
            response = self._gathered.response()
            if response is None or self._notes is None:
                raise StreamBroken("The stream was closed before its end, so there is no whole answer.")
            self._result = make_result(response, await self._settle(response, self._notes))
        return self._result

    async def close(self) -> None:
        """Stop: the provider is told, and what it had sent is booked. May be called twice, and by another
        task than the one that reads, whose iteration then ends."""
        self._stopped = True
        if self._reader is not None and self._reader is not asyncio.current_task():
            self._reader.cancel()
            await self._idle.wait()
        await self._chunks.aclose()

    def _stopped_only(self, reader: asyncio.Task[object] | None) -> bool:
        """Cancelled by ``close``, and not by whoever owns the task as well."""
        return self._stopped and reader is not None and reader.uncancel() == 0

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _run(self) -> AsyncGenerator[ChatChunk, None]:
        try:
            reply = await self._send()
            self._notes = read_notes(reply.headers)
            assert reply.events is not None, "a streaming request was sent"
            try:
                async for event in reply.events:
                    chunk = self._gathered.add(event)
                    if chunk is not None:
                        yield chunk
            finally:
                await reply.events.aclose()
        except PointsmanError as failure:
            self._failure = failure
            raise
