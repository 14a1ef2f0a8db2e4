"""Keeps what was counted of prompts, off the path of requests, so that a restart loses little of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from pointsman.errors import ServerBusy
from pointsman.promptcache.habits import HabitStore
from pointsman.promptcache.memory import Memory

_log = logging.getLogger("pointsman.promptcache")


class HabitKeeping:
    """Reads it when it is made, and writes each ``interval`` seconds what has changed: a few hundred bytes
    for each tenant that has sent anything.

    Args:
        store: None where there is no database: then nothing is kept.
    """

    def __init__(
        self,
        memory: Memory,
        store: HabitStore | None,
        *,
        interval: float = 60.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._memory = memory
        self._store = store
        self._interval = interval
        self._sleep = sleep
        self._told = False
        try:
            memory.remember({} if store is None else store.load())
        except ServerBusy as error:
            _log.warning("%s What was counted of prompts begins anew.", error.message)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._sleep(self._interval)
            await self.keep()

    async def keep(self) -> int:
        """What has changed since, if the store is there; of how many that was."""
        habits = self._memory.changed() if self._store is not None else {}
        if self._store is None or not habits:
            return 0
        try:
            await asyncio.to_thread(self._store.save, habits)
        except ServerBusy as error:
            if not self._told:
                _log.warning("%s Until then what is counted of prompts is in memory alone.", error.message)
            self._told = True
            self._memory.changed_still(habits)
            return 0
        self._told = False
        return len(habits)
