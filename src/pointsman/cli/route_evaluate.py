"""``pointsman route evaluate``: how good a router is, beside what it must beat."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def route_evaluate(
    labels: Annotated[
        Path, typer.Argument(help="Labels that the router was not trained on: a file of JSON lines.")
    ],
    router: Annotated[Path, typer.Option(help="The router to evaluate.")],
    trained_on: Annotated[
        Path | None,
        typer.Option(help="The labels that it was trained on: the group prior is read from these."),
    ] = None,
    route: Annotated[str | None, typer.Option(help="Only the labels of this route.")] = None,
    min_labels: Annotated[
        int, typer.Option(min=1, help="Labelled prompts below which nothing is certified.")
    ] = 500,
    prices: Annotated[
        Path | None,
        typer.Option(help='Prices: JSON, {"MODEL": {"input": 3, "output": 15}}, USD for a million tokens.'),
    ] = None,
    price_ratio: Annotated[
        float | None,
        typer.Option(
            min=1.0,
            help="What the baseline costs, if the weakest model costs 1. Default: the catalog's prices.",
        ),
    ] = None,
    resamples: Annotated[int, typer.Option(min=100, help="Of the bootstrap, for intervals.")] = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a router: APGR, CPT, ECE, savings, beside a coin, length, keywords, groups and the oracle."""
    from datetime import UTC, datetime

    import msgspec
    from rich.console import Console

    from pointsman.clock import SystemClock

    from .route_examined import examined
    from .route_tables import as_data, tables

    now = datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC)
    console = Console(stderr=True)
    with console.status("Evaluating"):
        found = examined(
            labels,
            router,
            now,
            trained_on=trained_on,
            route=route,
            prices=prices,
            ratio=price_ratio,
            resamples=resamples,
            min_labels=min_labels,
        )
    if as_json:
        print(msgspec.json.format(msgspec.json.encode(as_data(found))).decode())
    else:
        Console(highlight=False).print(tables(found))
