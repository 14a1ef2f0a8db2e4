"""``pointsman keys``: make, list, limit and revoke the keys that clients use."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from .limits import (
    Clear,
    Concurrency,
    InputTpm,
    MaxWait,
    OutputTpm,
    Priority,
    Rpm,
    Tpm,
    Weight,
    limit_changes,
)

if TYPE_CHECKING:
    from pointsman.config import Settings
    from pointsman.keys.sqlite import SqliteKeys

keys_app = typer.Typer(help="Create, list, limit and revoke the keys that clients use.", no_args_is_help=True)

Db = Annotated[Path | None, typer.Option(help="The database. Default: that of the settings.")]
Config = Annotated[Path | None, typer.Option(help="Settings file.")]
_CACHE = (
    "What the caches do for it: off, sampled, unsampled, exact, own, marked, unmarked, ttl=SECONDS; commas "
    "between."
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@keys_app.command("create")
def create(
    name: Annotated[str, typer.Argument(help="What usage reports call it; no two good keys share a name.")],
    tenant: Annotated[str, typer.Option(help="Whose it is: requests are reported by tenant too.")] = "",
    rpm: Rpm = None,
    input_tpm: InputTpm = None,
    output_tpm: OutputTpm = None,
    tpm: Tpm = None,
    concurrency: Concurrency = None,
    max_wait: MaxWait = None,
    weight: Weight = None,
    priority: Priority = None,
    auto: Annotated[
        str, typer.Option(help='What the model "auto" means for it: NAME of auto.NAME in the settings.')
    ] = "",
    cache: Annotated[str, typer.Option(help=_CACHE)] = "",
    as_json: AsJson = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Make a key. It is shown this once: only its hash is stored."""
    import msgspec
    from rich.console import Console

    from pointsman.caching.rules.key_policy import canonical_key_policy
    from pointsman.cli.environment import gateway_url, read_context
    from pointsman.keys import NO_LIMITS

    from .report import created, created_data

    settings = read_context(config).settings
    _check_auto(auto, settings)
    changes = limit_changes(
        rpm=rpm,
        input_tpm=input_tpm,
        output_tpm=output_tpm,
        tpm=tpm,
        concurrency=concurrency,
        max_wait=max_wait,
        weight=weight,
        priority=priority,
    )
    limits = msgspec.structs.replace(NO_LIMITS, **changes)
    stored, key = _store(db, config).create(name, tenant, limits, auto, canonical_key_policy(cache))
    if as_json:
        _print_json(created_data(stored, key))
    else:
        Console(highlight=False).print(created(stored, key, gateway_url(settings)), soft_wrap=True)


@keys_app.command("list")
def list_(as_json: AsJson = False, db: Db = None, config: Config = None) -> None:
    """List all keys that were ever made, and what was spent with them."""
    from rich.console import Console

    from pointsman.ledger import UsageQuery
    from pointsman.ledger.sqlite import SqliteReader

    from .report import key_data, table

    store = _store(db, config)
    reader = SqliteReader(store.path)
    rows = reader.report(UsageQuery(by=("key_id",))) if reader.exists() else []
    spent = {row.group["key_id"]: row for row in rows}
    keys = store.all()
    if as_json:
        _print_json([key_data(key, spent.get(key.id)) for key in keys])
    elif keys:
        Console(highlight=False).print(table(keys, spent))
    else:
        print("No keys yet, so the gateway takes any key. Make one: pointsman keys create NAME")


@keys_app.command("limit")
def limit(
    name: Annotated[str, typer.Argument(help="Name or id of the key.")],
    rpm: Rpm = None,
    input_tpm: InputTpm = None,
    output_tpm: OutputTpm = None,
    tpm: Tpm = None,
    concurrency: Concurrency = None,
    max_wait: MaxWait = None,
    weight: Weight = None,
    priority: Priority = None,
    clear: Clear = "",
    as_json: AsJson = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Set or clear limits of a key; the others stay. A running gateway sees it within a second or two."""
    from .report import key_data, limited

    changes = limit_changes(
        clear,
        rpm=rpm,
        input_tpm=input_tpm,
        output_tpm=output_tpm,
        tpm=tpm,
        concurrency=concurrency,
        max_wait=max_wait,
        weight=weight,
        priority=priority,
    )
    key = _store(db, config).limit(name, changes)
    if as_json:
        _print_json(key_data(key, None))
    else:
        print(limited(key))


@keys_app.command("auto")
def auto_(
    name: Annotated[str, typer.Argument(help="Name or id of the key.")],
    route: Annotated[
        str, typer.Argument(help="NAME of auto.NAME in the settings. Default: what it means for all.")
    ] = "",
    as_json: AsJson = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Say what the model "auto" means for a key. A running gateway sees it within a second or two."""
    from pointsman.cli.environment import read_context

    from .report import key_data, means

    _check_auto(route, read_context(config).settings)
    key = _store(db, config).set_auto(name, route)
    if as_json:
        _print_json(key_data(key, None))
    else:
        print(means(key))


@keys_app.command("cache")
def cache_(
    name: Annotated[str, typer.Argument(help="Name or id of the key.")],
    policy: Annotated[str, typer.Argument(help=f"{_CACHE} Default: as for all.")] = "",
    as_json: AsJson = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """Say what the answer cache does for a key. A running gateway sees it within a second or two."""
    from pointsman.caching.rules.key_policy import canonical_key_policy

    from .report import cached, key_data

    key = _store(db, config).set_cache(name, canonical_key_policy(policy))
    if as_json:
        _print_json(key_data(key, None))
    else:
        print(cached(key))


@keys_app.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="Name or id of the key.")],
    as_json: AsJson = False,
    db: Db = None,
    config: Config = None,
) -> None:
    """End a key. A running gateway refuses it within a second or two. Revoking twice changes nothing."""
    from .report import key_data, revoked

    key, now = _store(db, config).revoke(name)
    if as_json:
        _print_json(key_data(key, None))
    else:
        print(revoked(key, now))


def _check_auto(auto: str, settings: Settings) -> None:
    from pointsman.errors import NotFound

    if auto and auto not in settings.auto:
        there = ", ".join(settings.auto) or "none"
        raise NotFound(
            f"There is no [auto.{auto}] in the settings. There are: {there}. Give such a NAME.",
            param="auto",
        )


def _store(db: Path | None, config: Path | None) -> SqliteKeys:
    import secrets

    from pointsman.cli.database import choose_database
    from pointsman.clock import SystemClock
    from pointsman.keys.sqlite import SqliteKeys

    return SqliteKeys(
        choose_database(db, config), now_us=SystemClock().now_us, random_bytes=secrets.token_bytes
    )


def _print_json(data: object) -> None:
    import msgspec

    print(msgspec.json.format(msgspec.json.encode(data)).decode())
