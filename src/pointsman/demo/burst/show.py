"""The burst on a terminal: the lanes while they run, and a picture of them in the end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Group, RenderableType
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from pointsman.demo.stage.figures import seconds
from pointsman.demo.stage.strip import axis, resampled, strip

from .burst import BurstReport, Lane, LaneReport
from .crowd import Tally

ANSWERED = "green"
REFUSED = "red"
_LABELS = 11
"""Columns to the left of a strip."""


def running(tallies: Mapping[Lane, Tally], elapsed: float) -> RenderableType:
    """All lanes as they are now: a line for each."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), expand=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for _ in range(5):
        table.add_column(justify="right", no_wrap=True)
    for lane, tally in tallies.items():
        now = tally.seconds if tally.done else elapsed
        table.add_row(
            lane.name,
            ProgressBar(total=tally.all, completed=tally.answered, complete_style=ANSWERED),
            f"{tally.answered}/{tally.all}",
            Text(f"{tally.waiting} waiting", style="dim"),
            _counted(tally.refused, "429s"),
            _counted(len(tally.errors), "errors"),
            f"{now:4.0f} s",
        )
    return table


def _counted(number: int, of: str) -> Text:
    return Text(f"{number} {of}", style=REFUSED if number else "dim")


def picture(report: BurstReport, width: int) -> RenderableType:
    """Two strips for each lane, over the same seconds and to the same height, and the figures of all."""
    lanes = report.lanes
    length = max([len(each) for lane in lanes for each in _series(lane)] + [1])
    columns = max(20, min(length * 2, width - _LABELS - 1))
    heights = [max([*resampled(series, length, columns), 0.0]) for lane in lanes for series in _series(lane)]
    accepted, refused = max(heights[0::2], default=0.0), max(heights[1::2], default=0.0)
    lines: list[RenderableType] = []
    for lane in lanes:
        lines.append(Text.assemble((lane.name, "bold"), f": {lane.does}"))
        lines.append(_line("answered", lane.answered_each_second, length, columns, accepted, ANSWERED))
        lines.append(_line("429", lane.refused_each_second, length, columns, refused, REFUSED))
    lines.append(Text(" " * _LABELS + axis(length, columns), style="dim"))
    per_second = f"A full block is {accepted:.0f} answered calls a second, or {refused:.0f} refused ones."
    lines.append(Text(per_second, style="dim"))
    return Group(*lines, Text(), figures(lanes))


def _series(lane: LaneReport) -> tuple[list[int], list[int]]:
    return lane.answered_each_second, lane.refused_each_second


def _line(label: str, counts: Sequence[int], length: int, columns: int, highest: float, style: str) -> Text:
    drawn = strip(resampled(counts, length, columns), highest)
    return Text.assemble((f"{label:>{_LABELS - 1}} ", "dim"), (drawn, style), no_wrap=True)


def figures(lanes: Sequence[LaneReport]) -> Table:
    """A row for each lane."""
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="underline")
    table.add_column("", no_wrap=True)
    for name in ("answered", "errors", "429s upstream", "done after", "wait p50", "p99"):
        table.add_column(name, justify="right", no_wrap=True)
    for lane in lanes:
        table.add_row(
            lane.name,
            f"{lane.answered}/{lane.asked}",
            Text(str(lane.errors), style=REFUSED if lane.errors else ""),
            Text(str(lane.refused_upstream), style=REFUSED if lane.refused_upstream else ""),
            f"{seconds(lane.seconds)} s",
            f"{seconds(lane.wait_p50)} s",
            f"{seconds(lane.wait_p99)} s",
        )
    return table
