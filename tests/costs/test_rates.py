from __future__ import annotations

import pytest

from pointsman.catalog import OffPeak, PriceBand, PriceList, Rates
from pointsman.costs.rates import Tariff, is_off_peak, tariffs
from tests.support.models import SINCE

STANDARD = Rates(input=100, output=400, cache_read=10, cache_write_5m=125, cache_write_1h=200)

CASES: list[tuple[str, PriceList, Rates | None, tuple[Tariff, ...]]] = [
    (
        "30 minutes are billed as an hour; 12 hours have no price",
        PriceList(SINCE, STANDARD),
        None,
        ((100, 400, 10, 125, 200, 200, None),),
    ),
    (
        "all shorter times to live are billed as the one that has a price",
        PriceList(SINCE, Rates(input=100, output=400, cache_read=10, cache_write_30m=125)),
        None,
        ((100, 400, 10, 125, 125, None, None),),
    ),
    (
        "a cache read without a price is billed as input; no cache write has one",
        PriceList(SINCE, Rates(input=100, output=400)),
        None,
        ((100, 400, 100, None, None, None, None),),
    ),
    (
        "a free cache write is free, not unknown",
        PriceList(SINCE, Rates(input=100, output=400, cache_write_5m=0)),
        None,
        ((100, 400, 100, 0, None, None, None),),
    ),
    (
        "a band follows the short prompt's rates, its gaps scaled with its input",
        PriceList(SINCE, STANDARD, bands=(PriceBand(9, Rates(input=200, output=600)),)),
        None,
        ((100, 400, 10, 125, 200, 200, None), (200, 600, 20, 250, 400, 400, None)),
    ),
    (
        "a cheaper tier's gaps are billed at the standard rates, a dearer one's are scaled",
        PriceList(SINCE, STANDARD),
        Rates(input=50, output=200),
        ((50, 200, 10, 125, 200, 200, None),),
    ),
    (
        "a dearer tier's gaps are scaled, rounded up",
        PriceList(SINCE, Rates(input=3, output=4, cache_read=2)),
        Rates(input=5, output=8),
        ((5, 8, 4, None, None, None, None),),
    ),
    (
        "a tier in a band is scaled as the band scales the standard rates",
        PriceList(
            SINCE,
            Rates(input=100, output=400, cache_read=10),
            bands=(PriceBand(9, Rates(input=200, output=600, cache_read=20)),),
        ),
        Rates(input=50, output=200, cache_read=5),
        ((50, 200, 5, None, None, None, None), (100, 300, 10, None, None, None, None)),
    ),
]


@pytest.mark.parametrize(("why", "prices", "special", "expected"), CASES, ids=[c[0] for c in CASES])
def test_gaps(why: str, prices: PriceList, special: Rates | None, expected: tuple[Tariff, ...]) -> None:
    assert tariffs(prices, special) == expected


HOURS = OffPeak(Rates(), peak_weekdays=(0, 1, 2, 3, 4), peak_hours_utc=((1, 4), (6, 10)))


@pytest.mark.parametrize("weekday", range(7))
@pytest.mark.parametrize("hour", range(24))
def test_off_peak_is_all_but_weekday_hours(weekday: int, hour: int) -> None:
    peak = weekday < 5 and hour in (1, 2, 3, 6, 7, 8, 9)
    assert is_off_peak(HOURS, weekday, hour) is not peak
