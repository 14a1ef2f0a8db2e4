"""Everything that ``pointsman serve`` runs: stores, simulated providers if need be, and the two listeners."""

from __future__ import annotations

import asyncio
import gc
import logging
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from starlette.applications import Starlette

from pointsman.admin import admin_app
from pointsman.caching.idempotency.sqlite import SqliteIdempotency
from pointsman.cli.environment import Context
from pointsman.cli.logs import set_up_logging
from pointsman.clock import SystemClock
from pointsman.config import check_admin_bind, check_bind
from pointsman.config.auto_routes import keep_days
from pointsman.config.idempotency import idempotency_policy
from pointsman.config.paths import database_path
from pointsman.errors import ConfigurationError
from pointsman.gateway.auto.drift_keeping import DriftKeeping
from pointsman.gateway.build import FrontDoor, Gateway, build_gateway
from pointsman.gateway.edge.server import Server, address, listen, run_servers
from pointsman.gateway.prompt_cache.keeping import HabitKeeping
from pointsman.gateway.stores import shared_cache, shared_idempotency, shared_limits
from pointsman.keys.refresh import KeyRefresh, load_keys
from pointsman.keys.sqlite import SqliteKeys
from pointsman.ledger.durable import open_durable
from pointsman.limits.shared.redis import RedisLimits
from pointsman.promptcache.sqlite import SqliteHabits
from pointsman.providers import Provider, configured_providers, simulated_providers
from pointsman.routing.journal.refresh import ServicesRefresh
from pointsman.routing.journal.sqlite import SqliteJournal, SqliteRouters
from pointsman.routing.labels.sqlite import SqliteLabels
from pointsman.simulator import Config as SimulatorConfig
from pointsman.simulator import app as simulator_app

_log = logging.getLogger("pointsman.serve")
_PATIENCE = 5.0
"""Seconds, once no client is there, for what is paid for under idempotency keys to come to its end."""


def run_gateway(context: Context) -> None:
    """Run until SIGINT or SIGTERM. Raises ConfigurationError before anything is served."""
    set_up_logging(context.settings.logging)
    with asyncio.Runner(loop_factory=fastest_loop()) as runner:
        runner.run(_serve(context, partial(print, flush=True)))


