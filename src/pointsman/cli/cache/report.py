"""What ``pointsman cache`` shows. Pure: a view in, tables and data out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Literal

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pointsman.caching.kept.tally import Line
from pointsman.caching.shared.answers import SharedView
from pointsman.cli.usage.report import bar, short_count, short_usd
from pointsman.costs import format_usd, parse_usd
from pointsman.errors import InvalidRequest
from pointsman.gateway.cache.metrics import CachePurged, CacheView
from pointsman.gateway.semantic.metrics import SemanticView

By = Literal["route", "key"]
_SECONDS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)([smhdw]?)")
_MOST_ROWS = 20
_WIDE = 100


def span(text: str) -> float:
    """Seconds: "90s", "30m", "2h", "7d", or a plain number of them. Raises InvalidRequest."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise InvalidRequest(f"{text} is no time: say 90s, 30m, 2h or 7d.", param="older-than")
    return float(found[1]) * _SECONDS[found[2]]


def lines_by(view: CacheView, by: By) -> dict[str, Line]:
    """Sums over the other of the two, those who asked most first."""
    sums: dict[str, Line] = {}
    for line in view.lines:
        sums.setdefault(line.route if by == "route" else line.key, Line()).join(
            Line(
                line.hits,
                line.misses,
                parse_usd(line.saved_usd),
                line.unpriced,
                line.similar,
                line.coalesced,
                line.bypassed,
                line.replayed,
            )
        )
    return dict(sorted(sums.items(), key=lambda item: (-item[1].answered - item[1].misses, item[0])))


def stats_data(view: CacheView, by: By | None = None) -> dict[str, Any]:
    """For ``--json``: money is exact, and so a string."""
    data: dict[str, Any] = msgspec.to_builtins(view)
    whole = _whole(view)
    data["hit_rate"] = whole.rate
    for each in (by,) if by else ("route", "key"):
        data[f"by_{each}"] = {name: _line_data(line) for name, line in lines_by(view, each).items()}
    return data


def _line_data(line: Line) -> dict[str, Any]:
    return {
        "hit_rate": line.rate,
        "hits": line.hits,
        "similar": line.similar,
        "coalesced": line.coalesced,
        "misses": line.misses,
        "bypassed": line.bypassed,
        "replayed": line.replayed,
        "saved_usd": format_usd(line.saved),
        "unpriced": line.unpriced,
    }


def report(view: CacheView, by: By | None, width: int) -> RenderableType:
    """How the cache stands, and a table for each way to sum up."""
    parts: list[RenderableType] = [*map(Text, _told(view))]
    for each in (by,) if by else ("route", "key"):
        lines = lines_by(view, each)
        if by or any(lines):  # a gateway without keys has one line, of no name
            parts.append(_table(each, lines, width))
    return Group(*parts)


def _told(view: CacheView) -> list[str]:
    whole = _whole(view)
    looked = whole.answered + whole.misses
    rate = f"{whole.rate:.1%} of {looked:,}" if whole.rate is not None else "no requests yet"
    shared = f", {whole.similar:,} similar" if whole.similar else ""
    shared += f", {whole.coalesced:,} shared" if whole.coalesced else ""
    saved = f"${format_usd(whole.saved)}, by what these answers had cost"
    if whole.unpriced:
        saved += f"; of {whole.unpriced:,} not known"
    refused = view.not_stored | ({"rejected": view.rejected} if view.rejected else {})
    rows = [
        ("hit rate", f"{rate} ({whole.hits:,} hits{shared}, {whole.misses:,} misses)"),
        ("saved", saved),
        ("kept", f"{view.entries:,} answers in {view.bytes:,} of {view.max_bytes:,} bytes"),
        ("passed by", _reasons(view.bypassed)),
        ("not kept", _reasons(refused)),
        ("gone", f"{view.evicted:,} evicted, {view.expired:,} expired"),
    ]
    rows += [("similar", _similar(name, route)) for name, route in view.semantic.items()]
    rows += [] if view.shared is None else list(_shared(view.shared))
    return [f"{name:<10} {text}" for name, text in rows]


def _similar(name: str, route: SemanticView) -> str:
    """What became of questions in other words."""
    if not route.on:
        return f"{name}: off, since {route.why_off}"
    refused = f"; refused by {_reasons(route.refused)}" if route.refused else ""
    looked = f"{route.hits:,} of {route.hits + sum(route.misses.values()):,} given an answer"
    return f"{name}: {looked} from {route.threshold:g} on{refused}"


def _shared(shared: SharedView) -> Iterator[tuple[str, str]]:
    """What replicas share."""
    kept = "not known yet" if shared.entries is None else f"{shared.entries:,} answers"
    if shared.bytes is not None:
        kept += f" in {shared.bytes:,} of {shared.max_bytes:,} bytes"
    yield "in Redis", kept + (", encrypted" if shared.encrypted else "")
    looked = shared.hits + shared.misses + shared.away
    away = f", {shared.away:,} not answered in time" if shared.away else ""
    unreadable = f", not readable: {_reasons(shared.unreadable)}" if shared.unreadable else ""
    yield "  found", f"{shared.hits:,} of {looked:,} looked for there{away}{unreadable}"
    dropped = f", {shared.dropped:,} dropped" if shared.dropped else ""
    yield "  put", f"{shared.stored:,} by this replica{dropped}"
    yield "  calls", f"{shared.led:,} led, {shared.followed:,} followed, {shared.lapsed:,} broke off"
    if shared.trouble:
        yield "  trouble", shared.trouble


def purged(done: CachePurged) -> str:
    """What was forgotten, and what was not."""
    if done.trouble:
        return (
            f"{_answers(done.purged)} forgotten here. Redis did not answer ({done.trouble}): what replicas"
            " share is still there. Purge again once it is back."
        )
    if done.shared is None:
        return f"{_answers(done.purged)} forgotten."
    return f"{_answers(done.purged)} forgotten here, {done.shared:,} in Redis; other replicas are told."


def _answers(count: int) -> str:
    return f"{count:,} answer{'s'[: count != 1]}"


def _whole(view: CacheView) -> Line:
    whole = Line()
    for line in lines_by(view, "route").values():
        whole.join(line)
    return whole


def _table(by: By, lines: dict[str, Line], width: int) -> Table:
    made = Table(box=SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    made.add_column(by, overflow="fold")
    shared = any(line.similar or line.coalesced for line in lines.values())
    repeats = any(line.replayed for line in lines.values())
    heads = ["hits", *(["similar", "shared"] if shared else []), "misses", "passed"]
    heads += [*(["replays"] if repeats else []), "saved USD", "rate"]
    for head in heads:
        made.add_column(head, justify="right", no_wrap=True)
    made.add_column("", no_wrap=True)
    for name, line in list(lines.items())[:_MOST_ROWS]:
        both = [short_count(line.similar), short_count(line.coalesced)] if shared else []
        made.add_row(
            Text(name or "(no key)"),
            short_count(line.hits),
            *both,
            short_count(line.misses),
            short_count(line.bypassed),
            *([short_count(line.replayed)] if repeats else []),
            short_usd(line.saved) + (f" +{short_count(line.unpriced)}?" if line.unpriced else ""),
            "·" if line.rate is None else f"{line.rate:.0%}",
            bar(line.answered, line.answered + line.misses) if width >= _WIDE or not shared else "",
        )
    if len(lines) > _MOST_ROWS:
        made.caption = f"and {len(lines) - _MOST_ROWS:,} more: see --json"
    return made


def _reasons(counts: dict[str, int]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in sorted(counts.items())) or "none"
