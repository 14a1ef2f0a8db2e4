"""Whole gateways that share limits in a real Valkey, and one simulated provider behind all, in virtual time.

The store is asked in the midst of a turn of the loop, so that it takes no virtual time of its own; the line
to it does, and can be cut. What a frozen server was sent it does when it is thawed, as a real one.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import redis

from pointsman.config import Settings
from pointsman.gateway.build import OPEN_DOOR, Gateway, build_gateway
from pointsman.ledger import MemoryLedger
from pointsman.limits.shared.redis import Health, RedisLimits
from pointsman.limits.values.view import LimitsView
from pointsman.providers import simulated_providers
from pointsman.simulator import Config, Simulator, app
from tests.support.asgi import AsgiCall
from tests.support.gateway import packaged_catalog
from tests.support.simulated_transport import SimulatedTransport
from tests.support.virtual_time import VirtualClock

LINE_SECONDS = 0.0005
LEASE = 10.0


class Store:
    """The server, as all replicas see it."""

    def __init__(self, url: str) -> None:
        self._client: Any = redis.Redis.from_url(url)
        self._client.flushall()
        self._late: list[tuple[Any, ...]] = []
        self.frozen = False
        self.refuses = False

    def do(self, words: tuple[Any, ...]) -> Any:
        return self._client.execute_command(*words)

    async def take(self, words: tuple[Any, ...]) -> Any:
        await asyncio.sleep(LINE_SECONDS)
        if self.refuses:
            raise redis.exceptions.ConnectionError("nobody listens")
        if self.frozen:
            self._late.append(words)
            await asyncio.Event().wait()
        return self.do(words)

    def thaw(self) -> None:
        self.frozen, late, self._late = False, self._late, []
        for words in late:
            self.do(words)

    def start_empty(self) -> None:
        """It was killed, and is there again."""
        self.refuses, self._late = False, []
        self._client.flushall()

    def close(self) -> None:
        self._client.close()


class Line:
    """What ``RedisLimits`` uses of redis-py."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.cut = False

    async def execute_command(self, *words: Any) -> Any:
        if self.cut:
            await asyncio.Event().wait()
        return await self._store.take(words)

    async def aclose(self) -> None:
        """There is nothing to close."""


class Replica:
    """One gateway."""

    def __init__(self, site: Site, given: Settings, number: int) -> None:
        self.site = site
        self.line = Line(site.store)
        self.told: list[Health] = []
        self.limits = RedisLimits(
            "redis://nowhere",
            lease=LEASE,
            clock=site.clock,
            changed=self.told.append,
            connect=lambda: self.line,
            store_now_us=site.clock.now_us,
        )
        self.transport = SimulatedTransport(site.simulator, delay=lambda: 0.01)
        self.gateway: Gateway = build_gateway(
            given,
            simulated_providers("http://simulator"),
            ledger=MemoryLedger(keep=100_000),
            limits=self.limits,
            limits_trouble=lambda: self.limits.health().trouble,
            door=OPEN_DOOR,
            environment={},
            transport=self.transport,
            clock=site.clock,
            catalog=packaged_catalog(),
            rng=random.Random(number),
            sleep=asyncio.sleep,
        )

    def call(self, body: Any, max_wait: float) -> AsgiCall:
        headers = {"x-pointsman-max-wait": str(max_wait)}
        path = "/v1/chat/completions"
        return AsgiCall(self.gateway.app, "POST", path, [msgspec.json.encode(body)], headers)

    async def view(self) -> LimitsView:
        """What ``GET /limits`` tells."""
        return await self.gateway.overview.limits()

    async def used(self, limit_id: str) -> int:
        return next(row.used for row in (await self.view()).limits if row.id == limit_id)

    def die(self) -> None:
        """Nobody hears of it any more: neither the provider nor the store."""
        self.line.cut = True
        self.transport.drop()

    async def close(self) -> None:
        await self.gateway.close()
        await self.limits.close()


class Site:
    """Within ``run_virtual``."""

    def __init__(self, url: str, simulator: Config, given: Settings, count: int) -> None:
        self.clock = VirtualClock()
        self.store = Store(url)
        self.simulator: Simulator = app(simulator, models=packaged_catalog(), clock=self.clock)
        self.replicas = [Replica(self, given, number) for number in range(count)]

    def referee(self, model: str) -> Any:
        """What the provider counted."""
        models = self.simulator.service.limits()["models"]
        return next(each for each in models if each["model"] == model)


@asynccontextmanager
async def site(url: str, simulator: Config, given: Settings, count: int = 4) -> AsyncIterator[Site]:
    """Replicas that run; closed at the end, also those that have died."""
    made = Site(url, simulator, given, count)
    try:
        yield made
    finally:
        for replica in made.replicas:
            await replica.close()
        made.store.close()
