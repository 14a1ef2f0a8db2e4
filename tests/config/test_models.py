from __future__ import annotations

import tomllib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.catalog import load_catalog
from pointsman.config import custom_models, load_settings
from pointsman.config.kinds import Number
from pointsman.config.models import pico_per_token
from pointsman.costs.money import format_usd
from pointsman.errors import ConfigurationError

FILE = """
[models."llama-4.1"]
provider = "local"
name = "meta/llama-4.1-70b"
context_window = 131072
max_output = 4096
aliases = ["llama"]
prices = { input = "0.5", output = 1.5 }
capabilities = { vision = false, tools = true }

[models.bare]
provider = "local"
context_window = 8192
"""


def test_a_table_becomes_a_model_of_the_catalog() -> None:
    llama, bare = custom_models(load_settings({}, tomllib.loads(FILE)).models)
    assert (llama.id, llama.provider, llama.aliases) == ("llama-4.1", "local", ("llama",))
    assert (llama.context_window, llama.max_output) == (131072, 4096)
    assert (llama.capabilities.vision, llama.capabilities.tools, llama.capabilities.pdf) == (
        False,
        True,
        None,
    )
    rates = llama.prices[0].standard
    assert (rates.input, rates.output, rates.cache_read) == (500_000, 1_500_000, None)
    assert (bare.max_output, bare.prices) == (None, ())


def test_the_catalog_takes_them() -> None:
    catalog = load_catalog(custom_models(load_settings({}, tomllib.loads(FILE)).models))
    assert catalog.resolve("llama") is catalog.resolve("llama-4.1") is not None


@pytest.mark.parametrize(
    ("price", "pico"),
    [
        ("0.5", 500_000),
        (0.15, 150_000),
        (3, 3_000_000),
        ("0", 0),
        (0.000001, 1),
        ("1e-6", 1),
        ("2.50", 2_500_000),
    ],
)
def test_prices_are_exact(price: Number, pico: int) -> None:
    assert pico_per_token(price, "p") == pico


@pytest.mark.parametrize("price", ["cheap", "", "-1", -0.5, "nan", "inf", float("inf"), "0.0000001", 1e-7])
def test_a_price_that_is_none_is_refused_by_path(price: Number) -> None:
    with pytest.raises(ConfigurationError) as caught:
        pico_per_token(price, "models.m.prices.input")
    assert caught.value.message.startswith("models.m.prices.input: ")


@given(st.decimals(min_value=0, max_value=10_000, places=6))
def test_a_million_tokens_cost_what_was_written(price: Decimal) -> None:
    assert Decimal(format_usd(pico_per_token(str(price), "p") * 1_000_000)) == price
    assert pico_per_token(float(price), "p") == pico_per_token(str(price), "p")
