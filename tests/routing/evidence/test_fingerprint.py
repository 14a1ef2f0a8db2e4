from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.evidence.fingerprint import fingerprint_of, histogram, smallest


def test_bins_hold_about_as_many_each() -> None:
    found = histogram([i / 100 for i in range(100)])
    assert found.edges == tuple(i / 10 for i in range(1, 10))
    assert found.shares == pytest.approx([0.1] * 10)


def test_equal_values_share_a_bin() -> None:
    found = histogram([0.5] * 10)
    assert found.edges == (0.5,)
    assert found.shares == (0.0, 1.0)


@pytest.mark.parametrize(("value", "bin_"), [(0.0, 0), (0.099, 0), (0.1, 1), (0.95, 9), (2.0, 9)])
def test_a_value_has_its_bin(value: float, bin_: int) -> None:
    assert histogram([i / 100 for i in range(100)]).bin_of(value) == bin_


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=50))
def test_shares_sum_up_to_one(values: list[float]) -> None:
    found = histogram(values)
    assert sum(found.shares) == pytest.approx(1)
    assert len(found.shares) == len(found.edges) + 1


def test_of_no_values_there_is_none() -> None:
    with pytest.raises(ValueError, match="no values"):
        histogram([])


def test_of_a_pool_the_best_bargain_counts() -> None:
    assert smallest((0.3, 0.1, 0.0)) == 0.1
    made = fingerprint_of([(0.3, 0.1, 0.0)] * 4, [1.0] * 4)
    assert made.count == 4
    assert made.loss.edges == (0.1,)
