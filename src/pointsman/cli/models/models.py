"""``pointsman models``: what there is, what it costs, what it can do, and what retires soon."""

from __future__ import annotations

from typing import Annotated

import typer


def models(
    name: Annotated[str | None, typer.Argument(help="Show one model in full, by id or alias.")] = None,
    provider: Annotated[str | None, typer.Option(help="Only models of this provider.")] = None,
    can: Annotated[
        str | None,
        typer.Option(
            help="Only models that can do all of this: vision, tools, json, reasoning, pdf, prefill, "
            "sampling, forced-tool; with commas between."
        ),
    ] = None,
    retiring: Annotated[bool, typer.Option("--retiring", help="Only what retires within 90 days.")] = False,
    everything: Annotated[bool, typer.Option("--all", help="Retired models too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, with exact prices.")] = False,
) -> None:
    """List the models, their prices and what retires soon."""
    import msgspec
    from rich.console import Console

    from pointsman.catalog import is_retired, load_catalog
    from pointsman.clock import SystemClock
    from pointsman.errors import ModelNotFound

    from .detail import detail
    from .report import as_data, choose, overview, retirements

    catalog = load_catalog()
    today = SystemClock().today()
    console = Console(highlight=False)
    if name is not None:
        model = catalog.resolve(name)
        if model is None:
            near = catalog.suggest(name)
            raise ModelNotFound(
                f"No model {name} in the catalog. "
                + (f"Near it: {', '.join(near)}." if near else "See all: pointsman models --all")
            )
        if as_json:
            print(msgspec.json.format(msgspec.json.encode(as_data(model, today))).decode())
        else:
            console.print(detail(model, today))
        return
    found = choose(catalog.all(), today, provider=provider, can=can, retiring=retiring)
    chosen = [model for model in found if everything or not is_retired(model, today)]
    if as_json:
        print(msgspec.json.format(msgspec.json.encode([as_data(m, today) for m in chosen])).decode())
    elif retiring:
        console.print(retirements(chosen, today))
    elif not chosen:
        console.print("No model fits; ask for less, or add --all for the retired ones.")
    else:
        console.print(overview(chosen, today, console.width, len(found) - len(chosen)))
