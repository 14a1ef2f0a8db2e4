from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.demo.stage.strip import axis, resampled, strip

COUNTS = st.lists(st.integers(0, 50), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("values", "drawn"),
    [([], ""), ([0, 8], " █"), ([4, 8, 2], "▄█▂"), ([0.01, 100], "▁█"), ([0, 0], "  ")],
)
def test_blocks_are_as_high_as_their_share(values: list[float], drawn: str) -> None:
    assert strip(values, max(values, default=0)) == drawn


def test_nothing_is_higher_than_full() -> None:
    assert strip([20], 8) == "█"


@pytest.mark.parametrize(
    ("columns", "means"), [(4, [4, 4, 0, 0]), (2, [4, 0]), (1, [2]), (8, [4, 4, 4, 4, 0, 0, 0, 0])]
)
def test_counts_become_means(columns: int, means: list[float]) -> None:
    assert resampled([4, 4], 4, columns) == pytest.approx(means)


@given(COUNTS, st.integers(1, 80))
def test_resampling_keeps_the_sum(counts: list[int], columns: int) -> None:
    seconds = len(counts)
    means = resampled(counts, seconds, columns)
    assert len(means) == columns
    assert sum(means) * seconds / columns == pytest.approx(sum(counts))


@given(st.integers(1, 400), st.integers(20, 140))
def test_marks_stand_within_the_strip_and_in_their_place(seconds: int, columns: int) -> None:
    line = axis(seconds, columns)
    assert line.startswith("0 s") and len(line) <= columns
    for label in line.split()[2:]:
        mark = int(label)
        assert line.index(label, round(mark * columns / seconds)) == round(mark * columns / seconds)
