from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import Usage
from pointsman.demo.prompts.report import add_up, percentile
from pointsman.demo.prompts.result import DemoResult

OK = DemoResult(
    prompt_id="p",
    kind="chat",
    sdk="openai",
    stream=True,
    asked="cheap",
    model="cheap",
    provider="one",
    status=200,
    error="",
    usage=Usage(input=80, cache_read=20, output=10),
    ttft=0.5,
    latency=1.0,
    cost=1000,
    attempts=1,
    request_id="r",
)
PRICES = {"cheap": (1, 2), "dear": (10, 50)}


def price(model: str, usage: Usage) -> int | None:
    rates = PRICES.get(model)
    return rates and usage.prompt * rates[0] + usage.output * rates[1]


def but(**changes: object) -> DemoResult:
    return msgspec.structs.replace(OK, **changes)


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 50, None), ([3.0], 99, 3.0), ([1, 2, 3, 4], 50, 2), ([4, 3, 2, 1], 99, 4), ([1, 2, 3], 50, 2)],
)
def test_percentile_by_nearest_rank(values: list[float], percent: int, expected: float | None) -> None:
    assert percentile(values, percent) == expected


@given(st.lists(st.floats(0, 1e6), min_size=1), st.integers(1, 100))
def test_a_percentile_is_a_value_that_enough_do_not_exceed(values: list[float], percent: int) -> None:
    found = percentile(values, percent)
    assert found in values
    assert sum(value <= found for value in values) * 100 >= percent * len(values)


def test_rows_add_up_to_the_total() -> None:
    results = [
        OK,
        but(attempts=3, latency=3.0, ttft=None),
        but(model="dear", provider="two", cost=9000),
        but(
            model="dear", provider="two", status=429, error="no", usage=None, ttft=None, cost=0, latency=99.0
        ),
    ]
    report = add_up(results, price)
    assert [row.model for row in report.rows] == ["dear", "cheap"]
    dear, cheap = report.rows
    assert (dear.requests, dear.errors, dear.latency_p99) == (2, 1, 1.0)
    assert (cheap.retries, cheap.input, cheap.output, cheap.cost) == (2, 200, 20, 2000)
    assert (cheap.ttft_p50, cheap.latency_p50, cheap.latency_p99) == (0.5, 1.0, 3.0)
    total = report.total
    for name in ("requests", "errors", "retries", "input", "output", "cost", "unpriced"):
        assert getattr(total, name) == getattr(dear, name) + getattr(cheap, name)
    assert (total.provider, dear.provider) == ("", "two")


def test_a_cost_that_is_not_known_is_counted_apart() -> None:
    report = add_up([OK, but(cost=None)], price)
    assert (report.total.cost, report.total.unpriced) == (1000, 1)
    assert report.comparison is not None and report.comparison.requests == 1


def test_the_strongest_is_the_one_with_the_dearest_output() -> None:
    comparison = add_up([OK, but(model="dear", cost=5), but(model="nameless")], price).comparison
    assert comparison is not None
    assert (comparison.model, comparison.requests) == ("dear", 3)
    assert comparison.cost == 2005
    assert comparison.strongest_cost == 3 * (100 * 10 + 10 * 50)
    assert comparison.saved == 4500 - 2005
    assert comparison.saved_percent == pytest.approx(100 * 2495 / 4500)


def test_nothing_to_compare() -> None:
    assert add_up([but(model="nameless")], price).comparison is None
    empty = add_up([], price)
    assert (empty.rows, empty.comparison, empty.total.requests) == ((), None, 0)
    unknown = add_up([but(usage=None)], price).comparison
    assert unknown is not None and unknown.saved_percent is None