def fastest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """uvloop's where it is installed (it has no wheels for some platforms), else asyncio's own."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


async def _serve(context: Context, say: Callable[[str], None]) -> None:
    server = context.settings.server
    database = database_path(context.settings, context.environment)
    keys = SqliteKeys(database, now_us=SystemClock().now_us, random_bytes=secrets.token_bytes)
    directory = load_keys(keys)
    check_bind(server.host, not directory.empty)
    check_admin_bind(server.admin_host)
    async with AsyncExitStack() as stack:
        data = stack.enter_context(_bound(server.host, server.port, "server.port"))
        admin = stack.enter_context(_bound(server.admin_host, server.admin_port, "server.admin_port"))
        providers = configured_providers(context.settings, context.environment)
        simulator: tuple[Server, socket.socket] | None = None
        if not providers:
            inner = stack.enter_context(_bound("127.0.0.1", 0, "simulator"))
            simulator = (Server(simulator_app(SimulatorConfig(pace="real")), guarded=False), inner)
            providers = simulated_providers(address(inner))
            say(
                "No provider key is set, so this gateway answers from simulated providers. "
                "Set ANTHROPIC_API_KEY, OPENAI_API_KEY, GEMINI_API_KEY, DEEPSEEK_API_KEY or "
                "HOLYSHEEP_API_KEY to reach the real ones."
            )
        books = open_durable(database, troubled=ledger_troubled)
        if books.settled:
            _log.warning(
                "%d requests were under way when a gateway died: booked now, as spent, at an estimate.",
                books.settled,
            )
        shared = shared_limits(context.settings, context.environment)
        if shared is not None:
            stack.push_async_callback(shared.close)
        sharing = shared_cache(context.settings, context.environment)
        routers = SqliteRouters(database, now_us=SystemClock().now_us)
        gateway = build_gateway(
            context.settings,
            providers,
            ledger=books.ledger,
            open_calls=books.open_calls,
            limits=shared,
            limits_trouble=_trouble_of(shared),
            key_names=directory.names,
            routers=routers,
            journal=SqliteJournal(database, keep_days(context.settings), now_us=SystemClock().now_us),
            labels=SqliteLabels(database),
            idempotency=shared_idempotency(
                context.settings,
                context.environment,
                owner=secrets.token_hex(8),
                random_bytes=secrets.token_bytes,
            )
            or SqliteIdempotency(
                database,
                idempotency_policy(context.settings.idempotency),
                owner=secrets.token_bytes(12),
                now_us=SystemClock().now_us,
            ),
            habits=SqliteHabits(database, now_us=SystemClock().now_us),
            sharing=sharing,
            door=FrontDoor(directory),
            environment=context.environment,
        )
        stack.push_async_callback(gateway.close, patience=_PATIENCE)
        routing = gateway.routing
        warmth = gateway.journey.prompt_cache
        for refresh in (KeyRefresh(directory, keys), ServicesRefresh(routing.services), routing.drift):
            await stack.enter_async_context(_refreshing(refresh))
        if warmth is not None:
            await stack.enter_async_context(_refreshing(warmth.keeping))
        if shared is not None:
            await shared.start()  # a second at most, also where nobody answers
        if sharing is not None:
            await sharing.start()
        servers = [
            (Server(gateway.app, guarded=True), data),
            (Server(_admin(gateway, books.ledger.health, _trouble_of(shared)), guarded=False), admin),
            *([simulator] if simulator else []),
        ]
        _spare_the_collector()
        await run_servers(
            servers, lambda: _announce(say, gateway, providers, data, admin, database), asyncio.Event()
        )


def _admin(
    gateway: Gateway, ledger_health: Callable[[], str | None], redis_trouble: Callable[[], str] | None
) -> Starlette:
    overview = gateway.overview
    return admin_app(
        gateway.metrics,
        ledger_health,
        limits_view=overview.limits,
        redis_trouble=redis_trouble,
        flow=overview,
        purge=None if gateway.cache is None else gateway.cache.purge,
        compare=None if gateway.cache is None else gateway.cache.compare,
    )


def _trouble_of(shared: RedisLimits | None) -> Callable[[], str] | None:
    """Says what is wrong with Redis, "" if nothing."""
    return None if shared is None else lambda: shared.health().trouble


def ledger_troubled(problem: str | None) -> None:
    """Say that the ledger cannot be written, and that it can again. Called in the ledger's thread."""
    if problem is None:
        _log.info("The ledger can be written again.")
    else:
        _log.warning("%s Entries wait in memory until it can.", problem)


def _spare_the_collector() -> None:
    """What start-up made lives as long as the process: the garbage collector need not look at it again, nor
    look so often, since the objects of a request hold no cycles."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@asynccontextmanager
async def _refreshing(
    refresh: KeyRefresh | ServicesRefresh | DriftKeeping | HabitKeeping,
) -> AsyncIterator[None]:
    """What a command changes while the gateway runs is seen within a second; what was learned is kept."""
    task = asyncio.create_task(refresh.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _bound(host: str, port: int, setting: str) -> socket.socket:
    try:
        return listen(host, port)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(
            f"{setting}: cannot listen on {host}:{port}: {reason}. Take another port, or 0 for any free one.",
            param=setting,
        ) from None


def _announce(
    say: Callable[[str], None],
    gateway: Gateway,
    providers: tuple[Provider, ...],
    data: socket.socket,
    admin: socket.socket,
    database: Path,
) -> None:
    base = address(data)
    names = ", ".join(provider.name for provider in providers)
    say(f"Pointsman is ready at {base} ({len(gateway.planner.available())} models of {names}).")
    say(f"  OpenAI SDK: base_url={base}/v1   Anthropic SDK: base_url={base}")
    say(f"  Health and metrics: {address(admin)}   Ledger: {database}")
