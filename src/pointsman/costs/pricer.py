"""Usage × price → exact money, by the price list in force at the time of the call."""

from __future__ import annotations

from datetime import date

import msgspec

from pointsman.catalog import Model, OffPeak, PriceList
from pointsman.chat import Usage
from pointsman.errors import PointsmanError

from .money import PicoUsd
from .rates import BUCKETS, DISCOUNT_TIERS, STANDARD_TIERS, Tariff, is_off_peak, tariffs

HOUR_US = 3_600_000_000
DAY_US = 24 * HOUR_US
_EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday."""


class UnpricedUsage(PointsmanError):
    """Tokens were consumed that the catalog has no price for. The cost is unknown, which is not 0."""

    default_code = "unpriced_usage"


class CostLine(msgspec.Struct, frozen=True):
    """What one bucket of tokens cost. ``rate`` is 10⁻¹² USD per token."""

    bucket: str
    tokens: int
    rate: int
    cost: PicoUsd


class CostBreakdown(msgspec.Struct, frozen=True):
    """The lines and ``adjustment`` (what multipliers add) sum up to ``total``, exactly."""

    lines: tuple[CostLine, ...]
    adjustment: PicoUsd
    total: PicoUsd


class _Period:
    """A price list with its rates worked out, by band. It holds from ``start_us`` until the next one does."""

    __slots__ = ("multipliers", "off_peak", "off_peak_hours", "overs", "standard", "start_us", "tiers")

    def __init__(self, prices: PriceList) -> None:
        self.start_us = (prices.effective - date(1970, 1, 1)).days * DAY_US
        self.overs = tuple(band.over for band in prices.bands)
        self.standard = tariffs(prices)
        self.tiers = dict.fromkeys(DISCOUNT_TIERS, self.standard)
        self.tiers |= {name: tariffs(prices, rates) for name, rates in prices.tiers.items()}
        self.multipliers = prices.multipliers
        hours = prices.off_peak
        self.off_peak_hours: OffPeak | None = hours
        self.off_peak = self.standard if hours is None else tariffs(prices, hours.rates)

    def at(self, at_us: int) -> tuple[Tariff, ...]:
        """The rates of the standard tier at that hour."""
        hours = self.off_peak_hours
        if hours is None:
            return self.standard
        weekday = (at_us // DAY_US + _EPOCH_WEEKDAY) % 7
        return self.off_peak if is_off_peak(hours, weekday, at_us // HOUR_US % 24) else self.standard

    def band(self, prompt: int) -> int:
        return sum(prompt > over for over in self.overs)


class Pricer:
    """The prices of one model, worked out once: for the request path, where each call is priced.

    Times are microseconds of Unix time; a price list takes over at 00:00 UTC of its day. The tier that the
    provider reports in ``usage.tier`` counts; ``tier``, the one that was asked for, where it reports none.
    A tier that is among the model's multipliers ("fast") is taken as one. Rounding happens once, at the
    end, and only where multipliers leave a fraction: half up, to 10⁻¹² USD.

    All methods raise :class:`UnpricedUsage` where there is no price; ``rates.py`` has the rules for gaps.
    """

    __slots__ = ("_latest", "_model", "_periods")

    def __init__(self, model: Model) -> None:
        self._model = model.id
        self._periods = tuple(map(_Period, model.prices))
        self._latest = self._periods[-1] if self._periods else None

    def price(self, usage: Usage, at_us: int, tier: str = "", multipliers: tuple[str, ...] = ()) -> PicoUsd:
        """What ``usage`` costs at ``at_us``."""
        period = self._latest
        if period is None or at_us < period.start_us:
            period = self._period(at_us)
        if usage.tier or tier or multipliers:
            choices, fraction = self._terms(period, at_us, usage.tier or tier, multipliers)
            return _round_half_up(self._sum(usage, choices[period.band(usage.prompt)]), fraction)
        choices = period.standard if period.off_peak_hours is None else period.at(at_us)
        return self._sum(usage, choices[period.band(usage.prompt)] if period.overs else choices[0])

    def breakdown(
        self, usage: Usage, at_us: int, tier: str = "", multipliers: tuple[str, ...] = ()
    ) -> CostBreakdown:
        """The same, bucket by bucket; those without tokens are left out."""
        period = self._period(at_us)
        choices, fraction = self._terms(period, at_us, usage.tier or tier, multipliers)
        rates = choices[period.band(usage.prompt)]
        subtotal = self._sum(usage, rates)
        total = _round_half_up(subtotal, fraction)
        lines = tuple(
            CostLine(bucket, tokens, rate, tokens * rate)
            for bucket, tokens, rate in zip(BUCKETS, _counts(usage), rates, strict=True)
            if tokens and rate is not None
        )
        return CostBreakdown(lines, total - subtotal, total)

    def worst_case(
        self,
        prompt_tokens: int,
        max_output: int,
        at_us: int,
        tier: str = "",
        multipliers: tuple[str, ...] = (),
        *,
        cache_writes: bool = True,
    ) -> PicoUsd:
        """The most that a call can cost with at most so many tokens: the prompt at its dearest rate, the
        longest answer, peak hours, and the dearest of the bands that it may fall in.

        With ``cache_writes`` the prompt may be written to the provider's cache, at the price of the longest
        time to live; newer OpenAI models do so unasked.
        """
        period = self._period(at_us)
        choices, fraction = self._terms(period, None, tier, multipliers)
        costs = []
        for rates in choices[: period.band(prompt_tokens) + 1]:
            reading, writing = rates[0], rates[1]
            if reading is None or writing is None:
                raise self._unpriced("input" if reading is None else "output")
            others = rates[2:] if cache_writes else rates[2:3]
            per_token = max(reading, *(rate or 0 for rate in others))
            costs.append(prompt_tokens * per_token + max_output * writing)
        return _round_half_up(max(costs), fraction)

    def rates(self, at_us: int, prompt_tokens: int) -> Tariff:
        """10⁻¹² USD per token of each of ``BUCKETS``, for a prompt of that length in the standard tier."""
        period = self._period(at_us)
        return period.at(at_us)[period.band(prompt_tokens)]

    def _period(self, at_us: int) -> _Period:
        for period in reversed(self._periods):
            if at_us >= period.start_us:
                return period
        if self._periods:
            raise UnpricedUsage(f"{self._model} has no known price for that time: its first one is of later.")
        raise UnpricedUsage(f"{self._model} has no known price; give it one in the configuration.")

    def _terms(
        self, period: _Period, at_us: int | None, tier: str, multipliers: tuple[str, ...]
    ) -> tuple[tuple[Tariff, ...], tuple[int, int]]:
        """The rates by band, and the product of the multipliers. Without a time: those of the peak hours."""
        names = set(multipliers)
        if tier in STANDARD_TIERS:
            choices = period.standard if at_us is None else period.at(at_us)
        elif tier in period.tiers:
            choices = period.tiers[tier]
        elif tier in period.multipliers:
            choices = period.standard if at_us is None else period.at(at_us)
            names.add(tier)
        else:
            raise UnpricedUsage(f'{self._model} has no known price in the service tier "{tier}".')
        numerator = denominator = 1
        for name in names:
            if name not in period.multipliers:
                raise UnpricedUsage(f'{self._model} has no known price with the option "{name}".')
            numerator *= period.multipliers[name][0]
            denominator *= period.multipliers[name][1]
        return choices, (numerator, denominator)

    def _sum(self, usage: Usage, rates: Tariff) -> PicoUsd:
        reading, writing, cached = rates[0], rates[1], rates[2]
        if (
            reading is None
            or writing is None
            or cached is None
            or usage.cache_write_5m
            or usage.cache_write_30m
            or usage.cache_write_1h
            or usage.cache_write_12h
        ):
            return self._sum_each(usage, rates)
        return usage.input * reading + usage.output * writing + usage.cache_read * cached

    def _sum_each(self, usage: Usage, rates: Tariff) -> PicoUsd:
        cost = 0
        for bucket, tokens, rate in zip(BUCKETS, _counts(usage), rates, strict=True):
            if rate is not None:
                cost += tokens * rate
            elif tokens:
                raise self._unpriced(bucket)
        return cost

    def _unpriced(self, bucket: str) -> UnpricedUsage:
        return UnpricedUsage(f"{self._model} has no known price for {bucket.replace('_', ' ')} tokens.")


def _counts(usage: Usage) -> tuple[int, ...]:
    return (
        usage.input,
        usage.output,
        usage.cache_read,
        usage.cache_write_5m,
        usage.cache_write_30m,
        usage.cache_write_1h,
        usage.cache_write_12h,
    )


def _round_half_up(amount: int, fraction: tuple[int, int]) -> PicoUsd:
    numerator, denominator = fraction
    return (2 * amount * numerator + denominator) // (2 * denominator)
