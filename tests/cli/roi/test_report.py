from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from rich.console import Console, RenderableType

from pointsman.catalog import Catalog, PriceList, Rates
from pointsman.cli.roi.report import (
    choose_baseline,
    dollars,
    percent,
    prices_of,
    reaching,
    roi_data,
    roi_tables,
    verdict,
)
from pointsman.costs import PER_USD
from pointsman.costs.roi import compare
from pointsman.errors import InvalidRequest, ModelNotFound
from tests.support.models import SINCE, M, a_model

TODAY = date(2026, 11, 23)
NOW_US = 1_795_435_200_000_000
CATALOG = Catalog(
    [
        a_model("small"),
        a_model("large", prices=(PriceList(SINCE, Rates(input=10 * M, output=40 * M)),), aliases=("big",)),
        a_model("old", retires=date(2026, 1, 1), status="retired", successor="small"),
        a_model("free", prices=(PriceList(SINCE, Rates(input=0, output=0)),)),
        a_model("unpriced", prices=()),
    ]
)
HALVES = {"small": Fraction(1, 2), "big": Fraction(1, 2)}


def shown(renderable: RenderableType) -> str:
    console = Console(width=80, highlight=False)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "0.00"),
        (PER_USD, "1.00"),
        (1_425 * PER_USD // 1000, "1.425"),
        (7_488_500 * PER_USD, "7,488,500.00"),
        (-PER_USD // 2, "−0.50"),
        (PER_USD // 20_000, "0.0001"),
        (PER_USD // 20_000 - 1, "0.00"),
        (Fraction(2 * PER_USD, 3), "0.6667"),
    ],
)
def test_money(amount: int | Fraction, text: str) -> None:
    assert dollars(amount) == text


@pytest.mark.parametrize(
    ("share", "decimals", "text"),
    [
        (None, 1, "–"),
        (Fraction(4, 100), 1, "4 %"),
        (Fraction(1, 3), 1, "33.3 %"),
        (Fraction(1, 3), 2, "33.33 %"),
        (Fraction(-26, 10), 1, "−260 %"),
        (Fraction(-1, 3), 1, "−33.3 %"),
        (Fraction(100), 1, "10,000 %"),
    ],
)
def test_percent(share: Fraction | None, decimals: int, text: str) -> None:
    assert percent(share, decimals) == text


def test_models_are_found_by_alias_and_keep_the_name_that_they_were_given() -> None:
    models, per_call = prices_of(CATALOG, ("big", "small", "big"), (600, 400), NOW_US)
    assert {name: model.id for name, model in models.items()} == {"big": "large", "small": "small"}
    assert per_call == {"big": 22_000 * M, "small": 2_200 * M}


def test_what_has_no_price_or_is_not_known_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="unpriced has no known price"):
        prices_of(CATALOG, ("unpriced",), (1, 1), NOW_US)
    with pytest.raises(ModelNotFound, match="No model smal in the catalog"):
        prices_of(CATALOG, ("smal",), (1, 1), NOW_US)


def test_the_baseline_where_none_is_named() -> None:
    assert choose_baseline({"sonnet-4": 1, "opus-4": 5}) == "sonnet-4"
    assert choose_baseline({"a": 1, "b": 5, "c": 5}) == "b"


def test_the_tables_fit_eighty_columns() -> None:
    models, per_call = prices_of(CATALOG, ("small", "big", "old"), (600, 400), NOW_US)
    thirds = {name: Fraction(1, 3) for name in models}
    roi = compare(9 * 10**8, thirds, per_call, "big")
    text = shown(roi_tables(roi, thirds, (600, 400), [Fraction(1, 2), Fraction(9, 10)], models, TODAY))
    assert max(map(len, text.splitlines())) <= 80
    assert "900,000,000 calls of 600 tokens in and 400 out, at the list prices of 2026-11-23" in " ".join(
        text.split()
    )
    assert "33.33 %" in text and "saves $11,880,000.00: 60 %" in text
    assert "this mix with at most 44.44 % big, the others in proportion" in text
    assert "old was retired on 2026-01-01; its successor is small" in text


def test_verdicts() -> None:
    _, per_call = prices_of(CATALOG, ("small", "big", "free"), (600, 400), NOW_US)
    said = {name: verdict(compare(2, HALVES, per_call, name)) for name in ("big", "small", "free")}
    assert said == {
        "big": "Against all at big ($0.044) this mix saves $0.0198: 45 %.",
        "small": "Against all at small ($0.0044) this mix costs $0.0198 more: 450 %.",
        "free": "Against all at free ($0.00) this mix saves nothing: that one costs nothing.",
    }


def test_what_no_mix_reaches_is_said() -> None:
    _, per_call = prices_of(CATALOG, ("small", "big"), (600, 400), NOW_US)
    roi = compare(100, HALVES, per_call, "big")
    (line,) = reaching(roi, HALVES, Fraction(95, 100))
    assert str(line) == "No mix of these saves 95 %: small alone saves 90 %."
    lines = [str(line) for line in reaching(roi, HALVES, Fraction(1, 3))]
    assert lines == [
        "To save 33.3 % against big:",
        "  small 37.04 %, big 62.96 % (38 to 62 saves 34.2 %)",
        "  small alone (saves 90 %)",
    ]


def test_data_is_exact() -> None:
    _, per_call = prices_of(CATALOG, ("small", "big"), (600, 400), NOW_US)
    data = roi_data(compare(100, HALVES, per_call, "big"), HALVES, (600, 400), [Fraction(9, 20)], TODAY)
    assert (data["mix_usd"], data["baseline_usd"], data["saved_usd"], data["saving"]) == (
        "1.21",
        "2.2",
        "0.99",
        0.45,
    )
    assert data["reaching"] == [
        {
            "saving": 0.45,
            "mixes": [{"small": 0.5, "big": 0.5}, {"small": 1.0}],
            "most_of_dearest": {"model": "big", "share": 0.5},
        }
    ]
