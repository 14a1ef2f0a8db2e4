"""Logistic regression: one column of weights from rows and scores between 0 and 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import vstack
from sklearn.linear_model import LogisticRegression

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Line:
    """``rows @ weights + bias`` are log-odds."""

    weights: Floats
    bias: float

    def __call__(self, rows: Any) -> Floats:
        return np.asarray(rows @ self.weights, float) + self.bias


def fit_rows(rows: Any, scores: Floats, weights: Floats) -> Line:
    """Ridge-regularised, with strength 1. A score between 0 and 1 counts as so much of a good and the rest of
    a bad answer."""
    good, bad = scores * weights, (1 - scores) * weights
    if min(good.sum(), bad.sum()) < 1e-9:
        return Line(np.zeros(rows.shape[1]), float(np.log((good.sum() + 1) / (bad.sum() + 1))))
    up, down = np.flatnonzero(good > 0), np.flatnonzero(bad > 0)
    model = LogisticRegression(C=1.0, solver="liblinear", tol=0.01, intercept_scaling=3.0)
    model.fit(
        vstack([rows[up], rows[down]], format="csr"),
        np.concatenate([np.ones(len(up)), np.zeros(len(down))]),
        sample_weight=np.concatenate([good[up], bad[down]]),
    )
    return Line(np.asarray(model.coef_[0], float), float(model.intercept_[0]))
