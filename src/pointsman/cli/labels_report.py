"""What ``pointsman labels`` shows. Pure: counts in, text and data out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from pointsman.cli.usage_report import iso
from pointsman.routing.labels.kept import LabelCount

NOTHING = (
    "No labels yet. They come from feedback (POST /v1/feedback), from shadows ([auto.NAME.shadow]), or from "
    "a file: pointsman labels import FILE"
)


def imported(prompts: int, labels: int, route: str) -> str:
    return f"{labels:,} labels of {prompts:,} prompts are now known to route {route}."


def table(counts: Sequence[LabelCount]) -> Table:
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("route", "model", "source"):
        made.add_column(name)
    for name in ("labels", "mean score"):
        made.add_column(name, justify="right")
    made.add_column("last")
    for count in counts:
        made.add_row(
            count.route,
            count.model,
            count.source,
            f"{count.labels:,}",
            f"{count.mean:.3f}",
            iso(count.last_us)[:10],
        )
    return made


def count_data(count: LabelCount) -> dict[str, Any]:
    """The same for ``--json``."""
    return {
        "route": count.route,
        "model": count.model,
        "source": count.source,
        "labels": count.labels,
        "prompts": count.prompts,
        "mean_score": count.mean,
        "first": iso(count.first_us),
        "last": iso(count.last_us),
    }
