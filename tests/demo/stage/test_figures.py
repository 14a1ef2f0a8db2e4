from __future__ import annotations

import pytest

from pointsman.costs import PER_USD
from pointsman.demo.stage.figures import count, dollars, seconds


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0.000000"),
        (18_500_000, "$0.000018"),
        (PER_USD // 100, "$0.0100"),
        (PER_USD * 12, "$12.0000"),
        (1_234_567_890_000, "$1.2346"),
    ],
)
def test_dollars(amount: int, text: str) -> None:
    assert dollars(amount) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (9_999, "9,999"), (10_000, "10.0k"), (99_949, "99.9k"), (99_950, "100k"), (999_500, "1.00M")],
)
def test_short_counts(value: int, text: str) -> None:
    assert count(value, short=True) == text
    assert count(value, short=False) == f"{value:,}"


@pytest.mark.parametrize(("value", "text"), [(None, "–"), (0.004, "0.00"), (9.994, "9.99"), (9.996, "10.0")])
def test_seconds(value: float | None, text: str) -> None:
    assert seconds(value) == text
