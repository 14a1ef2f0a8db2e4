from __future__ import annotations

import numpy as np
import pytest

from pointsman.routing.training.calibration import along, chances, curve_of, line_of


def drawn(truth: np.ndarray, seed: int = 3) -> np.ndarray:
    return (np.random.default_rng(seed).random(len(truth)) < truth).astype(float)


@pytest.mark.parametrize(("slope", "offset"), [(1.0, 0.0), (0.4, 0.3), (2.0, -1.0)])
def test_a_line_makes_log_odds_honest(slope: float, offset: float) -> None:
    odds = np.random.default_rng(1).normal(size=20_000)
    scores = drawn(chances(slope * odds + offset))
    assert line_of(odds, scores, np.ones(20_000)) == pytest.approx((slope, offset), abs=0.08)


def test_with_few_labels_it_stays_near_what_it_was() -> None:
    slope, _ = line_of(np.array([-1.0, 1.0]), np.array([1.0, 0.0]), np.ones(2))
    assert 0.7 < slope < 1


def test_no_line_turns_the_order_around() -> None:
    odds = np.random.default_rng(1).normal(size=5000)
    slope, _ = line_of(odds, drawn(chances(-2 * odds)), np.ones(5000))
    assert slope == 0.05


def test_a_curve_mends_what_a_line_cannot() -> None:
    stated = np.linspace(0.01, 0.99, 20_000)
    truth = np.where(stated < 0.5, 0.4, 0.8)
    curve = curve_of(stated, drawn(truth), np.ones(20_000))
    error = np.abs(along(curve, stated) - truth).mean()
    assert error < 0.06 < 0.14 < np.abs(stated - truth).mean()


def test_a_curve_always_rises_and_stays_between_0_and_1() -> None:
    stated = np.linspace(0, 1, 5000)
    curve = curve_of(stated, drawn(1 - stated), np.ones(5000))
    x, y = zip(*curve, strict=True)
    assert (np.diff(x) > 0).all() and (np.diff(y) > 0).all()
    assert 0 <= min(y) <= max(y) <= 1
    assert (x[0], x[-1]) == (0, 1)


def test_few_labels_make_no_curve() -> None:
    assert curve_of(np.linspace(0, 1, 999), np.ones(999), np.ones(999)) == ()
    assert along((), np.array([0.3])) == [0.3]


def test_where_all_chances_are_the_same_a_curve_is_still_one() -> None:
    curve = curve_of(np.full(2000, 0.7), np.ones(2000), np.ones(2000))
    x, y = zip(*curve, strict=True)
    assert (np.diff(x) > 0).all() and (np.diff(y) >= 0).all()
