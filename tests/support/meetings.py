"""Crowds at several gateways, from seeds: clients come and leave, providers break, leaders are lost. Every
fourth is calm: nothing fails in it, and nobody leaves."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator

from pointsman.errors import UpstreamUnavailable
from pointsman.http1 import HttpRequest, Leave, Timeouts
from tests.support.asgi import AsgiCall
from tests.support.equal_requests import caching, cold, flights_of
from tests.support.gateway import CHAT, Rig
from tests.support.provider_bytes import OPENAI_EVENTS, OPENAI_MODEL
from tests.support.shared_flights import MemoryLead, Sky
from tests.support.shared_memory import MemorySharing, Shelf
from tests.support.virtual_time import run_virtual

_LONG = 600.0
_SOON = 2.0
"""Seconds within which a call that nobody waits for is over."""


class Paced:
    """A provider that takes its time, and breaks off at a piece of its own choice."""

    def __init__(self, dice: random.Random, breaks: float) -> None:
        self._dice = dice
        self._breaks = breaks
        self.calls = 0

    async def send(self, request: HttpRequest, timeouts: Timeouts, leave: Leave | None = None) -> Stream:
        self.calls += 1
        await asyncio.sleep(self._dice.uniform(0.1, 0.4))
        broken_at = self._dice.randint(0, len(OPENAI_EVENTS)) if self._dice.random() < self._breaks else None
        if broken_at == 0:
            raise UpstreamUnavailable("It fell over.")
        return Stream(leave, broken_at, self._dice.uniform(0.01, 0.1))

    async def close(self) -> None:
        """There is nothing to close."""


class Stream:
    status = 200

    def __init__(self, leave: Leave | None, broken_at: int | None, gap: float) -> None:
        self.headers = {"content-type": "text/event-stream"}
        self._leave, self._broken_at, self._gap = leave, broken_at, gap

    async def read(self) -> bytes:
        return b"".join([piece async for piece in self.chunks()])

    async def chunks(self) -> AsyncIterator[bytes]:
        for number, piece in enumerate(OPENAI_EVENTS, 1):
            await asyncio.sleep(self._gap)
            if self._leave is not None and self._leave.gone:
                return
            if number == self._broken_at:
                raise UpstreamUnavailable("It fell over.")
            yield piece

    async def close(self, *, drain: float = 0.0) -> bytes:
        return b""


class Crowd:
    def __init__(self, seed: int) -> None:
        self.dice = dice = random.Random(f"meeting {seed}")
        self.calm = seed % 4 == 0
        self.sky, self.shelf = Sky(), Shelf()
        self.rigs = []
        for _ in range(dice.randint(2, 4)):
            paced = Paced(dice, 0.0 if self.calm else 0.3)
            rig = Rig(given=caching(), sharing=MemorySharing(self.shelf, self.sky), transport=paced)
            self.rigs.append((rig, paced))
        self.stayed: list[AsgiCall] = []

    async def client(self) -> None:
        dice, (rig, _) = self.dice, self.dice.choice(self.rigs)
        after, leaves = dice.uniform(0.0, 0.6), not self.calm and dice.random() < 0.4
        patience = dice.uniform(0.0, 1.0)
        call = rig.call(CHAT, cold(OPENAI_MODEL, stream=True))
        await asyncio.sleep(after)
        running = asyncio.ensure_future(call.run())
        if leaves:
            await asyncio.sleep(patience)
            call.leave()
        else:
            self.stayed.append(call)
        await running

    async def losses(self) -> None:
        """Leaders that are taken for dead though they live: the hardest case, as they go on."""
        if self.calm:
            return
        for _ in range(self.dice.randint(0, 2)):
            await asyncio.sleep(self.dice.uniform(0.0, 0.6))
            leads: list[MemoryLead] = [lead for lead in self.sky.told.values() if not lead.over]
            for lead in leads:
                lead.die()

    async def play(self) -> None:
        async with asyncio.timeout(_LONG):
            await asyncio.gather(self.losses(), *(self.client() for _ in range(self.dice.randint(4, 16))))
        await asyncio.sleep(_SOON)
        for rig, _ in self.rigs:
            flown = flights_of(rig).metrics
            assert (flown.under_way(), flown.riding()) == (0, 0)
        for rig, _ in self.rigs:
            await rig.gateway.close()


def _judge(crowd: Crowd) -> Counter[str]:
    for call in crowd.stayed:
        assert call.complete
        failed = b'"error"' in call.body
        assert call.status == 200 if not failed else call.status == 200 or call.status >= 500
        assert failed or b'"finish_reason":"stop"' in call.body
    entries = [entry for rig, _ in crowd.rigs for entry in rig.ledger.entries]
    attempts = [attempt for entry in entries for attempt in entry.attempts]
    assert sum(entry.cost or 0 for entry in entries) == sum(attempt.cost or 0 for attempt in attempts)
    assert all(entry.cost is not None for entry in entries)
    calls = sum(paced.calls for _, paced in crowd.rigs)
    assert calls == sum(1 for attempt in attempts)
    if crowd.calm:
        assert calls == 1
        assert {call.status for call in crowd.stayed} == {200}
        assert len({call.body for call in crowd.stayed if call.headers["x-pointsman-cache"] != "hit"}) == 1
    return Counter(f"{entry.cache} {entry.outcome}" for entry in entries)


def play_meeting(seed: int) -> Counter[str]:
    """What there was, by kind. Raises AssertionError, or whatever went wrong, with its seed."""

    async def world() -> Counter[str]:
        crowd = Crowd(seed)
        await crowd.play()
        return _judge(crowd)

    try:
        return run_virtual(world)
    except BaseException as error:
        error.add_note(f"seed {seed}")
        raise
