"""The whole product in one test's loop: simulated providers, the gateway before them, real sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgspec

from pointsman.config import Settings, load_settings
from pointsman.gateway.build import OPEN_DOOR, Gateway, build_gateway
from pointsman.gateway.call.ports import Door
from pointsman.gateway.edge.server import GuardedProtocol
from pointsman.http1 import Http1Transport, HttpRequest, Timeouts
from pointsman.ledger import MemoryLedger
from pointsman.ledger.entry import Ledger
from pointsman.providers import Provider, simulated_providers
from pointsman.simulator import Config, app
from tests.support.servers import serve


class Books(MemoryLedger):
    """Can be emptied, so that a long test measures what the gateway keeps and not what it has booked."""

    def empty(self) -> None:
        self._entries.clear()
        self._older.clear()


class Stack(msgspec.Struct):
    """Addresses of what is running."""

    gateway_url: str
    simulator_url: str
    gateway: Gateway
    ledger: Books
    transport: Http1Transport
    """For calls of the test itself."""

    async def call(
        self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Ask the gateway; status, headers and body of its answer."""
        request = HttpRequest(method, self.gateway_url + path, tuple((headers or {}).items()), body)
        response = await self.transport.send(request, Timeouts(first_byte=30, idle=30))
        return response.status, response.headers, await response.read()

    async def post(self, path: str, body: Any, **headers: str) -> tuple[int, dict[str, str], bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return await self.call("POST", path, msgspec.json.encode(body), named)

    async def invoice(self) -> Any:
        """What the simulated providers bill."""
        response = await self.transport.send(
            HttpRequest("GET", self.simulator_url + "/invoice"), Timeouts(first_byte=30)
        )
        return msgspec.json.decode(await response.read())


def settings(**tables: Any) -> Settings:
    """Settings for tests: retries without long waits."""
    return load_settings({}, {"retries": {"base_delay": 0.001, "max_delay": 0.01}} | tables)


@asynccontextmanager
async def running_stack(
    simulator: Config | None = None,
    *,
    simulator_url: str = "",
    given: Settings | None = None,
    door: Door = OPEN_DOOR,
    ledger: Ledger | None = None,
    keep: int = 100_000,
    providers: Callable[[str], tuple[Provider, ...]] = simulated_providers,
) -> AsyncIterator[Stack]:
    """Simulator and gateway on free loopback ports, both gone when the block is left.

    Args:
        simulator_url: of one that is running already; then none is started here.
    """
    if not simulator_url:
        async with serve(app(simulator or Config())) as url:
            more: Any = {"given": given, "door": door, "ledger": ledger, "keep": keep, "providers": providers}
            async with running_stack(simulator_url=url, **more) as stack:
                yield stack
        return
    memory = Books(keep=keep)
    gateway = build_gateway(
        given or settings(),
        providers(simulator_url),
        ledger=ledger or memory,
        door=door,
        environment={},
    )
    transport = Http1Transport()
    try:
        async with serve(gateway.app, http=GuardedProtocol) as gateway_url:
            yield Stack(gateway_url, simulator_url, gateway, memory, transport)
    finally:
        await transport.close()
        await gateway.close()
