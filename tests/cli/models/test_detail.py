from __future__ import annotations

from datetime import date

import pytest
from rich.console import Console

from pointsman.catalog import load_catalog
from pointsman.cli.models.detail import detail
from tests.support.models import a_model

CATALOG = load_catalog()


def shown(name: str, today: date, width: int = 80) -> str:
    model = CATALOG.resolve(name)
    assert model is not None
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(detail(model, today))
    return capture.get()


TITLES = [
    (
        "gemini-4-argon",
        date(2026, 11, 23),
        ["Prices now, until 2026-11-30", "Prices from 2026-12-01 (in 8 days)"],
    ),
    ("gemini-4-argon", date(2026, 12, 1), ["Prices until 2026-11-30", "Prices now, since 2026-12-01"]),
    ("gpt-4o", date(2026, 11, 23), ["Prices now, in US"]),
]


@pytest.mark.parametrize(("name", "today", "titles"), TITLES)
def test_prices_past_present_and_to_come(name: str, today: date, titles: list[str]) -> None:
    found = [line for line in shown(name, today).splitlines() if line.startswith("Prices")]
    assert len(found) == len(titles)
    for line, title in zip(found, titles, strict=True):
        assert line.startswith(title)


def test_a_retired_model_says_so_and_is_found_by_its_alias() -> None:
    text = shown("opus-4", date(2026, 11, 23), 120)
    assert "was retired on 2026-06-15; its successor is claude-opus-5-5" in text
    assert "aliases         claude-opus-4-0" in text


def test_bands_tiers_and_options() -> None:
    lines = [line.split() for line in shown("claude-haiku-5-5", date(2026, 11, 23)).splitlines()]
    assert ["input", "output", "cached", "write", "5m", "write", "1h"] in lines
    assert ["prompt", "over", "100k", "0.5", "2.5", "0.05", "0.625", "1"] in lines
    assert ["batch", "0.05", "0.25", "–", "–", "–"] in lines
    assert ["Option", "us:", "all", "prices", "×", "1.1"] in lines


def test_peak_hours() -> None:
    text = " ".join(shown("deepseek-flash", date(2026, 11, 23)).split())
    assert "Mon, Tue, Wed, Thu, Fri, 01:00–04:00 and 06:00–10:00 UTC" in text
    assert "off-peak 0.15 0.6 0.003" in text


def test_what_is_not_known_is_called_so() -> None:
    console = Console(width=80, color_system=None)
    with console.capture() as capture:
        console.print(detail(a_model(max_output=None, prices=()), date(2026, 11, 23)))
    assert "longest answer  not known" in capture.get()
    assert "No known price." in capture.get()
