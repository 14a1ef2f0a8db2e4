"""What ``pointsman usage`` shows. Pure: rows in, tables and data out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pointsman.costs import PER_USD, PicoUsd, format_usd
from pointsman.errors import InvalidRequest
from pointsman.ledger import CACHE, GROUPINGS, Entry, Grouping, UsageRow

_BAR_WIDTH = 12
_WIDE = 96
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_NONE = {
    "model": "(none answered)",
    "key": "(no key)",
    "tenant": "(no tenant)",
    "provider": "(none answered)",
}


def parse_groupings(text: str) -> tuple[Grouping, ...]:
    """The words of ``--by``. Raises InvalidRequest for one that is none."""
    chosen: list[Grouping] = []
    for word in filter(None, (word.strip() for word in text.split(","))):
        known = next((name for name in GROUPINGS if name == word), None)
        if known is None:
            raise InvalidRequest(
                f"Usage has no column {word}: --by takes {', '.join(GROUPINGS)}.", param="by"
            )
        if known not in chosen:
            chosen.append(known)
    return tuple(chosen)


def short_usd(amount: PicoUsd) -> str:
    """Four decimals, so that points stand below each other; too little for them is "<0.0001"."""
    if 0 < amount < PER_USD // 10_000:
        return "<0.0001"
    tenths = (amount * 10_000 + PER_USD // 2) // PER_USD
    return f"{tenths // 10_000:,}.{tenths % 10_000:04d}"


def bar(part: int, whole: int) -> str:
    """A bar that fills ``_BAR_WIDTH`` characters where part is the whole."""
    if whole <= 0:
        return ""
    eighths = max(part * _BAR_WIDTH * 8 // whole, 1 if part else 0)
    full, rest = divmod(eighths, 8)
    return "█" * full + _EIGHTHS[rest].strip()


def short_count(count: int) -> str:
    """At most three digits and a letter: "999", "1.2k", "45k", "3.9M"."""
    if count < 1000:
        return str(count) if count else "·"
    for unit in "kMGT":
        if count < 9950:
            return f"{count / 1000:.1f}{unit}"
        if count < 999_500:
            return f"{count / 1000:.0f}{unit}"
        count //= 1000
    return f"{count:,}T"


def table(rows: Sequence[UsageRow], total: UsageRow, by: Sequence[Grouping], width: int) -> RenderableType:
    """One line per row, the total, and what it leaves out."""
    wide = width >= _WIDE
    # of hits and attempts only one has room where it is narrow
    retried = total.attempts != total.requests - total.hits and (wide or not total.hits)
    lines = [_cells(row, total, wide, retried) for row in rows]
    sums = _cells(total, total, False, retried)
    made = Table(box=SIMPLE_HEAD, show_footer=len(rows) > 1, pad_edge=False, padding=(0, 1, 0, 0))
    for number, name in enumerate(by):
        made.add_column(name, footer="" if number else "total", overflow="fold")
    for head in lines[0]:
        justify: Literal["left", "right"] = "left" if head in ("", "share") else "right"
        made.add_column(head, footer=sums.get(head, ""), justify=justify, no_wrap=True)
    for row, cells in zip(rows, lines, strict=True):
        labels = [row.group[column] or _NONE.get(column, "") for column in by]
        made.add_row(*(Text(label) for label in labels), *cells.values())
    return Group(made, *_notes(total))


def _cells(row: UsageRow, total: UsageRow, wide: bool, retried: bool) -> dict[str, str]:
    cells = {"requests": f"{row.requests:,}", "errors": short_count(row.errors)}
    if total.hits:
        cells["hits"] = short_count(row.hits)
    if retried:
        cells["attempts"] = f"{row.attempts:,}"
    cells["in"] = short_count(row.input)
    if wide or total.cached:
        cells["cached"] = short_count(row.cached)
    cells["out"] = short_count(row.output)
    cells["cost USD"] = short_usd(row.cost)
    if total.estimated or total.unpriced:
        marks = ["*"] if row.estimated else []
        cells[""] = " ".join(marks + ([f"+{short_count(row.unpriced)}?"] if row.unpriced else []))
    if wide:
        cells["share"] = bar(row.cost, total.cost)
    return cells


def _notes(total: UsageRow) -> list[Text]:
    notes = []
    if total.estimated:
        notes.append(
            f"* {total.estimated:,} requests are in with an estimate, since the provider never reported them"
        )
    if total.unpriced:
        notes.append(f"+N? the cost of N requests is not known, and so in no sum ({total.unpriced:,} in all)")
    return [Text(note, style="dim") for note in notes]


def row_data(row: UsageRow) -> dict[str, Any]:
    """A row for ``--json``: the cost is exact, and so a string."""
    return {
        **row.group,
        "requests": row.requests,
        "errors": row.errors,
        "hits": row.hits,
        "attempts": row.attempts,
        "input_tokens": row.input,
        "cached_tokens": row.cached,
        "output_tokens": row.output,
        "cost_usd": format_usd(row.cost),
        "unpriced": row.unpriced,
        "estimated": row.estimated,
    }


def entry_data(entry: Entry) -> dict[str, Any]:
    """One request for ``--json``."""
    return {
        "request_id": entry.request_id,
        "time": iso(entry.at_us),
        "key": entry.key_name,
        "tenant": entry.tenant,
        "requested": entry.requested,
        "face": entry.face,
        "stream": entry.stream,
        "ttft_ms": None if entry.ttft_us is None else entry.ttft_us / 1000,
        "cache": entry.cache,
        "source": entry.source,
        "saved_usd": None if entry.saved is None else format_usd(entry.saved),
        **_shared_data(entry),
        "attempts": [
            {
                "number": attempt.number,
                "upstream_id": attempt.upstream_id,
                "breakpoints": attempt.breakpoints,
                **_shared_data(attempt),
            }
            for attempt in entry.attempts
        ],
    }


def _shared_data(what: Any) -> dict[str, Any]:
    usage = what.usage
    return {
        "model": what.model,
        "provider": what.provider,
        "status": what.status,
        "outcome": what.outcome,
        "error": what.error,
        "input_tokens": None if usage is None else usage.prompt,
        "cached_tokens": None if usage is None else usage.cache_read,
        "output_tokens": None if usage is None else usage.output,
        "cost_usd": None if what.cost is None else format_usd(what.cost),
        "estimated": what.estimated,
        "latency_ms": what.latency_us / 1000,
    }


def one_request(entry: Entry) -> RenderableType:
    """One request with its attempts."""
    head = Table.grid(padding=(0, 2))
    for name, value in (
        ("request", entry.request_id),
        ("time", iso(entry.at_us)),
        ("key", f"{entry.key_name or '(no key)'} {f'({entry.tenant})' if entry.tenant else ''}"),
        ("model", f"{entry.requested} → {entry.model or '(none answered)'}"),
        ("outcome", " ".join(filter(None, (entry.outcome, f"HTTP {entry.status}", entry.error)))),
        ("cost USD", _exact(entry.cost, entry.estimated)),
        *_whose_answer(entry),
    ):
        head.add_row(Text(name, style="dim"), Text(value))
    if entry.provider == CACHE:
        return head
    attempts = Table(box=SIMPLE_HEAD, pad_edge=False)
    for name in ("#", "provider", "model", "status", "outcome", "in", "out", "cost USD", "ms"):
        attempts.add_column(name, justify="right" if name in ("#", "in", "out", "cost USD", "ms") else "left")
    for attempt in entry.attempts:
        usage = attempt.usage
        attempts.add_row(
            str(attempt.number),
            Text(attempt.provider),
            Text(attempt.model),
            str(attempt.status or "—"),
            Text(" ".join(filter(None, (attempt.outcome, attempt.error)))),
            "?" if usage is None else f"{usage.prompt:,}",
            "?" if usage is None else f"{usage.output:,}",
            _exact(attempt.cost, attempt.estimated),
            f"{attempt.latency_us / 1000:,.0f}",
        )
    return Group(head, attempts)


def _whose_answer(entry: Entry) -> list[tuple[str, str]]:
    if not entry.cache:
        return []
    lines = [("cache", f"{entry.cache} {entry.source}".rstrip())]
    return [*lines, ("saved USD", _exact(entry.saved, False))] if entry.provider == CACHE else lines


def _exact(cost: PicoUsd | None, estimated: bool) -> str:
    if cost is None:
        return "not known"
    return format_usd(cost) + (" (estimated)" if estimated else "")


def iso(at_us: int) -> str:
    """The moment in UTC, to the millisecond."""
    moment = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_us // 1000 % 1000:03d}Z"
