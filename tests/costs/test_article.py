from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction

import pytest

from pointsman.catalog import load_catalog
from pointsman.chat import Usage
from pointsman.costs import PER_USD, format_usd, price
from pointsman.costs.article import (
    MODELS,
    PRINTED_BASELINE,
    PRINTED_MIX,
    PRINTED_SAVED,
    PRINTED_SAVING,
    PRINTED_YEAR,
    WITHOUT_LARGE,
    at_own_prices,
    at_todays_prices,
    figures,
    own_program,
    price_table,
)
from tests.support.clock import to_us

CATALOG = load_catalog()
NOW_US = to_us(datetime(2026, 11, 23, 3, tzinfo=UTC))  # in the peak hours of DeepSeek


@pytest.mark.parametrize(
    ("title", "printed", "right", "successor", "today"),
    [
        ("Claude Opus 4", "18.5", "45", "claude-opus-5-5", "12"),
        ("Claude Sonnet 4", "4.2", "9", "claude-sonnet-5-5", "6"),
        ("Claude Haiku 4", "1.15", "2.4", "claude-haiku-4-5", "3"),
        ("DeepSeek V3.2", "0.18", "0.28", "deepseek-flash", "0.75"),
        ("Gemini 2.5 Flash", "0.85", "1.425", "gemini-3.8-flash", "2.25"),
    ],
)
def test_the_table_of_prices(title: str, printed: str, right: str, successor: str, today: str) -> None:
    (row,) = (row for row in price_table(CATALOG, NOW_US) if row.title == title)
    assert (format_usd(row.printed), format_usd(row.right)) == (printed, right)
    assert (row.successor, format_usd(row.today)) == (successor, today)


def test_the_example_of_a_month() -> None:
    right = at_own_prices()
    assert (right.baseline, right.baseline_cost, right.cost) == ("sonnet-4", 7_800 * PER_USD, 7_488 * PER_USD)
    assert right.saving == Fraction(4, 100)
    opus = next(line for line in right.lines if line.model == "opus-4")
    assert Fraction(opus.cost, right.cost) > Fraction(1, 2)  # half of the money for a tenth of the calls


def test_without_the_large_model_it_saves_half() -> None:
    saving = at_own_prices(WITHOUT_LARGE).saving
    assert saving is not None
    assert f"{float(saving):.0%}" == "51%"


def test_what_its_program_computes() -> None:
    day = own_program()
    assert [format_usd(cost) for cost in (day.baseline_cost, day.cost, day.saved)] == ["60", "57.6", "2.4"]
    assert day.saving == Fraction(4, 100)
    assert format_usd(365 * day.saved) == "876"


def test_the_example_with_the_models_of_today() -> None:
    now = at_todays_prices(CATALOG, NOW_US)
    assert now.baseline == "claude-sonnet-5-5"
    assert (format_usd(now.baseline_cost), format_usd(now.cost)) == ("5200", "4160")
    assert now.saving == Fraction(1, 5)


def test_the_figures_beside_each_other() -> None:
    found = figures(at_own_prices(), at_todays_prices(CATALOG, NOW_US))
    assert [format_usd(figure.printed) for figure in found] == ["4200", "1890", "2310", "27720"]
    assert [format_usd(figure.right) for figure in found] == ["7800", "7488", "312", "3744"]
    assert [format_usd(figure.today) for figure in found] == ["5200", "4160", "1040", "12480"]


def test_what_is_printed_fits_together_though_it_is_wrong() -> None:
    assert PRINTED_BASELINE - PRINTED_MIX == PRINTED_SAVED
    assert round(Fraction(PRINTED_SAVED, PRINTED_BASELINE), 2) == PRINTED_SAVING
    assert 12 * PRINTED_SAVED == PRINTED_YEAR


@pytest.mark.parametrize("model", MODELS[:3], ids=lambda model: model.name)
def test_its_prices_of_claude_are_those_of_the_catalog(model: object) -> None:
    then = datetime(2026, 1, 15, tzinfo=UTC)
    (row,) = (known for known in MODELS if known is model)
    known = CATALOG.resolve(row.name)
    assert known is not None
    assert price(known, Usage(input=500, output=300), then) == row.per_call(500, 300)
