"""What ``pointsman limits`` shows. Pure: a view in, tables and data out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pointsman.cli.usage.report import short_count
from pointsman.limits.values.view import LaneRow, LimitRow, LimitsView

_WIDE = 100
_ORDER = ("provider", "deployment", "model", "key")
_UNITS = {
    "rpm": "requests/min",
    "input_tpm": "input tokens/min",
    "output_tpm": "output tokens/min",
    "tpm": "tokens/min",
    "concurrency": "at once",
}
_NO_KEY = "(no key)"
_MOST_KEYS = 3


def report(view: LimitsView, width: int) -> RenderableType:
    """Limits, then who waits."""
    if not view.limits and not view.lanes and not view.pauses:
        return Text("No limits yet: none are configured, and no provider has told any.")
    parts: list[RenderableType] = []
    if view.limits:
        parts.append(_limits(view, width >= _WIDE))
    for name, seconds in sorted(view.pauses.items()):
        parts.append(
            Text(f"{name} is left alone for {seconds_text(seconds)}, as its provider asks", "yellow")
        )
    if view.lanes:
        parts.append(_lanes(view.lanes))
    return Group(*parts, _summary(view))


def _limits(view: LimitsView, wide: bool) -> Table:
    rows = sorted(view.limits, key=lambda row: (_ORDER.index(row.kind), row.name))
    made = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    made.add_column("whose", overflow="fold", min_width=12)
    made.add_column("limit", no_wrap=True)
    made.add_column("", no_wrap=True)
    for name in ("used", "of", *(["held"] if wide else []), "queued", "free in"):
        made.add_column(name, justify="right", no_wrap=True)
    made.add_column("from", no_wrap=True)
    before: tuple[str, str] | None = None
    for row in rows:
        whose = (row.kind, row.name)
        made.add_row(
            _whose(row) if whose != before else "",
            _UNITS[row.dimension] if wide else row.dimension,
            gauge(row.used, row.held, row.limit, 20 if wide else 10),
            short_count(row.used),
            short_count(row.limit),
            *([short_count(row.held)] if wide else []),
            Text(f"{row.queued:,}", style="bold") if row.queued else "·",
            _free_in(row),
            Text(_source(row, view.at_us, wide), style="dim"),
        )
        before = whose
    return made


def gauge(used: int, held: int, limit: int, width: int) -> Text:
    """A bar: what is used up, then what is held for calls under way, then what is free."""
    taken = min(width, _cells(used, limit, width))
    under_way = min(taken, _cells(min(held, used), limit, width))
    style = "red" if used * 20 >= limit * 19 else "yellow" if used * 10 >= limit * 7 else "green"
    return Text.assemble(
        ("█" * (taken - under_way), style), ("▒" * under_way, style), ("·" * (width - taken), "dim")
    )


def _cells(part: int, whole: int, width: int) -> int:
    """Rounded, but not down to nothing where there is something."""
    return max((2 * part * width + whole) // (2 * whole), 1 if part > 0 else 0)


def _whose(row: LimitRow) -> Text:
    """Deployments are known by the stroke in their names."""
    return Text(row.name) if row.kind == "deployment" else Text.assemble((f"{row.kind} ", "dim"), row.name)


def _free_in(row: LimitRow) -> str:
    if row.used <= 0:
        return "·"
    return "?" if row.dimension == "concurrency" else seconds_text(row.free_in_seconds)


def _source(row: LimitRow, at_us: int, wide: bool) -> str:
    if row.source == "configured" or not row.learned_from or not wide:
        return row.source
    text = f"learned: {row.learned_from}"
    if row.learned_at_us is None:
        return text
    return f"{text}, {seconds_text(max(0, at_us - row.learned_at_us) / 1e6)} ago"


def _lanes(lanes: Sequence[LaneRow]) -> Table:
    made = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    made.add_column("waiting for", overflow="fold")
    for name in ("requests", "oldest", "clear in"):
        justify: Literal["right"] = "right"
        made.add_column(name, justify=justify, no_wrap=True)
    made.add_column("whose", overflow="fold")
    for lane in sorted(lanes, key=lambda lane: (-lane.waiting, lane.name)):
        made.add_row(
            Text(lane.name),
            f"{lane.waiting:,}",
            seconds_text(lane.oldest_seconds),
            "?" if lane.clear_in_seconds is None else seconds_text(lane.clear_in_seconds),
            Text(_keys(lane)),
        )
    return made


def _keys(lane: LaneRow) -> str:
    most = sorted(lane.by_key.items(), key=lambda item: (-item[1], item[0]))
    words = [f"{name or _NO_KEY} {count:,}" for name, count in most[:_MOST_KEYS]]
    if len(most) > _MOST_KEYS:
        words.append(f"{len(most) - _MOST_KEYS:,} more keys")
    return ", ".join(words)


def _summary(view: LimitsView) -> Text:
    words = [f"{view.waiting:,} of at most {view.max_waiting:,} requests wait"] if view.max_waiting else []
    words.append("counted in Redis, for all replicas" if view.store == "redis" else "counted in this process")
    text = Text("; ".join(words), style="dim")
    if view.trouble:
        text.append(f"\n! {view.trouble}", style="not dim yellow")
    return text


def seconds_text(seconds: float) -> str:
    """Short: "0.4 s", "41 s", "3 min", "2 h"."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 119.5:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7170 else f"{seconds / 3600:.0f} h"
