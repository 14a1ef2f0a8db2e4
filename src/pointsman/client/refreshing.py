"""What is in service for ``auto``, kept up to date by the requests of a client without a server."""

from __future__ import annotations

import asyncio

from pointsman.gateway.auto.routing import Routing
from pointsman.routing.journal.refresh import ServicesRefresh

EVERY = 1.0
"""Seconds, as in the server."""
KEEP_EVERY = 30.0


class Refreshing:
    """Looks with the first request after a second whether anything has changed, which is one small
    question to the database: a client that is idle asks nothing. What the watch for drift has seen is written
    meanwhile.
    """

    def __init__(self, routing: Routing, now: float) -> None:
        self._drift = routing.drift
        self._services = ServicesRefresh(routing.services)
        self._looked = self._kept = now
        self._keeping: asyncio.Task[int] | None = None

    async def look(self, now: float) -> None:
        """
        Args:
            now: seconds of a clock that never goes back.
        """
        if now - self._looked < EVERY:
            return
        self._looked = now
        if now - self._kept >= KEEP_EVERY and (self._keeping is None or self._keeping.done()):
            self._kept = now
            self._keeping = asyncio.ensure_future(self._drift.keep())
        await self._services.refresh()

    async def close(self) -> None:
        """Wait for what is being written."""
        if self._keeping is not None:
            await self._keeping
