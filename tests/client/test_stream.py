from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from pointsman import AsyncChatStream, Usage
from pointsman.chat import Response, Stop, StreamEnd, StreamEvent, StreamStart, TextDelta
from pointsman.client.backend import Reply
from pointsman.client.result import Notes
from pointsman.errors import ModelNotFound, PointsmanError, StreamBroken, UpstreamTimeout

EVENTS: list[StreamEvent | PointsmanError] = [
    StreamStart("c", "m"),
    TextDelta(0, "By "),
    TextDelta(0, "gate 2."),
    StreamEnd(Stop.END, Usage(input=3, output=4)),
]


class Source:
    """A backend's stream: gives events, and waits at the end if it shall."""

    def __init__(self, events: list[StreamEvent | PointsmanError], *, hang: bool = False) -> None:
        self.events = events
        self.hang = hang
        self.sent = 0
        self.closed = False
        self.waiting = asyncio.Event()

    async def send(self) -> Reply:
        self.sent += 1
        return Reply({"x-request-id": "req_1"}, events=self._run())

    async def settle(self, response: Response, notes: Notes) -> Notes:
        return notes

    def stream(self) -> AsyncChatStream:
        return AsyncChatStream(self.send, self.settle)

    async def _run(self) -> AsyncGenerator[StreamEvent, None]:
        try:
            for event in self.events:
                if isinstance(event, PointsmanError):
                    raise event
                yield event
            if self.hang:
                self.waiting.set()
                await asyncio.Event().wait()
        finally:
            self.closed = True


async def test_nothing_is_sent_before_the_first_step() -> None:
    source = Source(EVENTS)
    async with source.stream():
        pass
    assert source.sent == 0


async def test_the_result_is_there_without_iterating_and_in_the_middle_of_it() -> None:
    for steps in range(3):
        source = Source(EVENTS)
        stream = source.stream()
        for _ in range(steps):
            await anext(stream)
        result = await stream.result()
        assert (result.text, result.usage, result.request_id) == (
            "By gate 2.",
            Usage(input=3, output=4),
            "req_1",
        )
        assert await stream.result() is result
        assert (source.sent, source.closed) == (1, True)


async def test_a_failure_is_kept_for_whoever_asks_for_the_result() -> None:
    source = Source([*EVENTS[:2], UpstreamTimeout("Too slow.")])
    stream = source.stream()
    with pytest.raises(UpstreamTimeout):
        async for _ in stream:
            pass
    for _ in range(2):
        with pytest.raises(UpstreamTimeout, match="Too slow"):
            await stream.result()
    assert source.closed


async def test_a_request_that_fails_fails_at_the_first_step() -> None:
    async def send() -> Reply:
        raise ModelNotFound("No such model.")

    stream = AsyncChatStream(send, Source([]).settle)
    with pytest.raises(ModelNotFound):
        await anext(stream)


async def test_after_closing_there_is_no_whole_answer() -> None:
    source = Source(EVENTS)
    async with source.stream() as stream:
        async for _ in stream:
            break
    assert source.closed
    assert [chunk async for chunk in stream] == []
    with pytest.raises(StreamBroken, match="closed before its end"):
        await stream.result()
    await stream.close()


async def test_another_task_may_stop_it() -> None:
    source = Source(EVENTS[:2], hang=True)
    stream = source.stream()

    async def read() -> str:
        return "".join([chunk.text async for chunk in stream])

    reading = asyncio.create_task(read())
    await source.waiting.wait()
    await stream.close()
    assert source.closed
    assert await reading == "By "
    assert not reading.cancelling()


async def test_a_cancelled_reader_is_cancelled() -> None:
    source = Source(EVENTS[:2], hang=True)
    stream = source.stream()

    async def read() -> None:
        async for _ in stream:
            pass

    reading = asyncio.create_task(read())
    await source.waiting.wait()
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    assert source.closed


async def test_two_readers_are_told() -> None:
    source = Source(EVENTS[:1], hang=True)
    stream = source.stream()
    reading = asyncio.ensure_future(stream.__anext__())
    await source.waiting.wait()
    with pytest.raises(RuntimeError, match="Two tasks"):
        await anext(stream)
    await stream.close()
    with pytest.raises(StopAsyncIteration):
        await reading
