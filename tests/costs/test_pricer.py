from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.catalog import Model, OffPeak, PriceBand, PriceList, Rates, load_catalog
from pointsman.chat import Usage
from pointsman.costs import PER_USD, Pricer, UnpricedUsage, format_usd
from pointsman.costs.rates import BUCKETS
from tests.support.clock import to_us
from tests.support.models import SINCE, M, a_model

CATALOG = load_catalog()
MONDAY_NOON = to_us(datetime(2026, 11, 23, 12, tzinfo=UTC))


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> int:
    return to_us(datetime(year, month, day, hour, minute, tzinfo=UTC))


def a_pricer(name: str) -> Pricer:
    model = CATALOG.resolve(name)
    assert model is not None
    return Pricer(model)


MILLION = 1_000_000
REAL: list[tuple[str, Usage, int, str, tuple[str, ...], str]] = [
    # model, usage, when, tier, options, US dollars by the printed prices
    ("gpt-4o", Usage(input=500, output=500), MONDAY_NOON, "", (), "0.00625"),
    ("gpt-4o", Usage(input=100, output=10, cache_read=1000), MONDAY_NOON, "", (), "0.0016"),
    ("gpt-4o", Usage(input=1000, output=100), MONDAY_NOON, "priority", (), "0.00595"),
    ("gpt-4o", Usage(input=1000, output=100), MONDAY_NOON, "batch", (), "0.00175"),
    ("gpt-4o", Usage(input=1000, output=100), MONDAY_NOON, "flex", (), "0.0035"),  # no such price: standard
    ("gpt-4o", Usage(input=1000, output=100, tier="default"), MONDAY_NOON, "priority", (), "0.0035"),
    ("gpt-4o", Usage(input=1000, output=100, tier="priority"), MONDAY_NOON, "auto", (), "0.00595"),
    # cache writes by time to live
    ("claude-opus-5-5", Usage(cache_write_5m=MILLION), MONDAY_NOON, "", (), "5"),
    ("claude-opus-5-5", Usage(cache_write_1h=MILLION), MONDAY_NOON, "", (), "8"),
    ("gpt-6.1-sol", Usage(cache_write_30m=1000, cache_write_12h=1000), MONDAY_NOON, "", (), "0.0075"),
    # the whole prompt is priced by its band, what was cached included
    ("claude-haiku-5-5", Usage(input=100_000), MONDAY_NOON, "", (), "0.01"),
    ("claude-haiku-5-5", Usage(input=100_001), MONDAY_NOON, "", (), "0.0500005"),
    ("claude-haiku-5-5", Usage(input=1, cache_read=100_000, output=10), MONDAY_NOON, "", (), "0.0050255"),
    ("claude-haiku-5-5", Usage(cache_write_1h=200_000), MONDAY_NOON, "", (), "0.2"),
    ("gpt-6.1-sol", Usage(input=300_000), MONDAY_NOON, "flex", (), "0.6"),
    ("gemini-3.1-pro-preview", Usage(input=300_000, output=1000), MONDAY_NOON, "batch", (), "0.609"),
    # dates
    ("gemini-4-argon", Usage(input=MILLION), at(2026, 12, 1) - 1, "", (), "2"),
    ("gemini-4-argon", Usage(input=MILLION), at(2026, 12, 1), "", (), "4"),
    ("claude-sonnet-5-5", Usage(cache_read=MILLION), at(2026, 10, 7) - 1, "", (), "0.2"),
    ("claude-sonnet-5-5", Usage(cache_read=MILLION), at(2026, 10, 7), "", (), "0.1"),
    # hours: 2026-11-23 is a Monday
    ("deepseek-flash", Usage(input=MILLION), at(2026, 11, 23, 1), "", (), "0.3"),
    ("deepseek-flash", Usage(input=MILLION), at(2026, 11, 23, 3, 59), "", (), "0.3"),
    ("deepseek-flash", Usage(input=MILLION), at(2026, 11, 23, 4), "", (), "0.15"),
    ("deepseek-flash", Usage(input=MILLION), at(2026, 11, 23, 9, 59), "default", (), "0.3"),
    ("deepseek-flash", Usage(input=MILLION), at(2026, 11, 22, 1), "", (), "0.15"),
    # options
    ("claude-opus-5-5", Usage(input=1, output=1), MONDAY_NOON, "", ("us",), "0.0000264"),
    ("claude-opus-5-5", Usage(input=1, output=1), MONDAY_NOON, "", ("us", "fast"), "0.0000528"),
    ("claude-opus-5-5", Usage(input=1, output=1), MONDAY_NOON, "fast", (), "0.000048"),
]


