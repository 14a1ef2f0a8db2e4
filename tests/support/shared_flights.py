"""Processes that meet in one memory: what ``caching/shared/flights.py`` promises, with switches for what goes
wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

from pointsman.caching.shared.flights import End, Head, Item, LeadLost, Met, Payer, Queued


class Sky:
    """Where they meet."""

    def __init__(self) -> None:
        self.told: dict[bytes, MemoryLead] = {}
        """Who leads, by key."""
        self.leads = 0
        """How often somebody came to lead."""
        self.away = False
        self.delay: Callable[[], float] = lambda: 0.0
        """Seconds until it answers."""

    def go(self) -> None:
        """It is gone, and remembers nothing."""
        self.away = True
        for lead in list(self.told.values()):
            lead.die()
        self.told.clear()


class MemoryLead:
    def __init__(self, sky: Sky, key: bytes) -> None:
        self.items: list[Item] = []
        self.over = False
        """Nothing more is told: it has ended, or is dead."""
        self.changed = asyncio.Event()
        self.following: dict[MemoryFollow, tuple[Payer, ...]] = {}
        self.left: tuple[Payer, ...] = ()
        """Who follows no more, and has had something."""
        self._followed: Callable[[int], None] = lambda count: None
        self.sky = sky
        self._key = key

    @property
    def lost(self) -> bool:
        return self.sky.told.get(self._key) is not self

    def watch(self, followed: Callable[[int], None]) -> None:
        self._followed = followed

    def beat(self) -> None:
        asyncio.get_running_loop().call_soon(lambda: self._followed(0 if self.lost else len(self.following)))

    def queued(self, queued: Queued) -> None:
        self._tell(queued)

    def head(self, head: Head) -> None:
        self._tell(head)

    def put(self, piece: bytes) -> None:
        self._tell(piece)

    def end(self, end: End) -> None:
        self._tell(end)
        self.die(free=not end.stored)

    async def payers(self) -> tuple[Payer, ...]:
        await asyncio.sleep(self.sky.delay())
        if self.lost or self.sky.away:
            return ()
        return tuple([payer for some in self.following.values() for payer in some]) + self.left

    def give_up(self) -> None:
        if not self.over:
            self.die()

    def die(self, *, free: bool = True) -> None:
        """As if its lease had lapsed."""
        self.over = True
        if free and not self.lost:
            del self.sky.told[self._key]
        self._wake()

    def _tell(self, item: Item) -> None:
        if not (self.over or self.lost):
            self.items.append(item)
            self._wake()

    def _wake(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


class MemoryFollow:
    def __init__(self, lead: MemoryLead, payers: Sequence[Payer], process: MemoryFlights) -> None:
        self._lead = lead
        self._process = process
        lead.following[self] = tuple(payers)

    def pay(self, payers: Sequence[Payer]) -> None:
        if self in self._lead.following and not self._process.dead:
            self._lead.following[self] = tuple(payers)

    def drop(self) -> None:
        self._lead.following.pop(self, None)

    async def items(self) -> AsyncGenerator[Item, None]:
        lead, at = self._lead, 0
        try:
            while True:
                while at < len(lead.items):
                    item = lead.items[at]
                    at += 1
                    yield item
                    if isinstance(item, End):
                        return
                if lead.over or lead.sky.away:
                    raise LeadLost
                await lead.changed.wait()
        finally:
            if not self._process.dead:
                lead.left += lead.following.pop(self, ())


class MemoryFlights:
    """A ``SharedFlights`` for one process; those that share a ``Sky`` meet."""

    def __init__(self, sky: Sky | None = None) -> None:
        self.sky = sky or Sky()
        self.mine: list[MemoryLead] = []
        self.dead = False

    def kill(self) -> None:
        """The process: its leads lapse, and nobody hears that it follows no more."""
        self.dead = True
        for lead in self.mine:
            lead.die()

    @property
    def away(self) -> bool:
        return self.sky.away

    async def meet(self, key: bytes, payers: Sequence[Payer] = ()) -> Met | None:
        await asyncio.sleep(self.sky.delay())
        return self.meet_now(key, payers)

    def meet_now(self, key: bytes, payers: Sequence[Payer]) -> Met | None:
        if self.away or self.dead:
            return None
        lead = self.sky.told.get(key)
        if lead is not None:
            return Met(follow=MemoryFollow(lead, payers, self))
        self.sky.told[key] = lead = MemoryLead(self.sky, key)
        self.sky.leads += 1
        self.mine.append(lead)
        return Met(lead=lead)

    async def close(self) -> None:
        for lead in self.mine:
            if not lead.over:
                lead.give_up()
