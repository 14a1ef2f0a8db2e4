from __future__ import annotations

from datetime import date

from rich.console import Console

from pointsman.catalog import Catalog, Preset, load_catalog, load_presets
from pointsman.cli.presets.report import preset_table
from tests.support.models import a_model

TODAY = date(2026, 11, 23)


def shown(presets: list[Preset], catalog: Catalog, width: int = 80) -> str:
    console = Console(width=width, color_system=None)
    with console.capture() as capture:
        console.print(preset_table(presets, catalog, TODAY, width))
    return capture.get()


def test_the_packaged_presets() -> None:
    text = shown(list(load_presets().values()), load_catalog())
    rows = [line.split() for line in text.splitlines()]
    assert ["code-generation", "claude-sonnet-4-6", "0.2", "0.95", "4,096"] in rows
    assert "top_p is left out" in text
    assert "retired" not in text


def test_a_wide_terminal_says_what_they_are_for() -> None:
    assert "Code that compiles" in shown(list(load_presets().values()), load_catalog(), 140)


def test_a_preset_whose_model_is_gone_or_unknown_is_marked() -> None:
    catalog = Catalog([a_model("old", status="retired", successor="new")])
    text = shown([Preset("a", "", "old"), Preset("b", "", "nowhere")], catalog)
    assert "a: old was retired; its successor is new" in text
    assert "b: nowhere is not in the catalog" in text
    assert "–" in text
