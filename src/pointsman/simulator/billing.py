"""What a call costs, by the simulated provider's own reckoning.

It is the referee for the gateway's ledger, so it shares no arithmetic with ``costs/``: it reads the price
lists of the catalog and follows the rules of ``docs/prices.md`` by itself, in exact fractions.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime
from decimal import Decimal, localcontext
from fractions import Fraction

from pointsman.catalog.model import Model, PriceList, Rates
from pointsman.chat import Usage

WRITES = ("cache_write_5m", "cache_write_30m", "cache_write_1h", "cache_write_12h")
"""By time to live, the shortest first."""
BUCKETS = ("input", "output", "cache_read", *WRITES)


def price(model: Model, usage: Usage, at_us: int) -> Decimal | None:
    """US dollars for one call, exactly; None if a price that it needs is not known.

    Args:
        at_us: when the call came, by which the price list is chosen, and peak hours.
    """
    moment = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    lists = [each for each in model.prices if each.effective <= moment.date()]
    if not lists:
        return None
    total = 0
    for bucket in BUCKETS:
        tokens: int = getattr(usage, bucket)
        if not tokens:
            continue
        rate = _rate(lists[-1], bucket, usage, moment)
        if rate is None:
            return None
        total += rate * tokens
    with localcontext(prec=60):
        return Decimal(total).scaleb(-12)


def _rate(prices: PriceList, bucket: str, usage: Usage, moment: datetime) -> int | None:
    """10⁻¹² USD for a token. A read without a price is input; a write is the next longer-lived write."""
    instead = [bucket]
    if bucket == "cache_read":
        instead.append("input")
    elif bucket in WRITES:
        instead = list(WRITES[WRITES.index(bucket) :])
    rates = (_listed_rate(prices, name, usage, moment) for name in instead)
    return next((rate for rate in rates if rate is not None), None)


def _listed_rate(prices: PriceList, bucket: str, usage: Usage, moment: datetime) -> int | None:
    standard: int | None = getattr(prices.standard, bucket)
    special = prices.tiers.get(usage.tier) or _off_peak(prices, moment)
    rate = standard if special is None else _in_list(special, prices.standard, bucket)
    bands = [band for band in prices.bands if usage.prompt > band.over]
    if not bands:
        return rate
    long = _in_list(bands[-1].rates, prices.standard, bucket)
    if rate is None or long is None or not standard:
        return long
    return math.ceil(rate * Fraction(long, standard))


def _in_list(rates: Rates, standard: Rates, bucket: str) -> int | None:
    """A rate of a band or tier; where it has none, the standard one, dearer as its input is dearer."""
    own: int | None = getattr(rates, bucket)
    usual: int | None = getattr(standard, bucket)
    if own is not None or usual is None:
        return own
    if rates.input is None or not standard.input:
        return usual
    return max(usual, math.ceil(usual * Fraction(rates.input, standard.input)))


def _off_peak(prices: PriceList, moment: datetime) -> Rates | None:
    if prices.off_peak is None:
        return None
    on_peak_day = moment.weekday() in prices.off_peak.peak_weekdays
    on_peak_hour = any(low <= moment.hour < high for low, high in prices.off_peak.peak_hours_utc)
    return None if on_peak_day and on_peak_hour else prices.off_peak.rates


def format_exact(amount: Decimal) -> str:
    """Without an exponent and without trailing zeros."""
    text = format(amount, "f")
    return (text.rstrip("0").rstrip(".") or "0") if "." in text else text
