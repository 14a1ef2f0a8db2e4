"""Processes that meet in one memory: what ``caching/shared_flights.py`` promises, with switches for what goes
wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from pointsman.caching.shared_flights import End, Head, Item, LeadLost


class Sky:
    """Where they meet."""

    def __init__(self) -> None:
        self.told: dict[bytes, MemoryLead] = {}
        """Who leads, by key."""
        self.leads = 0
        """How often somebody came to lead."""
        self.away = False


class MemoryLead:
    def __init__(self, sky: Sky, key: bytes) -> None:
        self.items: list[Item] = []
        self.over = False
        """Nothing more is told: it has ended, or is dead."""
        self.changed = asyncio.Event()
        self.followers = 0
        self._followed: Callable[[int], None] = lambda count: None
        self._sky = sky
        self._key = key

    @property
    def lost(self) -> bool:
        return self._sky.told.get(self._key) is not self

    def watch(self, followed: Callable[[int], None]) -> None:
        self._followed = followed

    def beat(self) -> None:
        asyncio.get_running_loop().call_soon(lambda: self._followed(0 if self.lost else self.followers))

    def head(self, head: Head) -> None:
        self._tell(head)

    def put(self, piece: bytes) -> None:
        self._tell(piece)

    def end(self, end: End) -> None:
        self._tell(end)
        self.die(free=not end.stored)

    def give_up(self) -> None:
        self.die()

    def die(self, *, free: bool = True) -> None:
        """As if its lease had lapsed."""
        self.over = True
        if free and not self.lost:
            del self._sky.told[self._key]
        self._wake()

    def _tell(self, item: Item) -> None:
        if not (self.over or self.lost):
            self.items.append(item)
            self._wake()

    def _wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class MemoryFlights:
    """A ``SharedFlights`` for one process; those that share a ``Sky`` meet."""

    def __init__(self, sky: Sky | None = None) -> None:
        self.sky = sky or Sky()
        self._mine: list[MemoryLead] = []

    @property
    def away(self) -> bool:
        return self.sky.away

    async def lead(self, key: bytes) -> MemoryLead | None:
        if self.away or key in self.sky.told:
            return None
        self.sky.told[key] = lead = MemoryLead(self.sky, key)
        self.sky.leads += 1
        self._mine.append(lead)
        return lead

    async def follow(self, key: bytes) -> AsyncGenerator[Item, None]:
        lead = self.sky.told.get(key)
        if lead is None or self.away:
            raise LeadLost
        at = 0
        lead.followers += 1
        try:
            while True:
                while at < len(lead.items):
                    item = lead.items[at]
                    at += 1
                    yield item
                    if isinstance(item, End):
                        return
                if lead.over:
                    raise LeadLost
                await lead.changed.wait()
        finally:
            lead.followers -= 1

    async def close(self) -> None:
        for lead in self._mine:
            if not lead.over:
                lead.give_up()
