from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console, RenderableType

from pointsman.cli.limits.report import gauge, report, seconds_text
from pointsman.limits.values.view import LaneRow, LimitsView
from tests.support.flow import a_view


def shown(renderable: RenderableType, width: int) -> str:
    console = Console(width=width, highlight=False)
    with console.capture() as captured:
        console.print(renderable)
    return captured.get()


def test_each_limit_is_a_line_with_a_bar() -> None:
    lines = shown(report(a_view(), 120), 120).splitlines()
    (tpm,) = (line for line in lines if "tokens/min" in line)
    for words in (
        "█████████████▒▒▒▒▒▒·",
        " 29k ",
        " 30k ",
        " 9.0k ",
        " 12 ",
        " 58 s ",
        "learned: headers, 60 s ago",
    ):
        assert words in tpm
    (slots,) = (line for line in lines if "key team-a" in line)
    assert "at once" in slots and " ? " in slots and "configured" in slots
    assert sum("openai/gpt-4o" in line for line in lines) == 2  # once for its limits, once as a lane


def test_it_fits_into_80_columns() -> None:
    text = shown(report(a_view(), 80), 80)
    assert max(len(line) for line in text.splitlines()) <= 80
    for words in ("openai/gpt-4o", "concurrency", "learned", "29k", "58 s"):
        assert words in text


def test_who_waits_is_told_by_lane() -> None:
    many = LaneRow("a", 1_234, 65.0, None, {"x": 1_000, "y": 200, "": 30, "z": 3, "q": 1})
    text = shown(report(msgspec.structs.replace(a_view(), lanes=(many, *a_view().lanes)), 120), 120)
    assert "1,234" in text and "65 s" in text
    assert "x 1,000, y 200, (no key) 30, 2 more keys" in text
    assert "team-a 9, team-b 3" in text and "42 s" in text
    assert "12 of at most 10,000 requests wait; counted in this process" in text


def test_a_shared_store_and_its_trouble_are_told() -> None:
    text = shown(report(msgspec.structs.replace(a_view(), store="redis", trouble="Redis is away."), 90), 90)
    assert "counted in Redis, for all replicas" in text and "! Redis is away." in text


def test_a_pause_is_told() -> None:
    text = shown(report(LimitsView(at_us=0, pauses={"openai/gpt-4o": 12.2}), 80), 80)
    assert "openai/gpt-4o is left alone for 12 s, as its provider asks" in text


def test_without_limits_that_is_told() -> None:
    assert "No limits yet" in shown(report(LimitsView(at_us=0), 80), 80)


def test_names_are_no_markup() -> None:
    row = msgspec.structs.replace(a_view().limits[0], name="[red]x[/red]")
    lane = LaneRow("[b]y", 1, 0.0, 0.0, {"[i]z": 1})
    text = shown(report(msgspec.structs.replace(a_view(), limits=(row,), lanes=(lane,)), 120), 120)
    assert "[red]x[/red]" in text and "[b]y" in text and "[i]z 1" in text


@pytest.mark.parametrize(
    ("used", "held", "limit", "bar"),
    [
        (0, 0, 10, "··········"),
        (1, 0, 1000, "█·········"),
        (1, 1, 1000, "▒·········"),
        (5, 2, 10, "███▒▒·····"),
        (10, 10, 10, "▒▒▒▒▒▒▒▒▒▒"),
        (30, 5, 10, "█████▒▒▒▒▒"),
        (3, 9, 10, "▒▒▒·······"),
    ],
)
def test_a_bar_shows_what_is_used_held_and_free(used: int, held: int, limit: int, bar: str) -> None:
    assert gauge(used, held, limit, 10).plain == bar


@given(st.integers(0, 10**12), st.integers(0, 10**12), st.integers(1, 10**12), st.integers(1, 40))
def test_a_bar_is_always_as_long_as_it_is(used: int, held: int, limit: int, width: int) -> None:
    bar = gauge(used, held, limit, width).plain
    assert len(bar) == width
    assert bar.lstrip("█").lstrip("▒").lstrip("·") == ""
    assert (bar[0] == "·") is (used == 0)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (119, "119 s"), (120, "2 min"), (7200, "2 h")],
)
def test_seconds_in_few_signs(seconds: float, text: str) -> None:
    assert seconds_text(seconds) == text
