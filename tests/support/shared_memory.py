"""Answers that processes share in one memory, with the flights of ``shared_flights.py``: a ``Sharing``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from pointsman.caching.shared.answers import Found, Kept, Purge, SharedView
from pointsman.caching.shared.flights import Met, Payer
from tests.support.shared_flights import MemoryFlights, Sky


class Shelf:
    """Where answers are kept, by key."""

    def __init__(self) -> None:
        self.kept: dict[bytes, tuple[bytes, float]] = {}


class MemoryAnswers:
    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf

    async def get(self, key: bytes) -> Found | None:
        found = self._shelf.kept.get(key)
        return None if found is None else Found(found[0], 0.0, found[1])

    def put(
        self, key: bytes, body: bytes, *, ttl: float, tenant: str, model: str, tags: tuple[str, ...] = ()
    ) -> None:
        self._shelf.kept[key] = (body, ttl)

    async def purge(self, which: Purge) -> int | None:
        there = len(self._shelf.kept)
        self._shelf.kept.clear()
        return there

    def listen(self, purged: Callable[[Purge], object]) -> None:
        """Nobody purges in these worlds."""

    def view(self) -> SharedView:
        kept = len(self._shelf.kept)
        return SharedView(True, "", False, kept, None, 0, 0, 0, 0, {}, kept, 0, None)

    async def close(self) -> None:
        """There is nothing to close."""


class MemorySharing:
    def __init__(self, shelf: Shelf, sky: Sky) -> None:
        self.answers = MemoryAnswers(shelf)
        self.flights = MemoryFlights(sky)

    async def find_or_meet(
        self, answers: Sequence[bytes], flight: bytes, payers: Sequence[Payer] = ()
    ) -> Kept | Met | None:
        await asyncio.sleep(self.flights.sky.delay())
        for which, key in enumerate(answers):
            if (found := await self.answers.get(key)) is not None:
                return Kept(which, found)
        return self.flights.meet_now(flight, payers)

    def view(self) -> SharedView:
        return self.answers.view()

    async def close(self) -> None:
        await self.flights.close()
