"""Keeps the directory of a running gateway up to date with the store."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from pointsman.errors import PointsmanError

from .directory import KeyDirectory
from .key import KeySource


class KeyRefresh:
    """Looks for a new snapshot each ``interval`` seconds, in a thread beside the event loop.

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
            snapshot = await asyncio.to_thread(self._source.snapshot, self._directory.version)
        except PointsmanError as error:
            self.problem = f"{error.message} The keys that were known before stay good."
            return False
        self.problem = None
        if snapshot is None:
            return False
        self._directory.replace(snapshot)
        return True
