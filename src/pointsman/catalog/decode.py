"""Data files → models. Pure: bytes in, values out.

Prices are written as decimal strings in US dollars per million tokens, as providers print them, and never
pass through a binary float: "0.0375" becomes the integer 37,500 (10⁻¹² USD per token).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction

import msgspec

from pointsman.errors import ConfigurationError

from .model import Capabilities, Model, OffPeak, PriceBand, PriceList, Rates, Status

TTLS = ("5m", "30m", "1h", "12h")
"""Lifetimes of a prompt-cache entry, shortest first."""


class _Rates(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    input: str | None = None
    output: str | None = None
    cache_read: str | None = None
    cache_write: str | dict[str, str] | None = None


class _Band(_Rates, frozen=True, forbid_unknown_fields=True, kw_only=True):
    over: int


class _Peak(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    weekdays: tuple[int, ...]
    hours_utc: tuple[tuple[int, int], ...]


class _OffPeak(_Rates, frozen=True, forbid_unknown_fields=True, kw_only=True):
    peak: _Peak


class _Price(_Rates, frozen=True, forbid_unknown_fields=True, kw_only=True):
    effective: date = msgspec.field(name="from")
    bands: tuple[_Band, ...] = ()
    tiers: dict[str, _Rates] = {}
    multipliers: dict[str, str] = {}
    off_peak: _OffPeak | None = None


class _Model(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    id: str
    status: Status
    context_window: int
    capabilities: Capabilities
    prices: tuple[_Price, ...]
    source: str
    provider: str = ""
    aliases: tuple[str, ...] = ()
    retires: date | None = None
    successor: str | None = None
    max_input: int | None = None
    max_output: int | None = None
    prompt_cache_min_tokens: int | None = None
    note: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    sources: dict[str, str]
    models: tuple[_Model, ...]
    provider: str = ""


_decoder = msgspec.json.Decoder(_File)


def decode_models(raw: bytes, where: str) -> tuple[Model, ...]:
    """The models of one data file.

    A band, tier or off-peak list may give a single ``cache_write`` where the standard list gives one for
    each time to live: it is that of the shortest one (5 minutes at Anthropic, 30 at OpenAI), and the longer
    ones keep their ratio to it.

    Raises:
        ConfigurationError: with ``where``, the model and the field at fault.
    """
    try:
        file = _decoder.decode(raw)
    except msgspec.DecodeError as error:
        raise ConfigurationError(f"{where} cannot be read: {error}") from None
    return tuple(_model(found, file, f"{where}: {found.id}") for found in file.models)


def _model(found: _Model, file: _File, where: str) -> Model:
    prices = tuple(_price_list(price, f"{where}.prices[{i}]") for i, price in enumerate(found.prices))
    if [p.effective for p in prices] != sorted({p.effective for p in prices}):
        raise ConfigurationError(f"{where}.prices must be in order of `from`, without repeating a date")
    if found.source not in file.sources:
        raise ConfigurationError(f"{where}.source must be one of {', '.join(sorted(file.sources))}")
    return Model(
        id=found.id,
        provider=found.provider or file.provider,
        aliases=found.aliases,
        status=found.status,
        context_window=found.context_window,
        max_input=found.max_input,
        max_output=found.max_output,
        capabilities=found.capabilities,
        prices=prices,
        retires=found.retires,
        successor=found.successor,
        prompt_cache_min_tokens=found.prompt_cache_min_tokens,
        source=file.sources[found.source],
        note=found.note,
    )


def _price_list(found: _Price, where: str) -> PriceList:
    standard = _rates(found, Rates(), where)
    bands = tuple(
        PriceBand(band.over, _rates(band, standard, f"{where}.bands[{i}]"))
        for i, band in enumerate(found.bands)
    )
    if [b.over for b in bands] != sorted({b.over for b in bands}):
        raise ConfigurationError(f"{where}.bands must be in order of `over`, without repeating one")
    return PriceList(
        effective=found.effective,
        standard=standard,
        bands=bands,
        tiers={name: _rates(tier, standard, f"{where}.tiers.{name}") for name, tier in found.tiers.items()},
        multipliers={
            name: _multiplier(text, f"{where}.multipliers.{name}") for name, text in found.multipliers.items()
        },
        off_peak=_off_peak(found.off_peak, standard, f"{where}.off_peak"),
    )


def _off_peak(found: _OffPeak | None, standard: Rates, where: str) -> OffPeak | None:
    if found is None:
        return None
    return OffPeak(_rates(found, standard, where), found.peak.weekdays, found.peak.hours_utc)


def _rates(found: _Rates, standard: Rates, where: str) -> Rates:
    writes = _writes(found.cache_write, standard, where)
    return Rates(
        input=_optional(found.input, f"{where}.input"),
        output=_optional(found.output, f"{where}.output"),
        cache_read=_optional(found.cache_read, f"{where}.cache_read"),
        cache_write_5m=writes.get("5m"),
        cache_write_30m=writes.get("30m"),
        cache_write_1h=writes.get("1h"),
        cache_write_12h=writes.get("12h"),
    )


def _writes(found: str | Mapping[str, str] | None, standard: Rates, where: str) -> dict[str, int]:
    where = f"{where}.cache_write"
    if found is None:
        return {}
    if not isinstance(found, str):
        unknown = found.keys() - set(TTLS)
        if unknown:
            raise ConfigurationError(f"{where}.{min(unknown)}: the times to live are {', '.join(TTLS)}")
        return {ttl: per_token(text, f"{where}.{ttl}") for ttl, text in found.items()}
    base = per_token(found, where)
    known = {ttl: rate for ttl in TTLS if (rate := getattr(standard, f"cache_write_{ttl}")) is not None}
    if not known:
        raise ConfigurationError(f"{where} needs the times to live: the standard prices name none")
    shortest = next(iter(known.values()))
    return {ttl: _scaled(base, rate, shortest, where) for ttl, rate in known.items()}


def _scaled(base: int, rate: int, shortest: int, where: str) -> int:
    scaled = Fraction(base * rate, shortest) if shortest else Fraction(base)
    if scaled.denominator != 1:
        raise ConfigurationError(f"{where} does not scale to a whole price; give each time to live its own")
    return int(scaled)


def _optional(text: str | None, where: str) -> int | None:
    return None if text is None else per_token(text, where)


def per_token(text: str, where: str) -> int:
    """US dollars per million tokens, as a decimal string → 10⁻¹² USD per token.

    Raises ConfigurationError for what is no number, negative, or finer than 10⁻⁶ USD per million tokens.
    """
    scaled = _decimal(text, where) * 1_000_000
    if scaled != scaled.to_integral_value():
        raise ConfigurationError(f"{where}: {text} is finer than 0.000001 US dollars per million tokens")
    return int(scaled)


def _multiplier(text: str, where: str) -> tuple[int, int]:
    return _decimal(text, where).as_integer_ratio()


def _decimal(text: str, where: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ConfigurationError(f'{where} must be a decimal number such as "0.25", not {text!r}') from None
    if not value.is_finite() or value < 0:
        raise ConfigurationError(f"{where} must be zero or more, not {text}")
    return value
