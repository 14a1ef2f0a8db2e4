"""Clients over both backends: the journey in this process, and a gateway behind a real socket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Literal

import msgspec

from pointsman import AsyncClient
from pointsman.client.backend import Backend
from pointsman.client.in_process import InProcess
from pointsman.client.remote import Remote
from pointsman.config import Settings
from pointsman.http1 import Http1Transport
from pointsman.ledger import MemoryLedger
from pointsman.ledger.entry import Entry
from pointsman.simulator import Config, parse_faults
from tests.support.stack import Stack, running_stack

How = Literal["in_process", "remote"]
HOWS: tuple[How, ...] = ("in_process", "remote")


class WatchedLedger(MemoryLedger):
    """Says when something is booked."""

    def __init__(self) -> None:
        super().__init__()
        self._booked = asyncio.Event()

    def record(self, entry: Entry) -> None:
        super().record(entry)
        self._booked.set()

    async def first(self) -> Entry:
        """The first entry, as soon as it is there."""
        async with asyncio.timeout(10):
            await self._booked.wait()
        return self.entries[0]


class WatchedStack(msgspec.Struct):
    """A stack whose ledger is a watched one."""

    gateway_url: str
    simulator_url: str
    ledger: WatchedLedger
    stack: Stack

    async def invoice(self) -> Any:
        return await self.stack.invoice()


def backend_of(how: How, stack: WatchedStack) -> Backend:
    if how == "in_process":
        return InProcess(stack.stack.gateway)
    return Remote(stack.gateway_url, "", Http1Transport())


@asynccontextmanager
async def connected(
    how: How, faults: str = "", given: Settings | None = None, **simulator: Any
) -> AsyncIterator[tuple[AsyncClient, WatchedStack]]:
    """A client, and the stack that answers it."""
    ledger = WatchedLedger()
    config = Config(faults=parse_faults(faults), **simulator)
    async with running_stack(config, given=given, ledger=ledger) as stack:
        watched = WatchedStack(stack.gateway_url, stack.simulator_url, ledger, stack)
        async with AsyncClient(backend=backend_of(how, watched)) as client:
            yield client, watched
