from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from pointsman.catalog import load_catalog
from pointsman.errors import InvalidRequest
from pointsman.routing.evidence.prices import Rate, at_list, at_rates, at_ratio, read_rates
from tests.support.routing_tables import MODELS, prompts

PROMPTS = prompts(3)
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def test_at_a_ratio_each_is_dearer_by_one_factor() -> None:
    found = at_ratio(PROMPTS, MODELS, 25.0)
    assert found.costs == [pytest.approx((1.0, 5.0, 25.0))] * 3
    assert found.words == "a price ratio of 25"


def test_at_given_prices_by_the_tokens() -> None:
    rates = {model: Rate(1.0, 5.0 * at) for at, model in enumerate(MODELS)}
    assert at_rates(PROMPTS, MODELS, rates).costs[0] == pytest.approx((20e-6, 520e-6, 1020e-6))
    with pytest.raises(InvalidRequest, match="No price is given for opus"):
        at_rates(PROMPTS, MODELS, {"haiku": Rate(1, 1), "sonnet": Rate(1, 1)})
    bare = [msgspec.structs.replace(PROMPTS[0], tokens={})]
    with pytest.raises(InvalidRequest, match="has no input_tokens"):
        at_rates(bare, MODELS, rates)


def test_at_list_prices_where_all_is_known() -> None:
    """Claude 3 haiku is $0.25 and $1.25 for a million: 20 and 100 tokens are $0.00013."""
    name = "claude-3-haiku-20240307"
    known = [msgspec.structs.replace(PROMPTS[0], tokens={name: (20, 100)})]
    found = at_list(known, (name,), load_catalog(), NOW)
    assert found is not None
    assert found.costs == [pytest.approx((0.00013,))]
    assert "2026-11-01" in found.words


@pytest.mark.parametrize("models", [("nobody",), ("claude-3-haiku-20240307",)])
def test_without_a_model_or_its_tokens_list_prices_say_nothing(models: tuple[str, ...]) -> None:
    assert at_list(PROMPTS, models, load_catalog(), NOW) is None


def test_prices_are_read() -> None:
    assert read_rates(b'{"a": {"input": 3, "output": 15}}') == {"a": Rate(3, 15)}
    with pytest.raises(InvalidRequest, match="Prices are JSON"):
        read_rates(b'{"a": 3}')
