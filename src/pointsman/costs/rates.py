"""Which rates a call is billed at: every gap of the price list filled in, or marked as having no price.

An unknown price is an error or a worst case, never 0. These are the rules, applied once for each list:

- A cache read without a price costs what input costs: no provider charges more for it.
- A cache write without a price for its time to live costs what the next longer one costs. With no longer
  one there is no price.
- A band, tier or off-peak list that lacks a price which the standard list has: the standard price, scaled
  as its input price is (rounded up) where that makes it dearer.
- A band and a tier (or off-peak) that come together: the tier's price, scaled as the band scales the
  standard one (rounded up). Providers that publish such a table double both alike.
- A tier called "standard" or the like is the standard one. A discount ("flex", "batch") that the model's
  list lacks is billed at the standard rates. A dearer or unknown tier that it lacks has no price.
"""

from __future__ import annotations

from pointsman.catalog import OffPeak, PriceList, Rates

Tariff = tuple[int | None, int | None, int | None, int | None, int | None, int | None, int | None]
"""10⁻¹² USD per token of each bucket, in the order of :data:`BUCKETS`; None where there is no price."""

BUCKETS = (
    "input",
    "output",
    "cache_read",
    "cache_write_5m",
    "cache_write_30m",
    "cache_write_1h",
    "cache_write_12h",
)

STANDARD_TIERS = frozenset({"", "standard", "default", "auto", "standard_only", "on_demand", "unspecified"})
DISCOUNT_TIERS = frozenset({"flex", "batch"})

_INPUT, _READ, _FIRST_WRITE = 0, 2, 3


def tariffs(prices: PriceList, special: Rates | None = None) -> tuple[Tariff, ...]:
    """The rates of a short prompt, then those of each band, by ascending length.

    ``special`` are the rates of a tier or of the off-peak hours; None: the standard ones.
    """
    standard = _raw(prices.standard)
    chosen = standard if special is None else _gaps_scaled(_raw(special), standard)
    bands = (_gaps_scaled(_raw(band.rates), standard) for band in prices.bands)
    return tuple(map(_filled, (chosen, *(_times(chosen, band, standard) for band in bands))))


def is_off_peak(off_peak: OffPeak, weekday: int, hour: int) -> bool:
    """``weekday`` counts from Monday as 0; both are UTC."""
    if weekday not in off_peak.peak_weekdays:
        return True
    return not any(start <= hour < end for start, end in off_peak.peak_hours_utc)


def _raw(rates: Rates) -> Tariff:
    return (
        rates.input,
        rates.output,
        rates.cache_read,
        rates.cache_write_5m,
        rates.cache_write_30m,
        rates.cache_write_1h,
        rates.cache_write_12h,
    )


def _tuple(values: list[int | None]) -> Tariff:
    a, b, c, d, e, f, g = values
    return a, b, c, d, e, f, g


def _gaps_scaled(rates: Tariff, standard: Tariff) -> Tariff:
    """Each missing rate becomes the standard one, or that scaled with the input rate if it is more."""
    base, given = standard[_INPUT], rates[_INPUT]
    filled: list[int | None] = []
    for rate, usual in zip(rates, standard, strict=True):
        if rate is not None or usual is None:
            filled.append(rate)
        elif base and given is not None:
            filled.append(max(usual, _ceil(usual * given, base)))
        else:
            filled.append(usual)
    return _tuple(filled)


def _times(rates: Tariff, band: Tariff, standard: Tariff) -> Tariff:
    """``rates`` × ``band`` ÷ ``standard``, rounded up; the band's own where there is nothing to scale."""
    return _tuple(
        [
            long if rate is None or long is None or not usual else _ceil(rate * long, usual)
            for rate, long, usual in zip(rates, band, standard, strict=True)
        ]
    )


def _filled(rates: Tariff) -> Tariff:
    values: list[int | None] = list(rates)
    if values[_READ] is None:
        values[_READ] = values[_INPUT]
    longer: int | None = None
    for i in range(len(values) - 1, _FIRST_WRITE - 1, -1):
        if values[i] is None:
            values[i] = longer
        longer = values[i]
    return _tuple(values)


def _ceil(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)
