"""What ``pointsman models`` shows. Pure: models and today's date in, rows and tables out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from pointsman.catalog import (
    NOTICE_DAYS,
    Capabilities,
    Model,
    PriceList,
    Rates,
    days_left,
    is_retired,
    retires_within,
    status_on,
)
from pointsman.costs import format_usd
from pointsman.errors import InvalidRequest

CAPABILITIES = {
    "vision": "vision",
    "tools": "tools",
    "json": "json_schema",
    "reasoning": "reasoning",
    "pdf": "pdf",
    "prefill": "prefill",
    "sampling": "sampling_params",
    "forced-tool": "forced_tool_choice",
}
"""Words for ``--can``, and the field that each stands for."""

_SHOWN = ("vision", "tools", "json", "reasoning", "pdf")
_WIDE = 118
_NARROW = ("ctx", "ans", "in", "out", "cached")
_TOKENS_PER_PRICE = 1_000_000


def choose(
    models: Iterable[Model],
    today: date,
    *,
    provider: str | None = None,
    can: str | None = None,
    retiring: bool = False,
) -> list[Model]:
    """The models asked for, the retired ones among them.

    Raises InvalidRequest if ``can`` (words with commas between) or ``provider`` is none that exists.
    """
    models = list(models)
    providers = sorted({model.provider for model in models})
    if provider is not None and provider not in providers:
        raise InvalidRequest(f"No provider {provider} in the catalog. There are: {', '.join(providers)}.")
    fields = [_field(word) for word in (can or "").split(",") if word.strip()]
    return [
        model
        for model in models
        if (provider is None or model.provider == provider)
        and (not retiring or retires_within(model, today))
        and all(getattr(model.capabilities, field) is True for field in fields)
    ]


def _field(word: str) -> str:
    word = word.strip().lower()
    field = CAPABILITIES.get(word, word)
    if field not in Capabilities.__struct_fields__:
        raise InvalidRequest(f"No such capability: {word}. There are: {', '.join(CAPABILITIES)}.")
    return field


def price_on(model: Model, today: date) -> PriceList | None:
    """The price list in force on that day."""
    return next((prices for prices in reversed(model.prices) if prices.effective <= today), None)


def usd(rate: int | None) -> str:
    """Dollars per million tokens, exactly; "–" where there is no price."""
    return "–" if rate is None else format_usd(rate * _TOKENS_PER_PRICE)


def as_data(model: Model, today: date) -> dict[str, Any]:
    """For ``--json``: prices as exact decimal strings, null where something is not known."""
    now = price_on(model, today)
    return {
        "id": model.id,
        "provider": model.provider,
        "aliases": model.aliases,
        "status": status_on(model, today),
        "context_window": model.context_window,
        "max_input": model.max_input,
        "max_output": model.max_output,
        "capabilities": msgspec.to_builtins(model.capabilities),
        "usd_per_million_tokens": None if now is None else _rates_data(now.standard),
        "prices": [_price_data(prices) for prices in model.prices],
        "retires": model.retires,
        "days_left": days_left(model, today),
        "successor": model.successor,
        "prompt_cache_min_tokens": model.prompt_cache_min_tokens,
        "source": model.source,
        "note": model.note,
    }


def _rates_data(rates: Rates) -> dict[str, str | None]:
    values = msgspec.structs.asdict(rates).items()
    return {name: None if rate is None else usd(rate) for name, rate in values}


def _price_data(prices: PriceList) -> dict[str, Any]:
    off_peak = prices.off_peak
    return {
        "from": prices.effective,
        "standard": _rates_data(prices.standard),
        "bands": [{"over": band.over, **_rates_data(band.rates)} for band in prices.bands],
        "tiers": {name: _rates_data(rates) for name, rates in prices.tiers.items()},
        "multipliers": {name: f"{top}/{bottom}" for name, (top, bottom) in prices.multipliers.items()},
        "off_peak": off_peak
        and {
            **_rates_data(off_peak.rates),
            "peak_weekdays": off_peak.peak_weekdays,
            "peak_hours_utc": off_peak.peak_hours_utc,
        },
    }


def new_table(*columns: str, gap: int = 2) -> Table:
    """A table in the style of all of these, with its first columns of words."""
    table = Table(
        box=SIMPLE_HEAD, show_edge=False, padding=(0, gap - 1, 0, 0), pad_edge=False, header_style="bold"
    )
    for name in columns:
        table.add_column(name, no_wrap=True)
    return table


def overview(models: Sequence[Model], today: date, width: int, hidden: int = 0) -> RenderableType:
    """The table of models, by provider, narrow enough for 80 columns if need be."""
    wide = width >= _WIDE
    table = new_table("model", *(("status",) if wide else ()), gap=1)
    for name in ("context", "longest", "input", "output", "cached") if wide else _NARROW:
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("can", no_wrap=True)
    table.add_column("retires", no_wrap=True)
    provider = ""
    order = list(dict.fromkeys(model.provider for model in models))
    for model in sorted(models, key=lambda m: order.index(m.provider)):
        if model.provider != provider:
            provider = model.provider
            table.add_section()
            table.add_row(Text(provider, style="bold cyan"))
        table.add_row(*_row(model, today, wide), style="dim" if is_retired(model, today) else "")
    return Group(table, Text(_legend(today, wide, hidden), style="dim"))


def _row(model: Model, today: date, wide: bool) -> list[RenderableType]:
    prices = price_on(model, today)
    rates = prices.standard if prices else Rates()
    row: list[RenderableType] = [model.id]
    if wide:
        row.append(status_on(model, today))
    row += [tokens(model.context_window), tokens(model.max_output)]
    row += [usd(rates.input), usd(rates.output), usd(rates.cache_read), _abilities(model, wide)]
    soon = retires_within(model, today)
    ends = str(model.retires) if model.retires else "retired" if is_retired(model, today) else ""
    row.append(Text(f"{ends}!" if soon else ends, style="bold yellow" if soon else ""))
    return row


def _abilities(model: Model, wide: bool) -> str:
    has = {word: getattr(model.capabilities, CAPABILITIES[word]) for word in _SHOWN}
    if wide:
        return " ".join(word for word, known in has.items() if known)
    return "".join(word[0] if known else "·" for word, known in has.items())


def _legend(today: date, wide: bool, hidden: int) -> str:
    lines = ["", f"US dollars per million tokens, on {today}; – is not known."]
    if wide:
        lines.append("context: window in tokens. longest: longest answer. cached: input read from a cache.")
    else:
        lines.append("ctx: window in tokens. ans: longest answer. cached: input read from a cache.")
        lines.append("can: vision, tools, JSON schema, reasoning, PDF.")
    lines.append(f"! retires within {NOTICE_DAYS} days: pointsman models --retiring")
    if hidden:
        lines.append(f"{hidden} retired ones are not shown: pointsman models --all")
    return "\n".join(lines)


def tokens(count: int | None) -> str:
    """Short: 200k, 1M, 1.05M."""
    if count is None:
        return "–"
    if count >= 1_000_000:
        return f"{count / 1_000_000:.2f}".rstrip("0").rstrip(".") + "M"
    return f"{count // 1_000}k" if count >= 1_000 else str(count)


def retirements(models: Sequence[Model], today: date) -> RenderableType:
    """What retires soon, the next first, with what to move to."""
    if not models:
        return Text(f"No model here retires within {NOTICE_DAYS} days of {today}.")
    table = new_table("model", "provider", "retires")
    table.add_column("days left", justify="right")
    table.add_column("successor", no_wrap=True)
    for model in sorted(models, key=lambda m: (m.retires or date.max, m.id)):
        left = days_left(model, today)
        style = "bold red" if left is not None and left <= 30 else "yellow"
        table.add_row(
            model.id,
            model.provider,
            str(model.retires),
            Text(str(left), style=style),
            model.successor or "–",
        )
    return table
