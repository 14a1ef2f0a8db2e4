"""Options that commands of ``pointsman route`` share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

HeldBack = Annotated[
    Path, typer.Argument(help="Labels that the router was not trained on: a file of JSON lines.")
]
TrainedOn = Annotated[
    Path | None,
    typer.Option(help="The labels that it was trained on: the group prior is read from these."),
]
MinLabels = Annotated[int, typer.Option(min=1, help="Labelled prompts below which nothing is certified.")]
Prices = Annotated[
    Path | None,
    typer.Option(help='Prices: JSON, {"MODEL": {"input": 3, "output": 15}}, USD for a million tokens.'),
]
PriceRatio = Annotated[
    float | None,
    typer.Option(
        min=1.0,
        help="What the baseline costs, if the weakest model costs 1. Default: the catalog's prices.",
    ),
]
Resamples = Annotated[int, typer.Option(min=100, help="Of the bootstrap, for intervals.")]
