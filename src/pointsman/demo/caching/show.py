"""The act of the caches on a terminal: how far the day is, and what it came to."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pointsman.costs import PER_USD, PicoUsd, format_usd
from pointsman.demo.stage.strip import strip

from .caching import HOURS, Part
from .told import CachingReport, Lane

GOOD, BAD = "green", "red"
NAMES: dict[Part, str] = {
    "questions": "questions",
    "boards": "dashboards",
    "agent": "coding agent",
    "retries": "lost answers",
    "resumed": "cut streams",
}
_LABELS = 16
"""Columns to the left of a strip."""


def living(lanes: Sequence[Lane], hour: float) -> RenderableType:
    """Both gateways as they are now.

    Args:
        hour: after midnight.
    """
    table = Table(box=None, pad_edge=False, padding=(0, 1), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for _ in range(3):
        table.add_column(justify="right", no_wrap=True)
    clock = f"{min(int(hour), HOURS - 1):02d}:{int(hour % 1 * 60):02d}" if hour < HOURS else "24:00"
    for lane in lanes:
        table.add_row(
            lane.name,
            ProgressBar(total=lane.all, completed=lane.done, complete_style=GOOD),
            f"{lane.done:,}/{lane.all:,}",
            Text(f"{lane.given_again:,} given again", style=GOOD if lane.given_again else "dim"),
            clock,
        )
    return table


def picture(report: CachingReport, width: int) -> RenderableType:
    """Strips over the day, the figures of each part, and whether the books agree with the invoices."""
    each = max(1, min(3, (width - _LABELS - 1) // HOURS))
    most = max([*report.calls_without_each_hour, *report.calls_each_hour, 1])
    rates = [
        again / asked if asked else 0.0
        for again, asked in zip(report.given_again_each_hour, report.asked_each_hour, strict=True)
    ]
    lines = [
        _strip("calls without", report.calls_without_each_hour, most, each, BAD),
        _strip("calls with", report.calls_each_hour, most, each, GOOD),
        _strip("hit rate", rates, 1.0, each, GOOD),
        Text(
            " " * _LABELS + "".join(f"{hour:02d}:00".ljust(6 * each) for hour in range(0, HOURS, 6)),
            style="dim",
        ),
        Text(f"A full block is {most:,} calls in an hour, or a hit rate of 100%.", style="dim"),
    ]
    return Group(*lines, Text(), figures(report), Text(), *map(Text, sentences(report)))


def _strip(label: str, values: Sequence[float], highest: float, each: int, style: str) -> Text:
    drawn = strip([value for value in values for _ in range(each)], highest)
    return Text.assemble((f"{label:>{_LABELS - 1}} ", "dim"), (drawn, style), no_wrap=True)


def figures(report: CachingReport) -> Table:
    """A row for each part of the day, and the invoices below."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="underline")
    table.add_column("", no_wrap=True)
    for name in ("asked", "hits", "shared", "calls", "bill", "without", "saved", ""):
        table.add_column(name, justify="right", no_wrap=True)
    for part in report.parts:
        counts = (part.requests, part.hits, part.shared, part.calls)
        table.add_row(NAMES[part.part], *map(_count, counts), *_money(part.paid, part.paid_without))
    sums = (
        sum(getattr(part, name) for part in report.parts) for name in ("requests", "hits", "shared", "calls")
    )
    paid = _money(report.invoice, report.invoice_without)
    table.add_row("the invoices", *map(_count, sums), *paid, style="bold")
    return table


def _count(value: int) -> str:
    return f"{value:,}" if value else "·"


def _money(paid: PicoUsd, without: PicoUsd) -> list[str]:
    share = f"{1 - paid / without:.0%}" if without else "–"
    return [_usd(paid), _usd(without), _usd(without - paid), share]


def _usd(amount: PicoUsd) -> str:
    """Four decimals, so that points stand below each other."""
    return f"{'−' if amount < 0 else ''}${abs(amount) / PER_USD:.4f}"


def sentences(report: CachingReport) -> list[str]:
    """What the books say, beside what the two invoices differ by."""
    ledger = report.ledger
    lines = [
        _agreed(
            "Answers given again and shared", ledger.saved("hits", "shared"), report.of("questions", "boards")
        ),
    ]
    if ledger.capabilities["autopilot"].count:
        lines.append(_agreed("The prompt cache", ledger.saved("autopilot"), report.of("agent")))
    once = format_usd(report.of("retries", "resumed"))
    lines.append(f"Answers that were lost or cut off are no second call: ${once} by the invoices.")
    if report.errors:
        lines.append(f"{len(report.errors)} requests failed, first: {report.errors[0]}")
    return lines


def _agreed(what: str, booked: PicoUsd, billed: PicoUsd) -> str:
    if booked == billed:
        return f"{what}: by the ledger ${format_usd(booked)}, and the invoices differ by exactly that."
    return f"{what}: by the ledger ${format_usd(booked)}; the invoices differ by ${format_usd(billed)} there."
