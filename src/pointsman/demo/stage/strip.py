"""Counts over time as one line of blocks."""

from __future__ import annotations

from collections.abc import Sequence

_BLOCKS = " ▁▂▃▄▅▆▇█"


def resampled(counts: Sequence[int], seconds: int, columns: int) -> list[float]:
    """Counts of one second each as means over ``columns`` equal stretches of the first ``seconds``."""
    found = []
    for column in range(columns):
        begin, end = column * seconds / columns, (column + 1) * seconds / columns
        found.append(_sum(counts, begin, end) / (end - begin))
    return found


def strip(values: Sequence[float], highest: float) -> str:
    """A block for each value, full at ``highest``. Whatever is more than nothing can be seen."""
    top = len(_BLOCKS) - 1
    drawn = []
    for value in values:
        height = round(value / highest * top) if highest > 0 else 0
        drawn.append(_BLOCKS[min(top, max(height, 1))] if value > 0 else _BLOCKS[0])
    return "".join(drawn)


def axis(seconds: int, columns: int) -> str:
    """Marks below a strip: 0, 10, 20, … seconds, where there is room for them."""
    line = ""
    step = next((each for each in (5, 10, 20, 30, 60, 120) if columns * each / seconds >= 8), 300)
    for mark in range(0, seconds + 1, step):
        at = round(mark * columns / seconds)
        label = f"{mark} s" if mark == 0 else str(mark)
        if at + len(label) <= columns and at >= len(line):
            line = line.ljust(at) + label
    return line


def _sum(counts: Sequence[int], begin: float, end: float) -> float:
    """Of a second that lies within only in part, that part."""
    total = 0.0
    for second in range(int(begin), min(len(counts), -int(-end // 1))):
        total += counts[second] * (min(end, second + 1) - max(begin, second))
    return total
