"""``pointsman route evaluate``: how good a router is, beside what it must beat."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import HeldBack, MinLabels, PriceRatio, Prices, Resamples, TrainedOn


def route_evaluate(
    labels: HeldBack,
    router: Annotated[Path, typer.Option(help="The router to evaluate.")],
    trained_on: TrainedOn = None,
    route: Annotated[str | None, typer.Option(help="Only the labels of this route.")] = None,
    min_labels: MinLabels = 500,
    prices: Prices = None,
    price_ratio: PriceRatio = None,
    resamples: Resamples = 1000,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Measure a router: APGR, CPT, ECE, savings, beside a coin, length, keywords, groups and the oracle."""
    from datetime import UTC, datetime

    import msgspec
    from rich.console import Console

    from pointsman.clock import SystemClock

    from .examined import examined
    from .tables import as_data, tables

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
