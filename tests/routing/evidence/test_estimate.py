from __future__ import annotations

from random import Random

import pytest

from pointsman.routing.evidence.estimate import mean_of, ratio_of


def test_a_mean_by_hand() -> None:
    """Of 0 and 1: deviations of ±.5, so an error of sqrt(.5)/2 = .354, times 1.96."""
    found = mean_of([0.0, 1.0])
    assert (found.value, found.low, found.high) == pytest.approx((0.5, 0.5 - 0.6930, 0.5 + 0.6930), abs=1e-3)


def test_one_observation_tells_no_interval() -> None:
    assert mean_of([0.5]).high == float("inf")


def test_nothing_has_no_mean() -> None:
    with pytest.raises(ValueError, match="nothing"):
        mean_of([])


def test_a_ratio_of_things_that_move_together_is_sure() -> None:
    found = ratio_of([1.0, 2.0, 3.0], [2.0, 4.0, 6.0])
    assert found is not None
    assert (found.low, found.value, found.high) == pytest.approx((0.5, 0.5, 0.5))


def test_a_ratio_to_nothing_is_none() -> None:
    assert ratio_of([1.0], [0.0]) is None


def test_the_interval_holds_the_ratio_as_often_as_it_says() -> None:
    rng, inside = Random(3), 0
    for _ in range(400):
        below = [float(rng.random() < 0.8) for _ in range(200)]
        above = [b * (rng.random() < 0.9) for b in below]
        found = ratio_of(above, below)
        assert found is not None
        inside += found.low <= 0.9 <= found.high
    assert 0.91 <= inside / 400 <= 0.98
