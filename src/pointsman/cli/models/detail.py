"""What ``pointsman models NAME`` shows of one model. Pure, like its neighbour ``model_report``."""

from __future__ import annotations

from datetime import date, timedelta

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pointsman.catalog import Model, PriceList, Rates, lifecycle_warning, status_on
from pointsman.costs import PER_USD, format_usd

from .report import CAPABILITIES, new_table, tokens, usd

_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def detail(model: Model, today: date) -> RenderableType:
    """Everything about one model, with its prices past and to come."""
    facts = Table.grid(padding=(0, 2))
    facts.add_column(style="bold", no_wrap=True)
    facts.add_column()
    for name, value in _facts(model, today):
        facts.add_row(name, value)
    parts: list[RenderableType] = [Text(model.id, style="bold cyan"), facts]
    for i, prices in enumerate(model.prices):
        following = model.prices[i + 1].effective if i + 1 < len(model.prices) else None
        parts += [Text(), Text(_period(prices, following, today), style="bold"), _price_table(prices)]
        parts += [Text(line) for line in _price_notes(prices)]
    if not model.prices:
        parts += [Text(), Text("No known price.")]
    return Group(*parts)


def _facts(model: Model, today: date) -> list[tuple[str, str]]:
    warning = lifecycle_warning(model, today)
    known = msgspec.structs.asdict(model.capabilities)
    words = {field: word for word, field in CAPABILITIES.items()} | {
        "sampling_together": "temperature and top_p at once"
    }
    facts = [
        ("provider", model.provider),
        ("aliases", ", ".join(model.aliases)),
        ("status", status_on(model, today)),
        ("lifecycle", warning or ""),
        ("retires", "" if warning else str(model.retires or "")),
        ("successor", "" if warning else model.successor or ""),
        ("context window", f"{model.context_window:,} tokens"),
        ("longest prompt", f"{model.max_input:,} tokens" if model.max_input is not None else "not known"),
        ("longest answer", f"{model.max_output:,} tokens" if model.max_output is not None else "not known"),
        ("can", ", ".join(words[name] for name, value in known.items() if value)),
        ("cannot", ", ".join(words[name] for name, value in known.items() if value is False)),
        ("note", model.note),
        ("source", model.source),
    ]
    if model.prompt_cache_min_tokens is not None:
        facts.insert(9, ("cached from", f"{model.prompt_cache_min_tokens:,} tokens of prompt"))
    return [(name, value) for name, value in facts if value]


def _period(prices: PriceList, following: date | None, today: date) -> str:
    begun = prices.effective <= today
    ended = following is not None and following <= today
    if ended and following is not None:
        when = f"Prices until {following - timedelta(days=1)}"
    elif not begun:
        when = f"Prices from {prices.effective} (in {(prices.effective - today).days} days)"
    elif following is not None:
        when = f"Prices now, until {following - timedelta(days=1)}"
    else:
        when = "Prices now" if prices.effective.year == 2000 else f"Prices now, since {prices.effective}"
    return f"{when}, in US dollars per million tokens"


def _price_table(prices: PriceList) -> Table:
    rows: list[tuple[str, Rates]] = [("standard", prices.standard)]
    rows += [(f"prompt over {tokens(band.over)}", band.rates) for band in prices.bands]
    rows += list(prices.tiers.items())
    if prices.off_peak is not None:
        rows.append(("off-peak", prices.off_peak.rates))
    fields = [
        (name, name.removeprefix("cache_").replace("_", " "))
        for name in Rates.__struct_fields__
        if any(getattr(rates, name) is not None for _, rates in rows)
    ]
    table = new_table("")
    for _, title in fields:
        table.add_column("cached" if title == "read" else title, justify="right", no_wrap=True)
    for label, rates in rows:
        table.add_row(label, *(usd(getattr(rates, name)) for name, _ in fields))
    return table


def _price_notes(prices: PriceList) -> list[str]:
    notes = [
        f"Option {name}: all prices × {format_usd(top * PER_USD // bottom)}"
        for name, (top, bottom) in prices.multipliers.items()
    ]
    if prices.off_peak is not None:
        days = ", ".join(
            ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][d] for d in prices.off_peak.peak_weekdays
        )
        hours = " and ".join(f"{a:02}:00–{b:02}:00" for a, b in prices.off_peak.peak_hours_utc)
        notes.append(f"Peak hours: {days}, {hours} UTC; off-peak is all other time.")
    return notes
