from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from pointsman.catalog import load_catalog
from pointsman.catalog.model import Capabilities, Model, OffPeak, PriceBand, PriceList, Rates
from pointsman.chat import Usage
from pointsman.simulator.invoice import Call, Invoice, format_exact, price


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
        (Usage(input=1, cache_read=1000), "2026-06-01", "0.000203"),
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
        (Usage(), "2026-06-01", "0"),
    ],
)
def test_price(usage: Usage, at: str, usd: str | None) -> None:
    amount = price(MODEL, usage, _at(at))
    assert (None if amount is None else format_exact(amount)) == usd


def test_every_model_that_is_served_has_a_price() -> None:
    for model in load_catalog().all():
        assert price(model, Usage(input=1, output=1), _at("2026-11-23")) is not None, model.id


def _call(**changes: Any) -> Call:
    values: dict[str, Any] = dict.fromkeys(Call.__struct_fields__, 0)
    values |= {"provider": "openai", "model": "m", "outcome": "ok", "stream": False, "usd": "0.1"}
    values |= {"client_request_id": "", "request_id": "", "usage_reported": True, "status": 200}
    return Call(**(values | changes))


def test_totals_are_exact() -> None:
    invoice = Invoice()
    for _ in range(10):
        invoice.add(_call(usd="0.1", input=2))
    invoice.add(_call(usd="0.000000000001"))
    invoice.add(_call(usd=None))
    invoice.add(_call(status=429, outcome="rejected", usd="0"))
    report = invoice.report(in_flight=1, summary=False)
    assert report["total_usd"] == "1.000000000001"
    assert (report["rejected_429"], report["unpriced"], report["in_flight"]) == (1, 1, 1)
    assert len(report["calls"]) == 13
    summary = invoice.report(in_flight=0, summary=True)
    assert summary["count"] == 13
    (row,) = summary["models"]
    assert (row["calls"], row["input"], row["usd"]) == (13, 20, "1.000000000001")
    assert row["outcomes"] == {"ok": 12, "rejected": 1}
    invoice.clear()
    assert len(invoice) == 0


@pytest.mark.parametrize(
    ("amount", "text"), [("0E-12", "0"), ("100", "100"), ("1.500", "1.5"), ("1E-12", "0.000000000001")]
)
def test_format(amount: str, text: str) -> None:
    assert format_exact(Decimal(amount)) == text
