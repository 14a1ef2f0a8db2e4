from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pointsman.catalog import load_catalog
from pointsman.chat import Usage
from pointsman.costs import UnpricedUsage, against, format_usd, list_price, parse_usd
from tests.support.clock import to_us
from tests.support.models import a_model

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

CASES = [
    # another model, usage, US dollars
    ("claude-opus-5-5", Usage(input=1000, output=1000), "0.024"),
    ("claude-opus-5-5", Usage(input=1000, output=1000, tier="flex"), "0.024"),
    ("claude-opus-5-5", Usage(cache_write_30m=1000), "0.008"),  # as for an hour
    ("gpt-4o", Usage(input=1000, cache_write_1h=1000), "0.005"),  # it would have written nothing
    ("gpt-4o", Usage(cache_read=1000), "0.00125"),
]


@pytest.mark.parametrize(("name", "usage", "usd"), CASES)
def test_the_same_usage_elsewhere(name: str, usage: Usage, usd: str) -> None:
    model = load_catalog().resolve(name)
    assert model is not None
    assert format_usd(against(model, usage, NOON)) == usd


def test_a_model_without_prices_cannot_be_compared_with() -> None:
    with pytest.raises(UnpricedUsage):
        against(a_model(prices=()), Usage(input=1), NOON)


def test_a_list_price_is_that_of_the_peak_hours_and_the_date() -> None:
    catalog = load_catalog()
    deepseek, argon = catalog.resolve("deepseek-flash"), catalog.resolve("gemini-4-argon")
    assert deepseek is not None and argon is not None
    for hour in (3, 5):
        at = to_us(datetime(2026, 11, 23, hour, tzinfo=UTC))
        assert list_price(deepseek, 1_000_000, 0, at) == parse_usd("0.3")
    for day, usd in ((date(2026, 11, 30), "2"), (date(2026, 12, 1), "4")):
        at = to_us(datetime(day.year, day.month, day.day, tzinfo=UTC))
        assert format_usd(list_price(argon, 1_000_000, 0, at)) == usd
