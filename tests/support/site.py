"""A gateway that may be killed, on stores that outlive it, before simulated providers, in virtual time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

from pointsman.errors import ServerBusy
from pointsman.gateway.build import Gateway, build_gateway
from pointsman.http1 import HttpRequest
from pointsman.ledger import MemoryLedger, OpenCall
from pointsman.ledger.entry import Entry, UsageRow
from pointsman.ledger.open_call import settle
from pointsman.ledger.report import UsageQuery
from pointsman.limits import MemoryLimits
from pointsman.providers import simulated_providers
from pointsman.simulator import Simulator
from tests.support.flood import KeyRing
from tests.support.gateway import packaged_catalog
from tests.support.simulated_transport import SimulatedTransport
from tests.support.virtual_time import VirtualClock
from tests.support.worlds import World

COMMITTED_AFTER = 0.02
"""Seconds from an entry's recording to its commit, at most."""


class Disk:
    """What a kill leaves: entries that were committed, and calls that were under way."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.calls: dict[tuple[str, int], OpenCall] = {}
        self.full = False
        self.twice: list[str] = []
        """Requests that were recorded a second time."""

    def commit(self, entry: Entry) -> None:
        if entry.request_id in self.entries:
            self.twice.append(entry.request_id)
        self.entries.setdefault(entry.request_id, entry)
        for name in [name for name in self.calls if name[0] == entry.request_id]:
            del self.calls[name]

    def recover(self) -> None:
        """As a start does: what was under way counts as spent."""
        for entry in settle(self.calls.values()):
            self.entries.setdefault(entry.request_id, entry)
        self.calls.clear()


class MortalLedger:
    """Commits to the disk a moment later, as groups are committed, unless it was killed meanwhile."""

    def __init__(self, disk: Disk, dice: random.Random) -> None:
        self._disk = disk
        self._dice = dice
        self._memory = MemoryLedger(keep=1_000_000)
        self._pending: list[tuple[Entry, ...]] = []
        self.dead = False

    @property
    def full(self) -> bool:
        return self._disk.full

    def record(self, entry: Entry) -> None:
        self.record_all([entry])

    def record_all(self, entries: Sequence[Entry]) -> None:
        if not self.dead:
            self._memory.record_all(entries)
            self._pending.append(tuple(entries))
            wait, last = self._dice.uniform(0, COMMITTED_AFTER), self._pending[-1]
            asyncio.get_running_loop().call_later(wait, self._commit, last)

    def _commit(self, last: tuple[Entry, ...] | None = None) -> None:
        """In the order in which they came, as far as this one."""
        while self._pending and (last is None or any(each is last for each in self._pending)):
            for entry in self._pending.pop(0):
                if not self.dead:
                    self._disk.commit(entry)

    async def find(self, request_id: str) -> Entry | None:
        return await self._memory.find(request_id)

    async def report(self, query: UsageQuery) -> list[UsageRow]:
        return await self._memory.report(query)

    async def flush(self) -> None:
        self._commit()

    async def close(self) -> None:
        self._commit()


class MortalCalls:
    """``OpenCalls`` in the disk's memory."""

    def __init__(self, disk: Disk) -> None:
        self._disk = disk
        self.dead = False

    def begin(self, call: OpenCall) -> None:
        if self._disk.full:
            raise ServerBusy("Calls under way cannot be kept: no space left on device.")
        if not self.dead:
            name = (call.request_id, call.number)
            assert name not in self._disk.calls, f"begun twice: {name}"
            self._disk.calls[name] = call

    def amend(self, call: OpenCall) -> None:
        if self._disk.full:
            raise ServerBusy("Calls under way cannot be kept: no space left on device.")
        if not self.dead:
            self._disk.calls[call.request_id, call.number] = call

    def close(self) -> None:
        pass


class Life:
    """One gateway from its start to its end."""

    def __init__(
        self, world: World, simulator: Simulator, disk: Disk, clock: VirtualClock, number: int
    ) -> None:
        dice = random.Random(f"life {world.seed} {number}")
        self.limits = MemoryLimits()
        self.ledger = MortalLedger(disk, dice)
        self.calls = MortalCalls(disk)
        self.transport = SimulatedTransport(simulator, delay=lambda: dice.uniform(*world.delay))
        self.gateway: Gateway = build_gateway(
            world.given,
            simulated_providers("http://simulator"),
            ledger=self.ledger,
            open_calls=self.calls,
            limits=self.limits,
            door=KeyRing(world.keys),
            environment={},
            transport=self.transport,
            clock=clock,
            catalog=packaged_catalog(),
            rng=random.Random(f"gateway {world.seed} {number}"),
            sleep=asyncio.sleep,
        )

    def calls_that_are_shared(self) -> list[asyncio.Task[None]]:
        """Tasks that are nobody's."""
        cache = self.gateway.cache
        return [] if cache is None or cache.flights is None else list(cache.flights._tasks)

    def kill(self) -> None:
        """From now on nothing that it does reaches the disk or a provider; its connections are closed by the
        kernel. Its tasks are for the caller to cancel."""
        self.ledger.dead = self.calls.dead = True
        self.transport.drop()


class Site:
    """Lives, one after another."""

    def __init__(
        self, world: World, simulator: Simulator, clock: VirtualClock, on_send: Callable[[HttpRequest], None]
    ) -> None:
        self._world = world
        self._simulator = simulator
        self._clock = clock
        self._on_send = on_send
        self.disk = Disk()
        self.down: set[str] = set()
        self.lives: list[Life] = []
        self.start()

    @property
    def life(self) -> Life:
        return self.lives[-1]

    def start(self) -> None:
        self.disk.recover()
        life = Life(self._world, self._simulator, self.disk, self._clock, len(self.lives))
        life.transport.on_send = self._on_send
        life.transport.down = self.down
        self.lives.append(life)
