"""Ways to choose a model as marks on a plane: to the right what they cost, upwards how good they are."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

import msgspec
from rich.text import Text

HEIGHT = 11
"""Lines of the plane itself."""
_LABELS = 7
"""Columns to the left of it."""


class Mark(msgspec.Struct, frozen=True):
    sign: str
    """One character."""
    cost: float
    quality: float
    """Both as shares of the baseline's."""
    style: str = ""


def plane(
    marks: Sequence[Mark], floor_line: float, width: int, mixes: tuple[Mark, Mark] | None = None
) -> list[Text]:
    """The lines of the picture, in at most ``width`` columns. Where two marks fall together the first is
    seen, and the other stands beside it.

    Args:
        mixes: dots lead from the one to the other: what mixes of both by chance cost, and how good they are.
    """
    columns = max(20, width - _LABELS - 1)
    right = max([1.0, *(mark.cost for mark in marks)])
    low, high = _span([floor_line, 1.0, *(mark.quality for mark in marks)])
    cells: dict[tuple[int, int], tuple[str, str]] = {}

    def place(cost: float, quality: float) -> tuple[int, int]:
        line = round((high - quality) / (high - low) * (HEIGHT - 1))
        return line, min(columns - 1, max(0, round(cost / right * (columns - 1))))

    for mark in marks:
        line, column = place(mark.cost, mark.quality)
        while (line, column) in cells and column > 0:
            column -= 1
        cells.setdefault((line, column), (mark.sign, mark.style))
    if mixes is not None:
        for cost, quality in _between(*mixes, columns):
            cells.setdefault(place(cost, quality), ("·", "dim"))
    at_floor = round((high - floor_line) / (high - low) * (HEIGHT - 1))
    lines = []
    for line in range(HEIGHT):
        labels = {0: high, at_floor: floor_line, HEIGHT - 1: low}
        label = f"{labels[line]:.0%}" if line in labels else ""
        edge = "┤" if line in labels else "│"
        drawn = Text.assemble((f"{label:>{_LABELS - 1}} {edge}", "dim"), no_wrap=True)
        for column in range(columns):
            sign, style = cells.get((line, column), ("┄", "yellow") if line == at_floor else (" ", ""))
            drawn.append(sign, style)
        lines.append(drawn)
    lines.append(Text(" " * _LABELS + "└" + "─" * columns, style="dim", no_wrap=True))
    lines.append(Text(" " * (_LABELS + 1) + _axis(right, columns), style="dim", no_wrap=True))
    return lines


def _between(one: Mark, other: Mark, steps: int) -> list[tuple[float, float]]:
    shares = [step / steps for step in range(steps + 1)]
    return [
        (one.cost + (other.cost - one.cost) * share, one.quality + (other.quality - one.quality) * share)
        for share in shares
    ]


def _span(values: Sequence[float]) -> tuple[float, float]:
    """Whole tenths around them, in hundredths so that nothing is lost to rounding."""
    low = floor(min(values) * 20 - 1e-9) / 20
    high = ceil(max(values) * 20 - 1e-9) / 20
    return (low, high) if high > low else (low - 0.05, high)


def _axis(right: float, columns: int) -> str:
    line = ""
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        label = f"{share:.0%}"
        at = min(round(share / right * (columns - 1)), columns - len(label))
        line = line.ljust(at) + label
    return line
