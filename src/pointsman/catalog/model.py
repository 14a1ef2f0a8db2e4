"""What is known of a model. Facts come from the data files in this folder."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

Status = Literal["active", "legacy", "preview", "deprecated", "retired"]


class Capabilities(msgspec.Struct, frozen=True):
    """None means: not known. Only a plain False lets a request be refused."""

    vision: bool | None = None
    tools: bool | None = None
    json_schema: bool | None = None
    reasoning: bool | None = None
    pdf: bool | None = None
    prefill: bool | None = None
    sampling_params: bool | None = None
    sampling_together: bool | None = None
    """Takes ``temperature`` and ``top_p`` in one request; Claude from Opus 4.1 on refuses that."""
    forced_tool_choice: bool | None = None


class Rates(msgspec.Struct, frozen=True):
    """Prices of one band, tier or discount: 10⁻¹² USD *per token*, as exact integers. None: no such price."""

    input: int | None = None
    output: int | None = None
    cache_read: int | None = None
    cache_write_5m: int | None = None
    cache_write_30m: int | None = None
    cache_write_1h: int | None = None
    cache_write_12h: int | None = None


class PriceBand(msgspec.Struct, frozen=True):
    """Rates in place of the standard ones for a whole call whose prompt is longer than ``over`` tokens."""

    over: int
    rates: Rates


class OffPeak(msgspec.Struct, frozen=True):
    """Rates outside of the peak hours."""

    rates: Rates
    peak_weekdays: tuple[int, ...]
    """0 is Monday."""
    peak_hours_utc: tuple[tuple[int, int], ...]
    """Half-open: (1, 4) is 01:00 up to 03:59:59."""


class PriceList(msgspec.Struct, frozen=True):
    """What a model costs from ``effective`` (00:00 UTC) until the next list takes over."""

    effective: date
    standard: Rates
    bands: tuple[PriceBand, ...] = ()
    """By ascending ``over``."""
    tiers: dict[str, Rates] = {}
    """By service tier: "priority", "flex", "batch"."""
    multipliers: dict[str, tuple[int, int]] = {}
    """Exact fraction (numerator, denominator) by option: "us" (inference in the US only), "fast"."""
    off_peak: OffPeak | None = None


class Model(msgspec.Struct, frozen=True):
    """One model of the catalog."""

    id: str
    provider: str
    aliases: tuple[str, ...]
    status: Status
    context_window: int
    max_input: int | None
    max_output: int | None
    capabilities: Capabilities
    prices: tuple[PriceList, ...]
    """By ascending ``effective``."""
    retires: date | None = None
    """When the provider stops, or stopped, serving it."""
    successor: str | None = None
    prompt_cache_min_tokens: int | None = None
    source: str = ""
    note: str = ""