@pytest.mark.parametrize(("name", "usage", "when", "tier", "options", "usd"), REAL)
def test_real_prices(
    name: str, usage: Usage, when: int, tier: str, options: tuple[str, ...], usd: str
) -> None:
    pricer = a_pricer(name)
    assert format_usd(pricer.price(usage, when, tier, options)) == usd
    assert format_usd(pricer.breakdown(usage, when, tier, options).total) == usd


UNPRICED: list[tuple[Model, Usage, int, str, tuple[str, ...], str]] = [
    (a_model(), Usage(cache_write_5m=1), MONDAY_NOON, "", (), "for cache write 5m tokens"),
    (a_model(prices=()), Usage(), MONDAY_NOON, "", (), "give it one in the configuration"),
    (
        a_model(prices=(PriceList(date(2027, 1, 1), Rates(input=1, output=1)),)),
        Usage(),
        MONDAY_NOON,
        "",
        (),
        "first one is of later",
    ),
    (a_model(), Usage(input=1), MONDAY_NOON, "priority", (), 'tier "priority"'),
    (a_model(), Usage(input=1, tier="scale"), MONDAY_NOON, "", (), 'tier "scale"'),
    (a_model(), Usage(input=1), MONDAY_NOON, "", ("us",), 'option "us"'),
    (a_model(prices=(PriceList(SINCE, Rates(output=1)),)), Usage(input=1), MONDAY_NOON, "", (), "for input"),
    (a_model(prices=(PriceList(SINCE, Rates(input=1)),)), Usage(output=1), MONDAY_NOON, "", (), "for output"),
]


@pytest.mark.parametrize(("model", "usage", "when", "tier", "options", "message"), UNPRICED)
def test_an_unknown_price_is_an_error(
    model: Model, usage: Usage, when: int, tier: str, options: tuple[str, ...], message: str
) -> None:
    pricer = Pricer(model)
    with pytest.raises(UnpricedUsage, match=message):
        pricer.price(usage, when, tier, options)
    with pytest.raises(UnpricedUsage, match=message):
        pricer.breakdown(usage, when, tier, options)


def test_the_rates_of_a_prompt_are_those_that_it_is_priced_at() -> None:
    haiku = a_pricer("claude-haiku-5-5")
    for prompt in (1, 100_000, 100_001):
        rates = haiku.rates(MONDAY_NOON, prompt)
        assert rates[0] is not None and rates[2] is not None
        assert haiku.price(Usage(cache_read=prompt), MONDAY_NOON) == rates[2] * prompt
        assert haiku.price(Usage(input=prompt), MONDAY_NOON) == rates[0] * prompt


def test_no_tokens_need_no_price() -> None:
    pricer = Pricer(a_model(prices=(PriceList(SINCE, Rates(input=1)),)))
    assert pricer.price(Usage(input=3), MONDAY_NOON) == 3


def test_rounding_is_half_up_and_only_once() -> None:
    prices = PriceList(SINCE, Rates(input=1, output=1), multipliers={"x": (1, 2), "y": (1, 3)})
    pricer = Pricer(a_model(prices=(prices,)))
    assert [pricer.price(Usage(input=n), MONDAY_NOON, "", ("x",)) for n in range(4)] == [0, 1, 1, 2]
    assert [pricer.price(Usage(input=n), MONDAY_NOON, "", ("x", "y")) for n in (2, 3, 8, 9)] == [0, 1, 1, 2]


