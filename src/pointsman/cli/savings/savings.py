"""``pointsman savings``: what routing and caches saved, request by request, from the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pointsman.ledger import Entry, UsageQuery
    from pointsman.ledger.sqlite import SqliteReader

    from .sum import Learned


def savings(
    against: Annotated[
        str | None,
        typer.Option(help="The model that all is held against. Default: each route's own baseline."),
    ] = None,
    by: Annotated[
        str, typer.Option(help="Columns to sum up by: route, key, model, day, tenant; commas between.")
    ] = "route",
    since: Annotated[
        str | None, typer.Option(help="From when: 12h, 7d or 2w ago, today, or a date (UTC). Default: ever.")
    ] = None,
    until: Annotated[str | None, typer.Option(help="Up to before when. Default: now.")] = None,
    route: Annotated[
        str | None, typer.Option(help="Only this route: NAME of auto.NAME in the settings.")
    ] = None,
    key: Annotated[str | None, typer.Option(help="Only requests with the key of this name or id.")] = None,
    everything: Annotated[
        bool,
        typer.Option("--all", help="Requests that named their model themselves too; needs --against."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with exact costs.")] = False,
    db: Annotated[Path | None, typer.Option(help="The database. Default: that of the settings.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """Report what routing saved against a baseline model, what cannot be compared, and what caches saved."""
    import msgspec
    from rich.console import Console

    from pointsman.cli.database import choose_database
    from pointsman.cli.environment import read_context
    from pointsman.clock import SystemClock
    from pointsman.errors import InvalidRequest
    from pointsman.gateway.auto.baselines import identify_with, read_models
    from pointsman.ledger import UsageQuery
    from pointsman.ledger.period import parse_moment
    from pointsman.ledger.report import FOREVER_US
    from pointsman.ledger.sqlite import SqliteReader

    from .report import nothing_said, savings_data, savings_tables
    from .sum import Savings, parse_columns

    if everything and against is None:
        raise InvalidRequest(
            "Requests that named their model have no baseline of their own: name one with --against MODEL.",
            param="against",
        )
    now_us = SystemClock().now_us()
    columns = parse_columns(by)
    query = UsageQuery(
        since_us=0 if since is None else parse_moment(since, now_us, param="since"),
        until_us=FOREVER_US if until is None else parse_moment(until, now_us, param="until"),
        key=key,
    )
    settings = read_context(config).settings
    models = read_models(settings)
    reader = SqliteReader(choose_database(db, config))
    found = Savings(
        columns,
        models,
        identify_with(settings, models.catalog),
        lambda name, baseline: _learned(reader.path, name, baseline),
        against=against,
        route=route,
        everything=everything,
        of_keys=routes_of_keys(reader.path),
    )
    console = Console(highlight=False)
    if reader.exists():
        for entry in _watched(reader, query, quiet=as_json):
            found.take(entry)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(savings_data(found))).decode())
    elif found.empty:
        console.print(nothing_said(found, reader.path), soft_wrap=True, markup=False)
    else:
        console.print(savings_tables(found, console.width))


def routes_of_keys(path: Path) -> dict[str, str]:
    """By id of the key: the route that "auto" means for it, where it says so."""
    from pointsman.clock import SystemClock
    from pointsman.keys.sqlite import SqliteKeys
    from pointsman.storage.sqlite import has_table

    if not has_table(path, "keys"):
        return {}
    keys = SqliteKeys(path, now_us=SystemClock().now_us, random_bytes=bytes)  # none is made here
    return {key.id: key.auto for key in keys.all() if key.auto}


def _learned(path: Path, route: str, baseline: str) -> Learned:
    """What the labels of the route tell; nothing where there are no labels."""
    from pointsman.routing.labels.sqlite import SqliteLabels
    from pointsman.storage.sqlite import has_table

    from .sum import NOTHING, learned_from

    if not has_table(path, "label_prompts"):
        return NOTHING
    return learned_from(SqliteLabels(path).labelled(route), baseline)


def _watched(reader: SqliteReader, query: UsageQuery, *, quiet: bool) -> Iterator[Entry]:
    """The entries, with a bar on a terminal while it takes longer than a moment."""
    from rich.console import Console
    from rich.progress import Progress

    errors = Console(stderr=True)
    if quiet or not errors.is_terminal:
        yield from reader.entries(query)
        return
    first, last = reader.span(query)
    with Progress(console=errors, transient=True) as progress:
        task = progress.add_task("Reading the ledger", total=max(last - first, 1))
        for number, entry in enumerate(reader.entries(query)):
            if number % 1000 == 0:
                progress.update(task, completed=entry.at_us - first)
            yield entry
