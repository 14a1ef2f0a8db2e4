"""``pointsman doctor``: what is configured, what is reachable, what is wrong and how to mend it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .findings import MARKS, Finding

if TYPE_CHECKING:
    from pointsman.config import Names, Settings
    from pointsman.providers import Provider
    from pointsman.secret import Secret

COLOURS = {"good": "green", "doubtful": "yellow", "wrong": "red"}


def doctor(
    config: Annotated[Path | None, typer.Option(help="Settings file.", dir_okay=False)] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the providers, nor Redis.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what is configured, reachable and wrong."""
    findings = examine(config, offline)
    if as_json:
        print_json(findings)
    else:
        print_lines(findings)
    if any(finding.level == "wrong" for finding in findings):
        raise typer.Exit(1)


def examine(config: Path | None, offline: bool) -> list[Finding]:
    """Everything that can be found out; where the settings cannot be read, only that."""
    from pointsman.cli.environment import read_context
    from pointsman.config import database_path
    from pointsman.errors import ConfigurationError

    from . import findings as say

    try:
        settings, environment, file = read_context(config)
    except ConfigurationError as error:
        return [say.wrong_setting(error)]
    from .machine import database_state, open_file_limit, port_state

    found = [say.settings_file(file), *_providers(settings, environment, offline)]
    state = database_state(database_path(settings, environment))
    server = settings.server
    found += [
        say.database(state),
        say.bind(settings, state.keys, state.revoked),
        *say.admin_bind(settings),
        say.port("port", server.host, server.port, port_state(server.host, server.port)),
        say.port(
            "admin_port",
            server.admin_host,
            server.admin_port,
            port_state(server.admin_host, server.admin_port),
        ),
        *say.open_files(open_file_limit()),
    ]
    return found


def _providers(settings: Settings, environment: Mapping[str, str], offline: bool) -> Iterable[Finding]:
    from pointsman.catalog import load_catalog, load_presets
    from pointsman.config import Names, custom_models, preset_overrides
    from pointsman.errors import ConfigurationError
    from pointsman.providers import configured_providers, simulated_providers

    from . import findings as say
    from . import findings_flow

    try:
        providers = configured_providers(settings, environment)
        catalog = load_catalog(custom_models(settings.models))
        load_presets(preset_overrides(settings.presets))
    except ConfigurationError as error:
        return [say.wrong_setting(error)]
    found = [say.provider_key(provider, settings, environment) for provider in providers]
    found += say.alias_targets(settings, catalog, providers)
    serving = providers or simulated_providers("http://127.0.0.1")
    names = Names(catalog, [provider.name for provider in serving], settings.aliases)
    found += findings_flow.limits(settings, names, serving)
    found += findings_flow.routes(settings, names, serving)
    found += _autos(settings, environment, names, serving)
    found += _semantic(settings, environment, names, serving)
    if settings.redis.url is not None:
        found.append(_redis(settings, environment, offline))
    found += _sharing(settings, environment, offline)
    if not providers:
        found.append(say.no_providers())
    elif not offline:
        found += _ask(providers, environment)
    return found


def _autos(
    settings: Settings, environment: Mapping[str, str], names: Names, providers: Sequence[Provider]
) -> list[Finding]:
    """Whether pools are served, and routers may choose."""
    from pointsman.cli.route.facts import route_facts
    from pointsman.clock import SystemClock
    from pointsman.config import configured_autos, database_path
    from pointsman.errors import ConfigurationError, PointsmanError

    from . import findings as say
    from . import findings_auto

    try:
        autos = configured_autos(settings, names)
    except ConfigurationError as error:
        return [say.wrong_setting(error)]
    if not autos:
        return []
    found = findings_auto.autos(autos, settings, names, providers)
    clock = SystemClock()
    try:
        facts = route_facts(autos, database_path(settings, environment), 0, clock.now_us)
    except PointsmanError as error:
        return [*found, Finding("wrong", "auto", error.message)]
    return [*found, *findings_auto.learned(facts, clock.now_us())]


