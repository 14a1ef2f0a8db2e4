"""Keeps what is in service in a running gateway up to date with the store."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from .services import Services

_log = logging.getLogger("pointsman.routing")


class ServicesRefresh:
    """Asks what has changed each ``interval`` seconds, in a thread beside the event loop. Tells the log once
    of what keeps a route from its router."""

    def __init__(
        self,
        services: Services,
        *,
        interval: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._services = services
        self._interval = interval
        self._sleep = sleep
        self._told: str | None = None

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._sleep(self._interval)
            await self.refresh()

    async def refresh(self) -> bool:
        """Whether anything has changed."""
        changed = await asyncio.to_thread(self._services.reload)
        problem = self._services.problem
        if problem is not None and problem != self._told:
            _log.warning("%s", problem)
        self._told = problem
        return changed
