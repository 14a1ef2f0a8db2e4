from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.catalog import load_catalog
from pointsman.catalog.model import Capabilities, Model, OffPeak, PriceBand, PriceList, Rates
from pointsman.chat import Usage
from pointsman.costs import Pricer, UnpricedUsage
from pointsman.simulator.billing import BUCKETS, format_exact, price


def _at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1_000_000)


STANDARD = Rates(input=2_000_000, output=8_000_000, cache_read=200_000, cache_write_5m=2_500_000)
LATER = PriceList(
    effective=date(2026, 12, 1),
    standard=Rates(input=4_000_000, output=8_000_000),
    off_peak=OffPeak(Rates(input=1_000_000), peak_weekdays=(0, 1, 2, 3, 4), peak_hours_utc=((8, 10),)),
)
FIRST = PriceList(
    effective=date(2026, 1, 1),
    standard=STANDARD,
    bands=(PriceBand(1000, Rates(input=3_000_000)), PriceBand(5000, Rates(input=5_000_000))),
    tiers={"flex": Rates(input=1_000_000, output=4_000_000)},
)
MODEL = Model("m", "openai", (), "active", 10**6, None, None, Capabilities(), (FIRST, LATER))


@pytest.mark.parametrize(
    ("usage", "at", "usd"),
    [
        (Usage(input=1, output=1), "2026-06-01", "0.00001"),
        (Usage(input=10, cache_read=5, cache_write_5m=4), "2026-06-01", "0.000031"),
        (Usage(input=1000), "2026-06-01", "0.002"),
        (Usage(input=1001), "2026-06-01", "0.003003"),
        (Usage(input=1, cache_read=1000), "2026-06-01", "0.000303"),
        (Usage(input=5001), "2026-06-01", "0.025005"),
        (Usage(input=1, output=1, tier="flex"), "2026-06-01", "0.000005"),
        (Usage(input=1, output=1, tier="priority"), "2026-06-01", "0.00001"),
        (Usage(input=1), "2026-11-30T23:59:59", "0.000002"),
        (Usage(input=1), "2026-12-01T00:00:00", "0.000001"),
        (Usage(input=1), "2026-12-01T08:00:00", "0.000004"),
        (Usage(input=1), "2026-12-01T10:00:00", "0.000001"),
        (Usage(input=1), "2026-12-05T08:00:00", "0.000001"),
        (Usage(input=1), "2025-12-31", None),
        (Usage(cache_write_1h=1), "2026-06-01", None),
        (Usage(input=1001, tier="flex"), "2026-06-01", "0.0015015"),
        (Usage(input=1, cache_write_5m=1000), "2026-06-01", "0.003753"),
        (Usage(cache_read=1), "2026-12-01T08:00:00", "0.000004"),
        (Usage(), "2026-06-01", "0"),
    ],
)
def test_price(usage: Usage, at: str, usd: str | None) -> None:
    amount = price(MODEL, usage, _at(at))
    assert (None if amount is None else format_exact(amount)) == usd


def test_every_model_that_is_served_has_a_price() -> None:
    for model in load_catalog().all():
        assert price(model, Usage(input=1, output=1), _at("2026-11-23")) is not None, model.id


_COUNTS = st.integers(0, 400_000)


@given(
    model=st.sampled_from(load_catalog().all()),
    counts=st.fixed_dictionaries(dict.fromkeys(BUCKETS, _COUNTS)),
    tier=st.sampled_from(["", "priority", "flex"]),
    at_us=st.integers(_at("2026-06-01"), _at("2027-02-01")),
)
def test_the_ledger_and_the_referee_come_to_the_same(
    model: Model, counts: dict[str, int], tier: str, at_us: int
) -> None:
    usage = Usage(**counts, tier=tier if tier in model.prices[-1].tiers else "")
    try:
        expected = Pricer(model).price(usage, at_us)
    except UnpricedUsage:
        assert price(model, usage, at_us) is None
        return
    amount = price(model, usage, at_us)
    assert amount is not None
    assert amount * 10**12 == expected


@pytest.mark.parametrize(
    ("amount", "text"), [("0E-12", "0"), ("100", "100"), ("1.500", "1.5"), ("1E-12", "0.000000000001")]
)
def test_format(amount: str, text: str) -> None:
    assert format_exact(Decimal(amount)) == text
