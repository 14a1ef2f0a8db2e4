"""``pointsman route status``: what each route goes by now, and what it has done of late."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def route_status(
    name: Annotated[
        str | None, typer.Argument(help="The route, NAME of auto.NAME. Default: all of them.")
    ] = None,
    since: Annotated[str, typer.Option(help="Decisions from when on: 12h, 7d ago, or a date (UTC).")] = "7d",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    db: Annotated[Path | None, typer.Option(help="The database. Default: that of the settings.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """Show each route's policy, router, certificate, labels and last decisions."""
    import msgspec
    from rich.console import Console

    from pointsman.cli.database import choose_database
    from pointsman.cli.environment import read_context
    from pointsman.clock import SystemClock
    from pointsman.gateway.auto.baselines import read_models
    from pointsman.ledger.period import parse_moment

    from .facts import route_facts, the_auto
    from .status_report import status_data, status_text

    context, clock = read_context(config), SystemClock()
    now_us = clock.now_us()
    autos = read_models(context.settings).autos
    if name is not None:
        autos = {name: the_auto(autos, name)}
    since_us = parse_moment(since, now_us, param="since")
    facts = route_facts(autos, choose_database(db, config), since_us, clock.now_us)
    if as_json:
        data = {"routes": [status_data(each, now_us) for each in facts]}
        print(msgspec.json.format(msgspec.json.encode(data)).decode())
        return
    console = Console(highlight=False)
    for each in facts:
        console.print(status_text(each, now_us), soft_wrap=True, markup=False)
    if not facts:
        console.print("The settings have no [auto.NAME]: docs/routing.md tells what it is.", markup=False)
