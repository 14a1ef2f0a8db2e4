"""``pointsman route report``: cost and quality as a page and a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from .options import HeldBack, MinLabels, PriceRatio, Prices, Resamples, TrainedOn


def route_report(
    labels: HeldBack,
    router: Annotated[Path, typer.Option(help="The router to report on.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Written are this with .html and with .png.")
    ] = Path("report"),
    trained_on: TrainedOn = None,
    route: Annotated[str | None, typer.Option(help="Only the labels of this route.")] = None,
    min_labels: MinLabels = 500,
    prices: Prices = None,
    price_ratio: PriceRatio = None,
    resamples: Resamples = 1000,
) -> None:
    """Draw cost and quality of a router beside every single model and what it must beat."""
    from datetime import UTC, datetime

    from rich.console import Console

    from pointsman.clock import SystemClock

    from .examined import examined
    from .pictures import drawn

    now = datetime.fromtimestamp(SystemClock().now_us() / 1e6, UTC)
    with Console(stderr=True).status("Evaluating"):
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
        picture, page = drawn(found)
    base = out.with_suffix("") if out.suffix in (".html", ".png") else out
    base.parent.mkdir(parents=True, exist_ok=True)
    for suffix, data in ((".html", page.encode()), (".png", picture)):
        base.with_name(base.name + suffix).write_bytes(data)
    Console(highlight=False).print(f"Written: {base}.html and {base}.png", soft_wrap=True, markup=False)
