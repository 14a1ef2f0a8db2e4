from __future__ import annotations

import numpy as np
import pytest

from pointsman.routing.evidence.reliability import reliability


def test_by_hand() -> None:
    """.9 twice, right once: off by .4 for half the prompts; .1 twice, never right: off by .1 for the rest."""
    found = reliability(np.array([0.9, 0.9, 0.1, 0.1]), np.array([1.0, 0.0, 0.0, 0.0]))
    assert found.ece == pytest.approx(0.25)
    assert found.brier == pytest.approx((0.01 + 0.81 + 0.01 + 0.01) / 4)
    assert [count for _, _, count in found.bins] == [2, 2]


def test_true_chances_are_nearly_reliable() -> None:
    rng = np.random.default_rng(1)
    stated = rng.random(20_000)
    found = reliability(stated, (rng.random(20_000) < stated).astype(float))
    assert found.ece < 0.015
    assert found.brier == pytest.approx(1 / 6, abs=0.01)


@pytest.mark.parametrize("stated", [0.0, 1.0])
def test_the_ends_are_in_a_bin(stated: float) -> None:
    assert reliability(np.array([stated]), np.array([stated])).ece == 0
