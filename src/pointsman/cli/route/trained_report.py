"""What was learned, as a table."""

from __future__ import annotations

from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from .gathered import GatheredSummary
from .training_summary import PairSummary, Summary

NOTE = (
    "Measured on prompts while they were not learned from. Nothing is certified by this: see"
    " 'pointsman route certify'."
)


def report(summary: Summary, path: Path) -> RenderableType:
    """A column for each model but the last."""
    table = Table(box=None, pad_edge=False, show_header=False, padding=(0, 2, 0, 0))
    table.add_column(style="dim", no_wrap=True)
    for _ in summary.pairs:
        table.add_column(overflow="fold")
    shown = [dict(_cells(pair)) for pair in summary.pairs]
    for name in shown[0]:
        table.add_row(name, *(cells[name] for cells in shown))
    told = (
        f"{path}: learned from {summary.labels:,} labels of {summary.prompts:,} prompts in"
        f" {summary.seconds:.1f} s; {summary.bytes / 1e6:.1f} MB, router {summary.digest[:12]}."
    )
    return Group(table, Text(""), Text(told), Text(NOTE, style="dim"))


def gathered_report(summary: GatheredSummary, path: Path) -> RenderableType:
    told = (
        f"{path}: learned from {summary.labels:,} labels of {summary.prompts:,} prompts that route"
        f" {summary.route} gathered; {summary.bytes / 1e6:.1f} MB, router {summary.digest[:12]}."
    )
    held = (
        f"{summary.held_back:,} other prompts were held back, for 'pointsman route certify --route"
        f" {summary.route}'. Nothing is certified yet."
    )
    return Group(Text(told), Text(held, style="dim"))


def _cells(pair: PairSummary) -> list[tuple[str, str]]:
    error, interval = pair.gap_error, pair.apgr_interval
    return [
        ("weak", pair.weak),
        ("strong", pair.strong),
        ("prompts of both", f"{pair.prompts:,}"),
        ("gap", "–" if pair.gap is None else f"{pair.gap:+.3f} ± {2 * (error or 0.0):.3f}"),
        ("APGR", _number(pair.apgr)),
        ("  95 % interval", "–" if interval is None else f"{interval[0]:.3f} to {interval[1]:.3f}"),
        ("  of a coin", "0.500"),
        ("  of the length", _number(pair.length)),
        ("  of the group", _number(pair.group_prior)),
        ("ECE of the weak", _number(pair.ece)),
        ("verdict", pair.verdict),
    ]


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"
