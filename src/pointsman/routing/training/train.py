"""Examples to a router."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import msgspec
import numpy as np
from scipy.sparse import csr_matrix
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import Ridge
from sklearn.model_selection import KFold

from pointsman.routing.features import BUCKETS, SHAPE, Features
from pointsman.routing.parts import Curve, Head, Parts
from pointsman.routing.router import Router


class Example(msgspec.Struct, frozen=True):
    """What is known of one prompt: its features, and how well models answered it (not all need to be known)."""

    features: Features
    scores: Mapping[str, float]


def train(examples: Sequence[Example], models: Sequence[str], seed: int = 0) -> Router:
    matrix = _matrix(examples)
    last = models[-1]
    quality = [_head(matrix, *_known(examples, m), seed) for m in models]
    losses = [_head(matrix, *_both(examples, m, last), seed) for m in models[:-1]]
    counts = np.bincount(matrix.indices, minlength=BUCKETS + len(SHAPE))[:BUCKETS]
    return Router(
        Parts(
            tuple(models),
            tuple(quality),
            tuple(losses),
            np.minimum(counts, 255).astype(np.uint8).tobytes(),
            Curve((0.0, 0.5), (0.0, 1.0)),
            sum(len(e.scores) for e in examples),
            len(examples),
        )
    )


def _matrix(examples: Sequence[Example]) -> csr_matrix:
    data, columns, rows = [], [], [0]
    for e in examples:
        terms = (*e.features.words, *e.features.pairs)
        columns += [*terms, *range(BUCKETS, BUCKETS + len(SHAPE))]
        data += [1 / (len(terms) or 1) ** 0.5] * len(terms) + list(e.features.shape)
        rows.append(len(columns))
    return csr_matrix((data, columns, rows), shape=(len(examples), BUCKETS + len(SHAPE)))


def _known(examples: Sequence[Example], model: str) -> tuple[np.ndarray, np.ndarray]:
    rows = [i for i, e in enumerate(examples) if model in e.scores]
    return np.array(rows), np.array([examples[i].scores[model] for i in rows])


def _both(examples: Sequence[Example], weak: str, strong: str) -> tuple[np.ndarray, np.ndarray]:
    rows = [i for i, e in enumerate(examples) if weak in e.scores and strong in e.scores]
    return np.array(rows), np.array([examples[i].scores[strong] - examples[i].scores[weak] for i in rows])


def _head(matrix: csr_matrix, rows: np.ndarray, y: np.ndarray, seed: int) -> Head:
    x = matrix[rows]
    raw = np.zeros(len(y))
    for fit, rest in KFold(5, shuffle=True, random_state=seed).split(y):
        raw[rest] = Ridge(alpha=3.0, solver="sparse_cg").fit(x[fit], y[fit]).predict(x[rest])
    model = Ridge(alpha=3.0, solver="sparse_cg").fit(x, y)
    curve = IsotonicRegression(out_of_bounds="clip").fit(raw, y)
    scale = float(np.abs(model.coef_[:BUCKETS]).max() / 127 or 1.0)
    return Head(
        np.round(model.coef_[:BUCKETS] / scale).astype(np.int8).tobytes(),
        scale,
        tuple(map(float, model.coef_[BUCKETS:])),
        {},
        float(model.intercept_),
        Curve(tuple(map(float, curve.X_thresholds_)), tuple(map(float, curve.y_thresholds_))),
    )