def test_a_breakdown_adds_up() -> None:
    usage = Usage(input=10, output=20, cache_read=5, cache_write_1h=3, reasoning=7)
    found = a_pricer("claude-opus-5-5").breakdown(usage, MONDAY_NOON, "", ("us",))
    assert [(line.bucket, line.tokens, line.rate) for line in found.lines] == [
        ("input", 10, 4 * M),
        ("output", 20, 20 * M),
        ("cache_read", 5, M // 5),
        ("cache_write_1h", 3, 8 * M),
    ]
    assert sum(line.cost for line in found.lines) + found.adjustment == found.total
    assert found.adjustment == sum(line.cost for line in found.lines) // 10


def test_the_worst_case_of_real_models() -> None:
    # opus: the prompt may be written to the cache for an hour, at twice the price of input
    assert a_pricer("claude-opus-5-5").worst_case(1000, 100, MONDAY_NOON) == (8000 + 2000) * M
    assert (
        a_pricer("claude-opus-5-5").worst_case(1000, 100, MONDAY_NOON, cache_writes=False)
        == (4000 + 2000) * M
    )
    # deepseek: a reservation is made at peak prices, whatever the hour
    assert a_pricer("deepseek-flash").worst_case(10, 10, at(2026, 11, 22)) == (3 + 12) * M
    assert a_pricer("gpt-4o").worst_case(10, 0, MONDAY_NOON, "priority") == 42_500_000
    with pytest.raises(UnpricedUsage, match="for output"):
        Pricer(a_model(prices=(PriceList(SINCE, Rates(input=1)),))).worst_case(1, 1, MONDAY_NOON)


# --- properties -------------------------------------------------------------------------------------

counts = st.integers(0, 400_000)
usages = st.builds(Usage, **dict.fromkeys(BUCKETS, counts), reasoning=counts)
fully_priced = st.sampled_from(
    [
        a_model(
            prices=(
                PriceList(
                    SINCE,
                    Rates(7, 31, 3, 9, 11, 13, 17),
                    bands=(
                        PriceBand(1000, Rates(14, 62, 6, 18, 22, 26, 34)),
                        PriceBand(300_000, Rates(21, 70, 7, 20, 23, 27, 35)),
                    ),
                    tiers={"flex": Rates(3, 15, 1, 4, 5, 6, 8), "priority": Rates(input=20, output=80)},
                    multipliers={"us": (11, 10), "odd": (1, 7)},
                    off_peak=OffPeak(Rates(5, 25, 2, 8, 9, 10, 12), (0, 1), ((9, 15),)),
                ),
            )
        ),
        a_model(prices=(PriceList(SINCE, Rates(7, 31, 3, 9, 11, 13, 17)),)),
    ]
)
times = st.integers(at(2026, 1, 1), at(2027, 1, 1))


def oracle(model: Model, usage: Usage, at_us: int, multiplier: Fraction) -> int:
    """The price of the standard tier, written as one would say it."""
    prices = model.prices[0]
    rates = prices.standard
    moment = datetime.fromtimestamp(at_us // 1_000_000, UTC)
    hours = prices.off_peak
    quiet = hours is not None and not (
        moment.weekday() in hours.peak_weekdays and any(a <= moment.hour < b for a, b in hours.peak_hours_utc)
    )
    off = hours.rates if hours is not None and quiet else rates
    band = [b.rates for b in prices.bands if usage.input + usage.cache_read + usage.cache_write > b.over]
    total = Fraction(0)
    for bucket in BUCKETS:
        rate = Fraction(getattr(off, bucket))
        if band:
            rate *= Fraction(getattr(band[-1], bucket), getattr(rates, bucket))
            rate = Fraction(-(-rate.numerator // rate.denominator))
        total += rate * getattr(usage, bucket)
    total *= multiplier
    return (2 * total.numerator + total.denominator) // (2 * total.denominator)


@given(fully_priced, usages, times)
def test_it_equals_the_naive_way(model: Model, usage: Usage, at_us: int) -> None:
    pricer = Pricer(model)
    assert pricer.price(usage, at_us) == oracle(model, usage, at_us, Fraction(1))
    if model.prices[0].multipliers:
        expected = oracle(model, usage, at_us, Fraction(11, 70))
        assert pricer.price(usage, at_us, "", ("us", "odd")) == expected
        assert pricer.breakdown(usage, at_us, "", ("us", "odd")).total == expected


@given(fully_priced, usages, times, st.sampled_from(BUCKETS), st.integers(0, 1000))
def test_more_tokens_never_cost_less(model: Model, usage: Usage, at_us: int, bucket: str, extra: int) -> None:
    pricer = Pricer(model)
    added: dict[str, Any] = {bucket: extra}
    more = usage + Usage(**added)
    assert pricer.price(more, at_us) >= pricer.price(usage, at_us)


@given(usages, times)
def test_usage_split_into_its_buckets_costs_the_same(usage: Usage, at_us: int) -> None:
    model = a_model(prices=(PriceList(SINCE, Rates(7, 31, 3, 9, 11, 13, 17)),))
    pricer = Pricer(model)
    parts = [Usage(**{bucket: getattr(usage, bucket)}) for bucket in BUCKETS]
    assert sum(pricer.price(part, at_us) for part in parts) == pricer.price(usage, at_us)


@given(fully_priced, usages, times, st.sampled_from(["", "flex", "batch", "default"]))
def test_the_worst_case_is_never_below_the_price(model: Model, usage: Usage, at_us: int, tier: str) -> None:
    pricer = Pricer(model)
    worst = pricer.worst_case(usage.prompt, usage.output, at_us, tier)
    assert worst >= pricer.price(usage, at_us, tier)
    assert worst >= pricer.price(Usage(input=usage.prompt // 2, output=usage.output // 2), at_us, tier)


@given(usages, st.sampled_from([m for m in CATALOG.all() if m.status == "active"]), times)
def test_every_active_model_prices_plain_usage(usage: Usage, model: Model, at_us: int) -> None:
    plain = Usage(input=usage.input + 1, output=usage.output, cache_read=usage.cache_read)
    cost = Pricer(model).price(plain, at_us)
    assert 0 < cost < PER_USD * 100
