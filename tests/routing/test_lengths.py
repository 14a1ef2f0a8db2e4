from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.lengths import MOST, Lengths


def seen(*lengths: int) -> Lengths:
    found = Lengths()
    for length in lengths:
        for turn in range(1, length + 1):
            found.reached(turn)
    return found


@pytest.mark.parametrize(("turn", "expected"), [(1, 12.0), (2, 12.0), (14, 14.0), (40, 16.0), (1000, 16.0)])
def test_before_anything_was_seen_it_lasts_a_dozen_turns_or_as_long_as_it_has_lasted(
    turn: int, expected: float
) -> None:
    assert Lengths().to_come(turn) == pytest.approx(expected)


def test_it_learns_from_those_before() -> None:
    assert seen(*[2] * 1000).to_come(2) == pytest.approx(1.0, abs=0.05)
    assert seen(*[20] * 1000).to_come(1) == pytest.approx(20.0, abs=0.1)
    assert seen(*[20] * 1000).to_come(15) == pytest.approx(6.0, abs=0.1)
    assert seen(*[1] * 900, *[11] * 100).to_come(1) == pytest.approx(2.0, abs=0.05)
    assert seen(*[1] * 900, *[11] * 100).to_come(2) == pytest.approx(10.08, abs=0.1)


def test_what_is_old_counts_less() -> None:
    found = seen(*[1] * 20_000)
    for _ in range(4_000):
        for turn in range(1, 11):
            found.reached(turn)
    assert 3.0 < found.to_come(1) < 10.0


@given(st.lists(st.integers(1, 100), max_size=30), st.integers(1, 200))
def test_it_is_one_at_least_and_never_more_than_is_told_apart(lengths: list[int], turn: int) -> None:
    assert 1.0 <= seen(*lengths).to_come(turn) <= MOST + 1
