"""What ``pointsman labels`` shows. Pure: counts in, text and data out."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table

from pointsman.cli.usage.report import iso
from pointsman.costs import format_usd
from pointsman.routing.labels.kept import LabelCount, Mark

NOTHING = (
    "No labels yet. They come from feedback (POST /v1/feedback), from shadows ([auto.NAME.shadow]), or from "
    "a file: pointsman labels import FILE"
)


def imported(prompts: int, labels: int, route: str) -> str:
    return f"{labels:,} labels of {prompts:,} prompts are now known to route {route}."


def doubtful(models: Collection[str], pool: Collection[str] | None, route: str) -> str | None:
    """Why nothing may come of labels of these models: what a slip of the pen looks like. None: no doubt."""
    if pool is None:
        return f"The settings have no [auto.{route}], so nothing learns from these labels until they have."
    strangers = sorted(set(models) - set(pool))
    if not strangers:
        return None
    return (
        f"Not in the pool of [auto.{route}], and so not learned from there: {', '.join(strangers)}. "
        f"The pool is {', '.join(dict.fromkeys(pool))}."
    )


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


def marks_table(marks: Sequence[tuple[str, str, Mark]]) -> Table:
    """``marks``: prompt, tenant and mark."""
    made = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("at", "request", "tenant", "model", "source"):
        made.add_column(name)
    made.add_column("score", justify="right")
    for prompt, tenant, mark in marks:
        made.add_row(iso(mark.at_us)[:19], prompt, tenant, mark.model, mark.source, f"{mark.score:.3f}")
    return made


def mark_data(prompt: str, tenant: str, mark: Mark) -> dict[str, Any]:
    """The same for ``--json``."""
    return {
        "at": iso(mark.at_us),
        "request": prompt,
        "tenant": tenant,
        "model": mark.model,
        "source": mark.source,
        "score": mark.score,
        "answer": mark.answer or None,
        "input_tokens": mark.input_tokens,
        "output_tokens": mark.output_tokens,
        "cost_usd": None if mark.cost is None else format_usd(mark.cost),
    }


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
