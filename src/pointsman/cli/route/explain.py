"""``pointsman route explain``: which model a prompt would go to, or a request went to, and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def route_explain(
    prompt: Annotated[str | None, typer.Argument(help="The prompt.")] = None,
    file: Annotated[
        Path | None, typer.Option(help="The prompt from a file: text, or JSON with messages.")
    ] = None,
    request: Annotated[str | None, typer.Option(help="The id of a request that was made.")] = None,
    route: Annotated[str, typer.Option(help="NAME of auto.NAME.")] = "default",
    router: Annotated[Path | None, typer.Option(help="A router in place of the one in service.")] = None,
    tenant: Annotated[str, typer.Option(help="Whose prompt it is.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    db: Annotated[Path | None, typer.Option(help="The database. Default: that of the settings.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file.")] = None,
) -> None:
    """Say which model a prompt would go to, with what speaks for it and what the others would cost."""
    import msgspec
    from rich.console import Console

    from pointsman.cli.database import choose_database
    from pointsman.cli.environment import read_context
    from pointsman.clock import SystemClock
    from pointsman.gateway.auto.baselines import read_models

    from .explain_report import explain_text
    from .explaining import explain_prompt, explain_request, prompt_of, route_of_a_file
    from .facts import the_auto
    from .labels import router_in

    models, clock = read_models(read_context(config).settings), SystemClock()
    database = choose_database(db, config)
    if request is not None:
        view = explain_request(models, database, request, clock.now_us)
    else:
        sample = prompt_of(prompt, file, route=route, tenant=tenant)
        if router is not None and not models.autos:
            auto = route_of_a_file(route, router_in(router))
        else:
            auto = the_auto(models.autos, route)
        view = explain_prompt(models, auto, database, sample, router, clock.now_us)
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(view)).decode())
    else:
        Console(highlight=False).print(explain_text(view), soft_wrap=True, markup=False)
