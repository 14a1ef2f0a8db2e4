"""What ``pointsman savings`` shows of each capability. Pure: sums in, tables and data out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pointsman.cli.usage.report import short_usd
from pointsman.costs import PicoUsd, format_usd

from .spared import CAPABILITIES, Capability, Spared
from .sum import Savings, all_saved

_NONE = {"model": "(none answered)", "key": "(no key)", "tenant": "(no tenant)"}
_SENTENCES: dict[Capability, str] = {
    "hits": "hits: {count} requests were given what was kept of an equal one, and spared what that had cost.",
    "similar": "similar: {count} requests were given what was kept of one that means the same; less what"
    " it took to compare them.",
    "shared": "shared: {count} requests were given the answer of an equal one that was under way.",
    "replays": "replays: {count} requests were the same once more under their idempotency key.",
    "autopilot": "autopilot: {count} calls with marks for the provider's prompt cache that Pointsman placed,"
    " against the same calls without a cache.",
    "own marks": "own marks: {count} calls with the callers' own marks.",
    "unasked": "unasked: {count} calls to providers that cache without being asked.",
}


def spared_report(found: Savings, width: int) -> RenderableType:
    """What each capability saved, by group, and what each of them means. For a report that is not empty."""
    parts = found.capabilities
    routing = found.total.saved if found.total.requests else None
    table = Table(
        title="What each capability saved",
        title_justify="left",
        title_style="",
        box=SIMPLE_HEAD,
        show_footer=True,
        pad_edge=False,
        padding=(0, 1, 0, 0),
    )
    for number, name in enumerate(found.columns):
        table.add_column(name, footer="" if number else "total", overflow="fold")
    sums = _cells(parts, routing, parts)
    for head in sums:
        table.add_column(head, footer=sums[head], justify="right", no_wrap=True)
    for group, own, saved in found.spared_rows:
        labels = [group[column] or _NONE.get(column, "") for column in found.columns]
        table.add_row(*map(Text, labels), *_cells(own, saved, parts).values())
    return Group(Text(), table, *map(Text, _sentences(parts)))


def _cells(
    own: Mapping[Capability, Spared], routing: PicoUsd | None, there: Mapping[Capability, Spared]
) -> dict[str, str]:
    cells = {"routing": "·" if routing is None else _usd(routing)}
    for capability in CAPABILITIES:
        if capability in there:
            part = own.get(capability)
            cells[capability] = "·" if part is None else _usd(part.saved) + ("?" if part.unknown else "")
    cells["saved"] = _usd(all_saved(own, routing))
    return cells


def _sentences(parts: Mapping[Capability, Spared]) -> list[str]:
    lines = []
    for capability, part in parts.items():
        lines.append(_SENTENCES[capability].format(count=f"{part.count:,}"))
        if part.unknown:
            lines.append(f"  ?: what {part.unknown:,} of them saved is not known, and in no sum.")
    return lines


def _usd(amount: PicoUsd) -> str:
    return f"−{short_usd(-amount)}" if amount < 0 else short_usd(amount)


def spared_data(found: Savings) -> dict[str, Any]:
    """For ``--json``: costs are exact, and so strings."""
    return {
        "capabilities": _data(found.capabilities),
        "capabilities_by_row": [group | _data(own) for group, own, _ in found.spared_rows],
    }


def _data(parts: Mapping[Capability, Spared]) -> dict[str, Any]:
    return {
        name: {
            "count": (part := parts.get(name, Spared())).count,
            "saved_usd": format_usd(part.saved),
            "unknown": part.unknown,
        }
        for name in CAPABILITIES
    }
