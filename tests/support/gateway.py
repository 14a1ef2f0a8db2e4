"""A gateway whose providers follow a script, on a clock that stands still."""

from __future__ import annotations

import asyncio
import functools
import random
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from pointsman.caching.idempotency.idempotency import IdempotencyStore
from pointsman.caching.shared.answers import Sharing
from pointsman.catalog import Catalog, Model, load_catalog
from pointsman.config import Settings
from pointsman.dialects import get_dialect
from pointsman.gateway.build import OPEN_DOOR, build_gateway
from pointsman.gateway.call.ports import Door
from pointsman.gateway.call.values import Route, make_route
from pointsman.http1 import Transport
from pointsman.ledger import MemoryLedger
from pointsman.ledger.entry import REPLAY, Entry
from pointsman.providers import Provider, simulated_providers
from pointsman.routing.labels.memory import MemoryLabels
from tests.support.asgi import AsgiCall
from tests.support.clock import FakeClock
from tests.support.models import a_model
from tests.support.open_calls import KeptCalls
from tests.support.stack import settings
from tests.support.upstream import ScriptedTransport, Step

CHAT = "/v1/chat/completions"
MESSAGES = "/v1/messages"


packaged_catalog = functools.cache(load_catalog)
"""Read once: it takes longer than most of these tests."""


class NoDice(random.Random):
    """Draws the same number for ever, so that waits can be told beforehand."""

    def random(self) -> float:
        return 0.5


class WatchedLedger(MemoryLedger):
    """Tells when an entry has come."""

    def __init__(self) -> None:
        super().__init__()
        self.recorded = 0
        self.groups: list[list[str]] = []
        """Ids of entries that were recorded at once."""
        self._came = asyncio.Event()

    def record(self, entry: Entry) -> None:
        super().record(entry)
        self.recorded += 1
        self._came.set()

    def record_all(self, entries: Sequence[Entry]) -> None:
        self.groups.append([entry.request_id for entry in entries])
        super().record_all(entries)

    async def has(self, count: int) -> None:
        """Wait until there are so many entries."""
        async with asyncio.timeout(10):
            while len(self.entries) < count:
                self._came.clear()
                await self._came.wait()


class Rig:
    """The gateway's application, and all that a test wants to look at afterwards."""

    def __init__(
        self,
        *steps: Step,
        otherwise: Step | None = None,
        given: Settings | None = None,
        catalog: Catalog | None = None,
        door: Door = OPEN_DOOR,
        providers: tuple[Provider, ...] | None = None,
        waiting_for_ever: bool = False,
        sharing: Sharing | None = None,
        idempotency: IdempotencyStore | None = None,
        transport: Transport | None = None,
    ) -> None:
        self.transport = ScriptedTransport(*steps, otherwise=otherwise)
        self.ledger = WatchedLedger()
        self.open_calls = KeptCalls()
        self.labels = MemoryLabels()
        self.clock = FakeClock()
        self.waits: list[float] = []
        """Seconds that were waited between attempts; the clock went on by as much."""
        self.waits_now = asyncio.Event()
        self._waiting_for_ever = waiting_for_ever
        given = given or settings()
        if catalog is None and not given.models:
            catalog = packaged_catalog()
        self.gateway = build_gateway(
            given,
            simulated_providers("http://upstream") if providers is None else providers,
            ledger=self.ledger,
            open_calls=self.open_calls,
            labels=self.labels,
            sharing=sharing,
            idempotency=idempotency,
            door=door,
            environment={},
            transport=transport or self.transport,
            clock=self.clock,
            catalog=catalog,
            rng=NoDice(),
            sleep=self._sleep,
        )

    def call(
        self,
        path: str,
        body: Any = None,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
    ) -> AsgiCall:
        """A request that has not begun. ``body``: a value, JSON as bytes, or pieces of it."""
        pieces: Iterable[bytes]
        if body is None or isinstance(body, bytes):
            pieces = [body or b""]
        elif isinstance(body, list):
            pieces = body
        else:
            pieces = [msgspec.json.encode(body)]
        return AsgiCall(self.gateway.app, method, path, pieces, headers)

    async def post(self, path: str, body: Any, headers: Mapping[str, str] | None = None) -> AsgiCall:
        return await self.call(path, body, headers=headers).run()

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> AsgiCall:
        return await self.call(path, method="GET", headers=headers).run()

    @property
    def entry(self) -> Entry:
        """The one entry that there is, besides those of replays."""
        (only,) = [entry for entry in self.ledger.entries if entry.cache != REPLAY]
        return only

    def sent(self, number: int = 0) -> Any:
        """What a provider was asked."""
        return msgspec.json.decode(self.transport.requests[number].body)

    async def _sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.waits_now.set()
        if self._waiting_for_ever:
            await asyncio.Event().wait()
        self.clock.advance(seconds)


def ask(model: str, prompt: str = "Why?", **more: Any) -> dict[str, Any]:
    """A body that both dialects understand."""
    return {"model": model, "max_tokens": 100, "messages": [{"role": "user", "content": prompt}]} | more


def a_route(model: Model | None = None, dialect: str = "openai_chat", name: str = "m") -> Route:
    model = model or a_model(name)
    provider = Provider(name="acme", dialect=dialect, base_url="http://acme")
    return make_route(provider, get_dialect(dialect), model.id, model)
