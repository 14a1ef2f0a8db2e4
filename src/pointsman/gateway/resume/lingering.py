"""How long is gone on with what no client is there for, or what the gateway is to end."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Coroutine, Iterator
from typing import Any

from pointsman.http1 import Leave


class Lingering:
    """Tells the provider, some time after the last client has left, that nobody waits.

    Args:
        seconds: that it is gone on with; 0 ends it at once.
    """

    __slots__ = ("_seconds", "_timer", "leave")

    def __init__(self, seconds: float) -> None:
        self.leave = Leave()
        """What the provider is told by."""
        self._seconds = seconds
        self._timer: asyncio.TimerHandle | None = None

    def alone(self, *, for_good: bool = False) -> None:
        """The last client has left.

        Args:
            for_good: none can come back, so that it ends at once.
        """
        self.stop()
        if self._seconds and not for_good:
            self._timer = asyncio.get_running_loop().call_later(self._seconds, self.leave.now)
        else:
            self.leave.now()

    def stop(self) -> None:
        """Somebody is there, or it has ended."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Tasks:
    """What is done to its end though no client may wait for it; a loop keeps no task alive by itself."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def __iter__(self) -> Iterator[asyncio.Task[None]]:
        return iter(tuple(self._tasks))

    def __len__(self) -> int:
        return len(self._tasks)

    def begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def ended(self, patience: float) -> None:
        """Until all have by themselves, or after so many seconds."""
        if self._tasks and patience:
            await asyncio.wait(self._tasks, timeout=patience)

    async def wind_up(self, grace: float) -> None:
        """Once all were told to end. Those that have not after ``grace`` seconds are cancelled."""
        await wind_up(self._tasks, grace)


async def wind_up(tasks: Collection[asyncio.Task[None]], grace: float) -> None:
    """Wait until they have ended, which they were told to; cancel those that have not.

    Args:
        grace: seconds that they have.
    """
    if tasks:
        _, late = await asyncio.wait(tasks, timeout=grace)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