def _semantic(
    settings: Settings, environment: Mapping[str, str], names: Names, providers: Sequence[Provider]
) -> list[Finding]:
    """Whether answers are given to similar questions."""
    if not settings.cache.semantic:
        return []
    from datetime import UTC, datetime

    from pointsman.catalog import load_presets
    from pointsman.clock import SystemClock
    from pointsman.config import configured_autos, configured_routes, database_path, preset_overrides
    from pointsman.errors import ConfigurationError
    from pointsman.gateway.call.planner import Planner

    from . import findings_semantic

    try:
        planner = Planner(
            names.catalog,
            tuple(providers),
            aliases=settings.aliases,
            presets=load_presets(preset_overrides(settings.presets)),
            routes=configured_routes(settings, names),
            autos={auto.model: auto.pool[-1] for auto in configured_autos(settings, names).values()},
        )
    except ConfigurationError:
        return []  # what is said of routes and presets says it
    return findings_semantic.semantic(
        settings.cache.semantic,
        planner,
        enabled=settings.cache.enabled,
        folder=database_path(settings, environment).parent,
        now=datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC),
    )


def _redis(settings: Settings, environment: Mapping[str, str], offline: bool) -> Finding:
    """Whether Redis answers, as a gateway would ask it; says farewell to it at once."""
    import asyncio

    from pointsman.config import redis_url
    from pointsman.errors import ConfigurationError
    from pointsman.limits.shared.redis import RedisLimits

    from . import findings_flow

    async def ask(url: Secret) -> str:
        given = settings.redis
        store = RedisLimits(url, timeout=given.timeout, lease=given.lease, prefix=given.prefix)
        try:
            await store.start()
            return store.health().trouble
        finally:
            await store.close()

    try:
        url = redis_url(settings.redis, environment)
        if offline or url is None:
            return Finding("good", "redis", "is configured, and was not asked")
        return findings_flow.redis(asyncio.run(ask(url)))
    except ConfigurationError as error:
        return findings_flow.redis(error.message)


def _sharing(settings: Settings, environment: Mapping[str, str], offline: bool) -> list[Finding]:
    """Whether replicas can share answers, as a gateway would have them do."""
    import asyncio

    from pointsman.caching.shared.redis import Probe, RedisSharing
    from pointsman.errors import ConfigurationError
    from pointsman.gateway.stores import shared_cache

    from . import findings_shared

    async def probe(sharing: RedisSharing) -> Probe:
        try:
            return await sharing.probe()
        finally:
            await sharing.close()

    try:
        sharing = shared_cache(settings, environment)
        if sharing is None:
            return findings_shared.not_shared(settings)
        return findings_shared.shared(settings, None if offline else asyncio.run(probe(sharing)))
    except ConfigurationError as error:
        return [Finding("wrong", error.param or "cache.shared", error.message)]


def _ask(providers: Iterable[Provider], environment: Mapping[str, str]) -> list[Finding]:
    import asyncio

    from pointsman.cli.reach import reach
    from pointsman.http1 import Http1Transport

    async def ask_all() -> list[Finding]:
        transport = Http1Transport.from_environment(environment)
        try:
            return list(await asyncio.gather(*(reach(provider, transport) for provider in providers)))
        finally:
            await transport.close()

    return asyncio.run(ask_all())


def print_lines(findings: Iterable[Finding]) -> None:
    for finding in findings:
        mark = typer.style(MARKS[finding.level], fg=COLOURS[finding.level])
        typer.echo(f"{mark} {finding.subject}: {finding.message}")
        if finding.mend:
            typer.echo(f"    {finding.mend}")


def print_json(findings: list[Finding]) -> None:
    import msgspec

    healthy = all(finding.level != "wrong" for finding in findings)
    typer.echo(msgspec.json.format(msgspec.json.encode({"healthy": healthy, "findings": findings})).decode())
