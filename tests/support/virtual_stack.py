"""The whole product in virtual time: simulated providers and the gateway before them, no sockets, one clock.

def test_something() -> None:
    async def work() -> None:
        async with virtual_stack(Config(rpm=60), seed=7, delay=(0.01, 0.2)) as stack:
            call = await stack.post("/v1/chat/completions", {...})
    run_virtual(work)
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from pointsman.caching.idempotency.idempotency import IdempotencyStore
from pointsman.caching.shared.answers import Sharing
from pointsman.config import Settings
from pointsman.gateway.build import OPEN_DOOR, Gateway, build_gateway
from pointsman.gateway.call.ports import Door
from pointsman.ledger import MemoryLedger
from pointsman.promptcache.habits import HabitStore
from pointsman.providers import Provider, simulated_providers
from pointsman.routing.journal import Journal, RouterStore
from pointsman.routing.labels.kept import Labels
from pointsman.simulator import Config, Simulator, app
from tests.support.asgi import AsgiCall
from tests.support.books import Bill
from tests.support.gateway import packaged_catalog
from tests.support.simulated_transport import SimulatedTransport
from tests.support.stack import settings
from tests.support.virtual_time import VirtualClock


class VirtualStack(msgspec.Struct):
    """What is running, within ``run_virtual``."""

    gateway: Gateway
    simulator: Simulator
    transport: SimulatedTransport
    ledger: MemoryLedger
    clock: VirtualClock

    def call(
        self, path: str, body: Any = None, headers: Mapping[str, str] | None = None, *, method: str = "POST"
    ) -> AsgiCall:
        """A request to the gateway that has not begun. ``body``: a value, or JSON as bytes."""
        data = body if isinstance(body, bytes) else b"" if body is None else msgspec.json.encode(body)
        return AsgiCall(self.gateway.app, method, path, [data], headers)

    async def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> AsgiCall:
        return await self.call(path, body, headers).run()

    async def bill(self) -> Bill:
        """What the simulated providers bill, once nothing is under way with them."""
        await self.transport.settled()
        service = self.simulator.service
        report = service.invoice.report(in_flight=service.in_flight, summary=False)
        return msgspec.convert(msgspec.to_builtins(report), Bill)


@asynccontextmanager
async def virtual_stack(
    simulator: Config | None = None,
    *,
    seed: int = 0,
    delay: tuple[float, float] = (0.0, 0.0),
    given: Settings | None = None,
    door: Door = OPEN_DOOR,
    providers: tuple[Provider, ...] | None = None,
    ledger: MemoryLedger | None = None,
    labels: Labels | None = None,
    journal: Journal | None = None,
    routers: RouterStore | None = None,
    idempotency: IdempotencyStore | None = None,
    habits: HabitStore | None = None,
    sharing: Sharing | None = None,
) -> AsyncIterator[VirtualStack]:
    """Simulator and gateway on one virtual clock.

    Args:
        seed: for the gateway's randomness and the network's; the simulator has its own in its ``Config``.
        delay: least and most seconds that a request is on its way to a provider, drawn for each.
    """
    clock = VirtualClock()
    network, least, most = random.Random(f"network {seed}"), *delay
    memory = MemoryLedger(keep=1_000_000) if ledger is None else ledger
    simulated = app(simulator or Config(), models=packaged_catalog(), clock=clock)
    transport = SimulatedTransport(simulated, delay=lambda: network.uniform(least, most))
    gateway = build_gateway(
        given or settings(),
        simulated_providers("http://simulator") if providers is None else providers,
        ledger=memory,
        labels=labels,
        journal=journal,
        routers=routers,
        idempotency=idempotency,
        habits=habits,
        sharing=sharing,
        door=door,
        environment={},
        transport=transport,
        clock=clock,
        catalog=packaged_catalog(),
        rng=random.Random(seed),
        sleep=asyncio.sleep,
    )
    try:
        yield VirtualStack(gateway, simulated, transport, memory, clock)
    finally:
        await gateway.close()
