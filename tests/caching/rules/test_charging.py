"""Parts of a cost are exact."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.rules.charging import Charge, charged


@given(st.integers(0, 10**18), st.integers(0, 1_000), st.sampled_from(["first", "split"]))
def test_parts_sum_to_the_cost(cost: int, others: int, charge: Charge) -> None:
    first, each = charged(cost, others, charge)
    assert first is not None and each is not None
    assert first + others * each == cost
    assert 0 <= each <= first
    if charge == "split":
        assert first - each <= others


@pytest.mark.parametrize(
    ("cost", "others", "charge", "parts"),
    [
        (100, 0, "split", (100, 100)),
        (100, 2, "split", (34, 33)),
        (100, 2, "first", (100, 0)),
        (1, 4, "split", (1, 0)),
        (None, 3, "first", (None, None)),
        (None, 3, "split", (None, None)),
    ],
)
def test_who_pays_what(
    cost: int | None, others: int, charge: Charge, parts: tuple[int | None, int | None]
) -> None:
    assert charged(cost, others, charge) == parts
