from __future__ import annotations

import pytest

from bench.rounds import Figures, percentile
from bench.table import goals, number, ratio


def test_goals_are_met_missed_or_not_measured() -> None:
    figures = {
        "pointsman": Figures(cpu_us=60, idle_mb=61, startup_s=0.7),
        "nginx": Figures(cpu_us=20),
        "litellm": Figures(cpu_us=5_000),
    }
    met = {goal.name: goal.met for goal in goals(figures, {"pointsman": 20.0})}
    assert met["CPU a request, same dialect"] is True
    assert met["CPU a request, translated"] is None
    assert met["CPU of nginx, times"] is True
    assert met["CPU less than LiteLLM, times"] is False
    assert met["start to first answer"] is True
    assert met["RSS idle"] is False


def test_a_ratio_needs_both_sides() -> None:
    figures = {"a": Figures(cpu_us=6), "b": Figures(cpu_us=2), "c": Figures()}
    assert ratio(figures, "cpu_us", "a", "b") == 3
    assert ratio(figures, "cpu_us", "a", "c") is None
    assert ratio(figures, "cpu_us", "a", "absent") is None


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "–"), (0.684, "0.68 s"), (17.64, "17.6 s"), (12_345.6, "12,346 s")],
)
def test_numbers(value: float | None, text: str) -> None:
    assert number(value, "s") == text


def test_percentiles() -> None:
    assert percentile([], 50) is None
    assert percentile([3, 1, 2], 50) == 2
    assert percentile(list(range(100)), 99) == 99
