"""Keeps the directory of a running gateway up to date with the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from pointsman.errors import PointsmanError

from .directory import KeyDirectory
from .key import KeySource


def load_keys(source: KeySource) -> KeyDirectory:
    """All keys, before anything is served. A gateway starts with these or not at all: without keys it would
    let everybody in.

    Raises:
        PointsmanError: they cannot be read just now.
    """
    directory = KeyDirectory()
    reading = source.read()
    if reading is not None:
        renewal = directory.renewal()
        for batch in reading.batches:
            renewal.add(batch)
        renewal.finish()
        directory.mark = reading.mark
    return directory


class KeyRefresh:
    """Asks what has changed each ``interval`` seconds. The store is read in a thread beside the event loop,
    and what was read is taken over batch by batch, so that nobody has to wait for all of it.

    A store that is away changes nothing: keys that were good stay good, and :attr:`problem` says why new
    ones are not seen.
    """

    def __init__(
        self,
        directory: KeyDirectory,
        source: KeySource,
        *,
        interval: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._directory = directory
        self._source = source
        self._interval = interval
        self._sleep = sleep
        self.problem: str | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._sleep(self._interval)
            await self.refresh()

    async def refresh(self) -> bool:
        """Look once. Returns whether the keys have changed."""
        try:
            changed = await self._take_over()
        except PointsmanError as error:
            self.problem = f"{error.message} The keys that were known before stay good."
            return False
        self.problem = None
        return changed

    async def _take_over(self) -> bool:
        directory = self._directory
        reading = await asyncio.to_thread(self._source.read, directory.mark)
        if reading is None:
            return False
        renewal = directory.renewal() if reading.whole else None
        take = directory.change if renewal is None else renewal.add
        while batch := await asyncio.to_thread(next, reading.batches, None):
            take(batch)
        if renewal is not None:
            renewal.finish()
        directory.mark = reading.mark
        return True
