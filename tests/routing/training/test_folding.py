from __future__ import annotations

import numpy as np
import pytest

from pointsman.routing.router import Router
from pointsman.routing.training.folding import fold_parts
from pointsman.routing.training.logistic import Line
from pointsman.routing.training.matrix import design
from tests.support.prompts import examples


def test_a_router_says_what_the_matrix_says() -> None:
    """Folding costs a rounding to 16 bits and nothing else."""
    features = [e.features for e in examples(300, route="r") + examples(300, seed=2, route="s", tenant="t")]
    made = design(features)
    rng = np.random.default_rng(4)
    lines = [Line(rng.normal(size=made.rows.shape[1]), 0.3) for _ in range(2)]
    router = Router(fold_parts(made, [(line, ()) for line in lines], [(0.0, 1.0)], ("a", "b"), features, 9))
    by_matrix = 1 / (1 + np.exp(-np.stack([line(made.rows) for line in lines], axis=1)))
    by_router = np.array([router.judge_features(one).probabilities for one in features])
    assert np.abs(by_matrix - by_router).max() < 1e-3
    assert (router.prompts, router.labels) == (600, 9)


def test_familiarity_is_even_among_what_was_learned_from() -> None:
    """Each prompt is known by all the others: about one in ten is below a tenth."""
    features = [e.features for e in examples(800)]
    made = design(features)
    line = Line(np.zeros(made.rows.shape[1]), 0.0)
    router = Router(fold_parts(made, [(line, ())] * 2, [(0.0, 1.0)], ("a", "b"), features, 9))
    fresh = [router.judge_features(e.features).familiarity for e in examples(800, seed=9)]
    assert np.mean([one < 0.1 for one in fresh]) == pytest.approx(0.1, abs=0.05)
    assert np.mean(fresh) == pytest.approx(0.5, abs=0.08)
