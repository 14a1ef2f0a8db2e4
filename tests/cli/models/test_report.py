from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from rich.console import Console, RenderableType

from pointsman.catalog import load_catalog
from pointsman.cli.models.report import as_data, choose, overview, retirements, tokens, usd
from pointsman.errors import InvalidRequest
from tests.support.models import a_model

TODAY = date(2026, 11, 23)
MODELS = load_catalog().all()


def shown(what: RenderableType, width: int = 80) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(what)
    return capture.get()


CHOICES: list[tuple[dict[str, Any], set[str]]] = [
    ({"provider": "deepseek"}, {"deepseek-flash", "deepseek-v4-pro", "deepseek-chat", "deepseek-reasoner"}),
    ({"provider": "deepseek", "can": "vision"}, {"deepseek-flash"}),
    ({"provider": "deepseek", "can": "Tools, json_schema,reasoning"}, {"deepseek-flash", "deepseek-v4-pro"}),
    (
        {"retiring": True},
        {
            "claude-sonnet-4-5",
            "gpt-5",
            "gpt-5-mini",
            "gpt-5-nano",
            "gpt-4o",
            "gpt-4o-mini",
            "gpt-4.1",
            "gpt-4.1-mini",
        },
    ),
    ({"retiring": True, "provider": "gemini"}, set()),
]


@pytest.mark.parametrize(("asked", "ids"), CHOICES)
def test_filters(asked: dict[str, Any], ids: set[str]) -> None:
    assert {model.id for model in choose(MODELS, TODAY, **asked)} == ids


def test_what_is_not_known_is_not_promised() -> None:
    assert choose([a_model()], TODAY, can="vision") == []


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"can": "flying"}, "No such capability: flying. There are: vision"),
        ({"provider": "x"}, "No provider x"),
    ],
)
def test_wrong_filters_are_named(asked: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidRequest, match=message):
        choose(MODELS, TODAY, **asked)


@pytest.mark.parametrize("width", [80, 120])
def test_every_id_and_date_is_whole(width: int) -> None:
    text = shown(overview(MODELS, TODAY, width), width)
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= width
    for model in MODELS:
        assert f"{model.id} " in text
    assert "2026-11-30!" in text
    assert text.count("\nanthropic ") == 1


def test_the_overview_tells_of_what_it_hides() -> None:
    assert "3 retired ones are not shown" in shown(overview(MODELS, TODAY, 80, hidden=3))
    assert "not shown" not in shown(overview(MODELS, TODAY, 80))


def test_a_row() -> None:
    lines = shown(overview(MODELS, TODAY, 120), 120).splitlines()
    row = next(line for line in lines if line.startswith("gemini-3.8-flash "))
    assert " ".join(row.split()) == (
        "gemini-3.8-flash active 1.05M 65k 0.75 3.75 0.075 vision tools json reasoning pdf"
    )


def test_prices_are_those_of_the_day() -> None:
    argon = [model for model in MODELS if model.id == "gemini-4-argon"]
    assert " 2 " in shown(overview(argon, date(2026, 11, 30), 80))
    assert " 4 " in shown(overview(argon, date(2026, 12, 1), 80))


def test_retirements_come_soonest_first_with_days_and_successor() -> None:
    lines = shown(retirements(choose(MODELS, TODAY, retiring=True), TODAY)).splitlines()
    assert [line.split() for line in lines[2:4]] == [
        ["claude-sonnet-4-5", "anthropic", "2026-11-30", "7", "claude-sonnet-5-5"],
        ["gpt-5", "openai", "2026-12-11", "18", "gpt-6.1-sol"],
    ]


def test_no_retirements() -> None:
    assert "No model here retires within 90 days of 2026-11-23" in shown(retirements([], TODAY))


def test_data_is_exact_and_null_where_unknown() -> None:
    nano = next(model for model in MODELS if model.id == "gpt-5-nano")
    data = as_data(nano, TODAY)
    assert data["usd_per_million_tokens"] == {
        "input": "0.05",
        "output": "0.4",
        "cache_read": "0.005",
        "cache_write_5m": None,
        "cache_write_30m": None,
        "cache_write_1h": None,
        "cache_write_12h": None,
    }
    assert data["prices"][0]["tiers"]["flex"]["cache_read"] == "0.0025"
    assert (data["days_left"], data["successor"], data["status"]) == (18, "gpt-6-luna", "deprecated")
    assert as_data(a_model(prices=()), TODAY)["usd_per_million_tokens"] is None


@pytest.mark.parametrize(
    ("count", "text"),
    [(None, "–"), (512, "512"), (8192, "8k"), (1_000_000, "1M"), (1_047_576, "1.05M"), (2_097_152, "2.1M")],
)
def test_short_token_counts(count: int | None, text: str) -> None:
    assert tokens(count) == text


@pytest.mark.parametrize(("rate", "text"), [(None, "–"), (0, "0"), (2500, "0.0025"), (75_000_000, "75")])
def test_prices_per_million(rate: int | None, text: str) -> None:
    assert usd(rate) == text
