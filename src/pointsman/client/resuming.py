"""A stream over as many connections as it takes: where one breaks, the next goes on behind the last event."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping

from pointsman.errors import PointsmanError
from pointsman.gateway.call.ports import Random, Sleep
from pointsman.http1 import EventSplitter, HttpResponse
from pointsman.resilience import RetryPolicy, wait_before_next

Again = Callable[[str], Awaitable[HttpResponse]]
_ID = re.compile(rb"^id: ?([^\r\n]*)", re.MULTILINE)


class Resuming:
    """One stream.

    Args:
        first: its answer, of which only the head was read.
        again: asks for what follows the event of that id. Raises PointsmanError: it cannot be had.
        stop: says that its reader has left before the end and will not come back. Raises PointsmanError.
        retries: ``attempts`` are connections in a row that break before anything new has come.
    """

    def __init__(
        self,
        first: HttpResponse,
        again: Again,
        stop: Callable[[], Awaitable[None]],
        *,
        retries: RetryPolicy,
        sleep: Sleep,
        random: Random,
    ) -> None:
        self._response = first
        self._again = again
        self._stop = stop
        self._retries = retries
        self._sleep = sleep
        self._random = random
        self._last = first_id(first.headers)
        self._broken = 0

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """Whole events, each once. Raises PointsmanError: it broke too often, or is not there any more."""
        ended = False
        try:
            while not ended:
                splitter = EventSplitter()
                try:
                    async for chunk in self._response.chunks():
                        if events := splitter.feed(chunk):
                            self._see(events)
                            yield events
                    ended = True
                except PointsmanError as error:
                    await self._response.close()
                    await self._reconnect(error)
        finally:
            await self._response.close()
            if not ended:
                await self._leave()

    def _see(self, events: bytes) -> None:
        if ids := _ID.findall(events):
            self._last = ids[-1].decode("latin-1")
            self._broken = 0

    async def _reconnect(self, error: PointsmanError) -> None:
        """Raises PointsmanError: it was given up."""
        self._broken += 1
        wait = wait_before_next(error, self._broken, self._retries, jitter=self._random())
        if wait is None:
            raise error
        await self._sleep(wait)
        self._response = await self._again(self._last)

    async def _leave(self) -> None:
        try:
            await self._stop()
        except PointsmanError:
            return  # it ends by itself before long


def is_resumable(headers: Mapping[str, str]) -> bool:
    """Lower-case names."""
    return headers.get("x-pointsman-resumable") == "true" and "x-request-id" in headers


def first_id(headers: Mapping[str, str]) -> str:
    """The id before the first event's."""
    return f"{headers['x-request-id']}:0"
