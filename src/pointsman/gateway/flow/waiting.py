"""A stream that must wait in the queue tells its client so, in comments that every SSE reader skips.

    : queued position=3 starts_in=4.2s

For that the head of the answer has to leave before it is known how the request will end: what fails from then
on ends the stream with the dialect's error event. A wait that is over soon is not announced at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from pointsman.gateway.call.call import Call
from pointsman.gateway.call.respond import waiting_headers
from pointsman.gateway.call.values import Answer
from pointsman.limits import Place


class MustWait(Exception):
    """A stream cannot start at once. Raised and caught within the journey."""


class Waiting:
    """How long a wait may be silent, and how often it is told of then; in seconds."""

    def __init__(self, after: float, every: float = 5.0, *, now: Callable[[], float]) -> None:
        """``now``: the clock that places go by; monotonic seconds."""
        self._after = after
        self._every = every
        self._now = now

    async def answer(self, call: Call, run: Callable[[Call], Awaitable[Answer]]) -> Answer:
        """What ``run`` answers, if it does within ``after``; else a stream that begins with comments.

        Args:
            run: answers, also to what fails, and books it; if cancelled too.
        """
        task = asyncio.ensure_future(run(call))
        try:
            done, _ = await asyncio.wait((task,), timeout=self._after)
        except BaseException:
            await _cancel(task)
            raise
        if done:
            return task.result()
        call.announced = True
        rest = self._comments(call, task)
        await anext(rest)  # begun: closing it ends the wait, even if nobody comes to read it
        return Answer(200, waiting_headers(call), rest)

    async def _comments(self, call: Call, task: asyncio.Future[Answer]) -> AsyncGenerator[bytes, None]:
        try:
            yield b""
            while not task.done():
                yield comment((call.made or call).place, self._now())
                await asyncio.wait((task,), timeout=self._every)
            answer = task.result()
            if isinstance(answer.body, bytes):
                yield _error_event(call)
                return
            try:
                async for chunk in answer.body:
                    yield chunk
            finally:
                await answer.body.aclose()
        finally:
            await _cancel(task)


def comment(place: Place | None, now: float) -> bytes:
    """One SSE comment. What is not known is left out. ``now``: a place is some seconds old."""
    if place is None:
        return b": queued\n\n"
    starts = ""
    if place.starts_in is not None:
        starts = f" starts_in={max(0.0, place.starts_in + place.at - now):.1f}s"
    return f": queued position={place.position}{starts}\n\n".encode()


def _error_event(call: Call) -> bytes:
    arrival, failure = call.arrival, call.failure
    assert failure is not None, "an answer to a stream is whole only if it is an error"
    return arrival.face.encode_stream_error(failure, arrival.request_id)


async def _cancel(task: asyncio.Future[Answer]) -> None:
    """And wait until it has booked what it had spent; if it had just answered, close that."""
    task.cancel()
    (ended,) = await asyncio.gather(task, return_exceptions=True)
    if isinstance(ended, Answer) and not isinstance(ended.body, bytes):
        await ended.body.aclose()
