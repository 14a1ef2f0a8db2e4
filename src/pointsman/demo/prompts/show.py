"""The demo on a terminal: a progress bar, and tables that fit the width they are given."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn
from rich.progress import TimeRemainingColumn as TimeLeft
from rich.table import Table
from rich.text import Text

from pointsman.demo.stage.figures import count, dollars, seconds

from .report import Comparison, Report, Row

ROOMY = 100
"""Columns from which p50 and p99 get columns of their own."""
WIDE = 120
"""Columns from which the provider is shown too."""


class RateColumn(ProgressColumn):
    """Requests a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("  –  /s" if speed is None else f"{speed:5.1f}/s", style="progress.data.speed")


def progress_columns() -> tuple[ProgressColumn, ...]:
    """Bar, count, rate, time left."""
    return (
        TextColumn("{task.description}"),
        BarColumn(bar_width=None),
        MofNCompleteColumn(),
        RateColumn(),
        TimeLeft(compact=True),
        TextColumn("left"),
    )


def progress_bar() -> Progress:
    """As wide as the terminal, and gone from the screen's way when it is done: it stays as one line."""
    return Progress(*progress_columns(), expand=True)


def report_table(report: Report, width: int) -> Table:
    """A row for each model and one for all, in at most ``width`` columns (80 or more)."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), collapse_padding=True, header_style="underline")
    roomy, wide = width >= ROOMY, width >= WIDE
    table.add_column("model", no_wrap=True)
    if wide:
        table.add_column("provider", no_wrap=True)
    for name in _headings(roomy):
        table.add_column(name, justify="right", no_wrap=True)
    for row in report.rows:
        table.add_row(*_cells(row, roomy=roomy, wide=wide))
    table.add_row(*_cells(report.total, roomy=roomy, wide=wide), style="bold")
    return table


def _headings(roomy: bool) -> tuple[str, ...]:
    times = ("TTFT p50", "p99", "total p50", "p99") if roomy else ("TTFT s", "total s")
    return ("reqs", "in", "out", "cost", *times, "err", "retry")


def _cells(row: Row, *, roomy: bool, wide: bool) -> list[str]:
    times = [seconds(each) for each in (row.ttft_p50, row.ttft_p99, row.latency_p50, row.latency_p99)]
    if not roomy:
        times = ["/".join(times[:2]), "/".join(times[2:])]
    return [
        row.model,
        *([row.provider] if wide else []),
        *(count(each, short=not roomy) for each in (row.requests, row.input, row.output)),
        dollars(row.cost) + ("+?" if row.unpriced else ""),
        *times,
        str(row.errors),
        str(row.retries),
    ]


def comparison_text(comparison: Comparison) -> Text:
    """One sentence: what the traffic cost, and what it would have cost on the strongest model alone."""
    text = Text()
    requests = "request" if comparison.requests == 1 else "requests"
    text.append(f"{comparison.requests:,} {requests} cost ")
    text.append(dollars(comparison.cost), style="bold")
    text.append(f"; all on {comparison.model}: ")
    text.append(dollars(comparison.strongest_cost), style="bold")
    percent = comparison.saved_percent
    if percent is not None:
        text.append(f" ({percent:.1f} % saved)" if percent >= 0 else f" ({-percent:.1f} % dearer)")
    return text


def render(report: Report, width: int) -> RenderableType:
    """The table, what its shortened figures mean, and the comparison."""
    parts: list[RenderableType] = [report_table(report, width), Text()]
    if report.comparison is not None:
        parts.append(comparison_text(report.comparison))
    legend = "Times in seconds"
    legend += "." if width >= ROOMY else ": p50/p99."
    legend += " TTFT is the time to the first piece of a streamed answer."
    if report.total.unpriced:
        legend += f" +? leaves out what is not known: the cost of {report.total.unpriced} of the requests."
    parts.append(Text(legend, style="dim"))
    return Group(*parts)
