from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.catalog import OffPeak, PriceBand, Rates
from pointsman.catalog.decode import decode_models, per_token
from pointsman.errors import ConfigurationError

PRICE: dict[str, Any] = {"from": "2000-01-01", "input": "2.5", "output": "10"}
MODEL: dict[str, Any] = {
    "id": "m-1",
    "status": "active",
    "context_window": 1000,
    "capabilities": {"vision": True},
    "prices": [PRICE],
    "source": "page",
}


def a_file(price: dict[str, Any] | None = None, **fields: Any) -> bytes:
    prices = {"prices": [PRICE | price]} if price is not None else {}
    models = [MODEL | prices | fields]
    return json.dumps({"provider": "acme", "sources": {"page": "a page"}, "models": models}).encode()


def test_a_model_is_read_with_exact_prices() -> None:
    (model,) = decode_models(a_file(aliases=["m"], retires="2026-12-11", note="n"), "acme.json")
    assert (model.id, model.provider, model.aliases) == ("m-1", "acme", ("m",))
    assert model.prices[0].standard == Rates(input=2_500_000, output=10_000_000)
    assert (model.retires, model.max_input, model.source) == (date(2026, 12, 11), None, "a page")


def test_a_band_with_one_cache_write_keeps_the_ratios_of_the_times_to_live() -> None:
    price = {
        "cache_write": {"5m": "3.75", "1h": "6"},
        "bands": [{"over": 200_000, "input": "6", "cache_write": "7.5"}],
    }
    (model,) = decode_models(a_file(price), "acme.json")
    rates = Rates(input=6_000_000, cache_write_5m=7_500_000, cache_write_1h=12_000_000)
    assert model.prices[0].bands == (PriceBand(200_000, rates),)


def test_a_free_cache_write_stays_free_when_it_is_scaled() -> None:
    price = {"cache_write": {"5m": "0"}, "tiers": {"flex": {"cache_write": "0"}}}
    (model,) = decode_models(a_file(price), "acme.json")
    assert model.prices[0].tiers["flex"].cache_write_5m == 0


def test_multipliers_are_exact_fractions() -> None:
    (model,) = decode_models(a_file({"multipliers": {"us": "1.1", "fast": "2"}}), "acme.json")
    assert model.prices[0].multipliers == {"us": (11, 10), "fast": (2, 1)}


def test_off_peak() -> None:
    off_peak = {"input": "1", "peak": {"weekdays": [0, 4], "hours_utc": [[1, 4]]}}
    (model,) = decode_models(a_file({"off_peak": off_peak}), "acme.json")
    assert model.prices[0].off_peak == OffPeak(Rates(input=1_000_000), (0, 4), ((1, 4),))


WRONG: list[tuple[bytes, str]] = [
    (b"{", "acme.json"),
    (a_file(status="dead"), r"\$.models\[0\].status"),
    (a_file(colour="red"), "colour"),
    (a_file(source="nowhere"), "m-1.source must be one of page"),
    (a_file({"input": "a lot"}), r"m-1.prices\[0\].input must be a decimal number"),
    (a_file({"input": "-1"}), "zero or more"),
    (a_file({"input": "NaN"}), "zero or more"),
    (a_file({"input": "0.0000001"}), "finer"),
    (a_file({"multipliers": {"us": "x"}}), "multipliers.us"),
    (a_file({"cache_write": {"2m": "1"}}), "cache_write.2m"),
    (a_file({"bands": [{"over": 5, "cache_write": "1"}]}), "the standard prices name none"),
    (a_file({"bands": [{"over": 5}, {"over": 5}]}), "in order of `over`"),
    (
        a_file({"cache_write": {"5m": "3", "1h": "1"}, "bands": [{"over": 5, "cache_write": "1"}]}),
        "does not scale",
    ),
    (a_file(prices=[PRICE, PRICE]), "in order of `from`"),
    (a_file(prices=[PRICE | {"from": "2026-01-02"}, PRICE]), "in order of `from`"),
]


@pytest.mark.parametrize(("raw", "message"), WRONG)
def test_what_is_wrong_is_named_with_its_place(raw: bytes, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message) as caught:
        decode_models(raw, "acme.json")
    assert caught.value.message.startswith("acme.json")


@given(st.integers(0, 10**12))
def test_any_price_of_up_to_six_places_is_kept_exactly(micro: int) -> None:
    assert per_token(str(Decimal(micro) / 1_000_000), "price") == micro
