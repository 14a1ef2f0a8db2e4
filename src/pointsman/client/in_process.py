"""The journey in this process, without a server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from pathlib import Path
from secrets import token_bytes
from types import MappingProxyType

from pointsman.caching.idempotency.sqlite import SqliteIdempotency
from pointsman.clock import SystemClock
from pointsman.config import find_file, load_settings, read_toml
from pointsman.config.auto_routes import keep_days
from pointsman.config.idempotency import idempotency_policy
from pointsman.costs import format_usd
from pointsman.dialects.openai_chat import OPENAI_CHAT
from pointsman.errors import ConfigurationError
from pointsman.gateway.build import OPEN_DOOR, Gateway, build_gateway
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.gateway.edge.faces import NOBODY
from pointsman.gateway.resume.idempotency import HEADER
from pointsman.gateway.stores import shared_cache, shared_idempotency, shared_limits
from pointsman.http1 import Leave
from pointsman.ledger import MemoryLedger
from pointsman.ledger.durable import open_durable
from pointsman.limits.shared.redis import RedisLimits
from pointsman.providers import configured_providers, simulated_providers
from pointsman.routing.journal.sqlite import SqliteJournal, SqliteRouters
from pointsman.routing.labels.sqlite import SqliteLabels

from .backend import Reply, Settled
from .failures import error_from
from .refreshing import Refreshing
from .wire import streamed_reply, whole_reply

_NO_HEADERS: Mapping[bytes, bytes] = MappingProxyType({})


def build_in_process(
    *, config: str | None, ledger: str | None, simulator_url: str | None, environment: Mapping[str, str]
) -> InProcess:
    """Raises ConfigurationError: no provider is configured, or a setting is wrong."""
    path = find_file(Path(config) if config else None, Path.cwd())
    settings = load_settings(environment, read_toml(path))
    providers = (
        simulated_providers(simulator_url) if simulator_url else configured_providers(settings, environment)
    )
    if not providers:
        raise ConfigurationError(
            "No provider is configured. Set ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY, "
            "DEEPSEEK_API_KEY or HOLYSHEEP_API_KEY; or name a gateway by base_url, or a simulator by "
            "simulator_url."
        )
    books = open_durable(Path(ledger)) if ledger else None
    shared, now_us = shared_limits(settings, environment), SystemClock().now_us
    gateway = build_gateway(
        settings,
        providers,
        limits=shared,
        ledger=MemoryLedger() if books is None else books.ledger,
        open_calls=None if books is None else books.open_calls,
        labels=SqliteLabels(Path(ledger)) if ledger else None,
        routers=SqliteRouters(Path(ledger), now_us=now_us) if ledger else None,
        journal=SqliteJournal(Path(ledger), keep_days(settings), now_us=now_us) if ledger else None,
        idempotency=shared_idempotency(
            settings, environment, owner=token_bytes(8).hex(), random_bytes=token_bytes
        )
        or (
            SqliteIdempotency(
                Path(ledger),
                idempotency_policy(settings.idempotency),
                owner=token_bytes(12),
                now_us=now_us,
            )
            if ledger
            else None
        ),
        sharing=shared_cache(settings, environment),
        door=OPEN_DOOR,
        environment=environment,
    )
    learns = ledger is not None and bool(settings.auto)
    return InProcess(
        gateway, shared, Refreshing(gateway.routing, gateway.clock.monotonic()) if learns else None
    )


class InProcess:
    """A ``Backend`` over a gateway of our own, which is closed with it."""

    def __init__(
        self, gateway: Gateway, shared: RedisLimits | None = None, refreshing: Refreshing | None = None
    ) -> None:
        self._gateway = gateway
        self._refreshing = refreshing
        self._run = gateway.idempotency.around(gateway.journey.run)
        self._shared = shared
        self._under_way: dict[asyncio.Task[Answer], Leave] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def send(self, body: bytes, idempotency_key: bytes | None = None, *, resume: bool = False) -> Reply:
        """There is no connection to break, so that ``resume`` changes nothing."""
        if self._refreshing is not None:
            await self._refreshing.look(self._gateway.clock.monotonic())
        arrival = self._arrival(body, {} if idempotency_key is None else {HEADER: idempotency_key})
        leave = arrival.leave
        answer = await self._answer(asyncio.ensure_future(self._run(arrival)), leave)
        headers = {name.decode(): value.decode("latin-1") for name, value in answer.headers}
        if not isinstance(answer.body, bytes):
            return streamed_reply(headers, _until_left(answer.body, leave))
        if answer.status >= 400:
            raise error_from(answer.status, headers, answer.body)
        return whole_reply(headers, answer.body)

    async def settled(self, request_id: str) -> Settled | None:
        entry = await self._gateway.ledger.find(request_id)
        if entry is None:
            return None
        cost = None if entry.cost is None else format_usd(entry.cost)
        return Settled(cost, entry.estimated, len(entry.attempts))

    async def feedback(self, body: bytes) -> None:
        await self._gateway.labelling.feedback.take(self._arrival(body))

    async def close(self) -> None:
        for leave in self._under_way.values():
            leave.now()
        await asyncio.gather(*self._under_way, *self._ending)
        if self._refreshing is not None:
            await self._refreshing.close()
        await self._gateway.close()
        if self._shared is not None:
            await self._shared.close()

    def _arrival(self, body: bytes, headers: Mapping[bytes, bytes] = _NO_HEADERS) -> Arrival:
        gateway = self._gateway
        return Arrival(
            request_id=gateway.new_id(),
            at_us=gateway.clock.now_us(),
            started=gateway.clock.monotonic(),
            face=OPENAI_CHAT,
            headers=headers,
            body=body,
            key=NOBODY,
            leave=Leave(),
        )

    async def _answer(self, task: asyncio.Task[Answer], leave: Leave) -> Answer:
        """A caller that is cancelled leaves as a client of the server would: told upstream, and booked."""
        self._under_way[task] = leave
        task.add_done_callback(self._under_way.pop)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            leave.now()
            ending = asyncio.ensure_future(_read_to_its_end(task))
            self._ending.add(ending)  # a loop keeps no task alive by itself
            ending.add_done_callback(self._ending.discard)
            raise


async def _read_to_its_end(task: asyncio.Task[Answer]) -> None:
    """What is in flight is counted, and the request booked, though nobody waits for it."""
    body = (await task).body
    if not isinstance(body, bytes):
        async for _ in body:
            pass


async def _until_left(body: AsyncGenerator[bytes, None], leave: Leave) -> AsyncGenerator[bytes, None]:
    try:
        async for chunk in body:
            yield chunk
    finally:
        leave.now()
        async for _ in body:  # what is in flight is counted and booked before the stream is let go
            pass
