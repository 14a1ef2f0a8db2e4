from __future__ import annotations

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from pointsman.routing.training.logistic import fit_rows

ROWS = csr_matrix(np.array([[1.0, 0.0], [0.0, 1.0]] * 200))
ONES = np.ones(400)


def test_it_finds_which_column_tells() -> None:
    line = fit_rows(ROWS, np.array([1.0, 0.0] * 200), ONES)
    good, bad = line(ROWS[:2])
    assert good > 2 and bad < -2


def test_a_score_between_counts_in_part() -> None:
    line = fit_rows(ROWS, np.array([0.8, 0.3] * 200), ONES)
    assert 1 / (1 + np.exp(-line(ROWS[:2]))) == pytest.approx([0.8, 0.3], abs=0.02)


def test_weights_count() -> None:
    scores, weights = np.array([1.0, 1.0, 0.0, 0.0] * 100), np.array([1.0, 1.0, 0.01, 0.01] * 100)
    assert fit_rows(ROWS, scores, weights).bias > 2 > 0.5 > abs(fit_rows(ROWS, scores, ONES).bias)


@pytest.mark.parametrize(("score", "bias"), [(1.0, np.log(401)), (0.0, -np.log(401))])
def test_where_all_are_alike_nothing_is_told_apart(score: float, bias: float) -> None:
    line = fit_rows(ROWS, ONES * score, ONES)
    assert not line.weights.any()
    assert line.bias == pytest.approx(bias)
