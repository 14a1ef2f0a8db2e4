from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.evidence.curve import Order, apgr, cpt, gap_of, pgr_at, share_for_floor


def order(need: list[float], gains: list[float]) -> Order:
    return Order(np.array(need, dtype=float), np.array(gains, dtype=float))


def area(need: list[float], gains: list[float]) -> float:
    return float(apgr(*order(need, gains).curves())[0])


def test_by_hand() -> None:
    """Gains 1, 0, 0, 1 in their order: PGR 0, .5, .5, .5, 1 at shares 0, ¼, ½, ¾, 1; the area is
    ¼ · (.25 + .5 + .5 + .75) = .5. Half the gap is recovered by ¼, four fifths by .75 + .25 · .6."""
    shares, gained = order([4, 3, 2, 1], [1, 0, 0, 1]).curves()
    assert shares.tolist() == [[0, 0.25, 0.5, 0.75, 1]]
    assert float(apgr(shares, gained)[0]) == 0.5
    assert float(cpt(shares, gained, 0.5)[0]) == 0.25
    assert float(cpt(shares, gained, 0.8)[0]) == pytest.approx(0.9)
    assert pgr_at(shares, gained, np.array([0.125, 0.6])).tolist() == [0.25, 0.5]


@pytest.mark.parametrize(
    ("floor", "share"),
    [(1.0, 0.5), (0.9, 0.375), (0.6, 0.0), (0.8, 0.25)],
)
def test_the_share_that_a_floor_needs(floor: float, share: float) -> None:
    """All of the gap of .4 is in the first half; the strong model scores 1: a floor of .9 lets .1 go."""
    shares, gained = order([4, 3, 2, 1], [0.8, 0.8, 0, 0]).curves()
    assert share_for_floor(shares, gained, 1.0, floor) == pytest.approx(share)


def test_ties_have_the_area_that_all_their_orders_have_in_the_mean() -> None:
    gains = [1.0, 0.0, -1.0, 1.0, 0.5]
    need = [3.0, 2.0, 2.0, 2.0, 1.0]
    tied = [area([3, *p, 1], gains) for p in permutations((2.1, 2.2, 2.3))]
    assert area(need, gains) == pytest.approx(float(np.mean(tied)))


def test_a_coin_has_a_half() -> None:
    shares, gained = order([0] * 7, [1, 0, 0, 1, -1, 1, 1]).curves()
    assert float(apgr(shares, gained)[0]) == pytest.approx(0.5)
    assert float(cpt(shares, gained, 0.5)[0]) == pytest.approx(0.5)
    assert float(cpt(shares, gained, 0.8)[0]) == pytest.approx(0.8)


scores = st.lists(
    st.tuples(st.floats(-5, 5), st.sampled_from([-1.0, -0.5, 0.0, 0.5, 1.0])), min_size=3, max_size=40
).filter(lambda rows: sum(gain for _, gain in rows) > 0.4)


@given(scores)
def test_no_order_is_better_than_the_oracle_and_none_worse_than_its_reverse(
    rows: list[tuple[float, float]],
) -> None:
    need, gains = [n for n, _ in rows], [g for _, g in rows]
    found = area(need, gains)
    assert area([-g for g in gains], gains) - 1e-9 <= found <= area(gains, gains) + 1e-9
    assert found + area([-n for n in need], gains) == pytest.approx(1.0)


@given(scores)
def test_only_the_order_counts(rows: list[tuple[float, float]]) -> None:
    need, gains = [round(n, 3) for n, _ in rows], [g for _, g in rows]
    assert area([n**3 * 2 + 1 for n in need], gains) == pytest.approx(area(need, gains))


def test_a_resample_counts_prompts_as_often_as_they_are_in_it() -> None:
    need, gains = [4.0, 3.0, 2.0, 1.0], [1.0, 0.0, 0.5, 0.0]
    twice = order(need, gains).curves(np.array([[2, 1, 0, 1]]))
    assert float(apgr(*twice)[0]) == pytest.approx(area([4, 4, 3, 1], [1, 1, 0, 0]))


def test_a_gap_needs_two_errors() -> None:
    assert gap_of(np.array([1.0, 0.0] * 50)).is_none is False
    assert gap_of(np.array([1.0, -1.0] * 50 + [1.0])).is_none is True
    assert gap_of(np.array([1.0])).is_none is True
    assert gap_of(np.array([1.0, 0.0])).error == pytest.approx(0.5)
