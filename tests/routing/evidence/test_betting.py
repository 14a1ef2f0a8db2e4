from __future__ import annotations

from collections.abc import Callable
from math import exp, log, log1p, sqrt
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.evidence.betting import p_value


def test_the_first_two_bets_by_hand() -> None:
    """A stake aims at log 20 over what is left: sqrt(2 · log 20 · 1/(2 · 0.0625)) is far beyond the boldest,
    0.5; after a gain of log 1.5 it aims at the rest, with the squares 0.0625 + 1 seen in 2."""
    first = log1p(0.5)
    stake = min(sqrt(2 * (log(20) - first) * 2 / (1 * 1.0625)), 0.5)
    assert p_value([1.0, 0.5], -1.0, 0.95) == pytest.approx(exp(-(first + log1p(stake * 0.5))))


@pytest.mark.parametrize("observations", [[], [0.0] * 50, [-0.1] * 50, [-1.0, 0.1, -0.5]])
def test_nothing_is_shown_by_nothing(observations: list[float]) -> None:
    assert p_value(observations, -1.0, 0.95) == pytest.approx(1.0, abs=0.05)


@given(st.lists(st.floats(-1, 1), max_size=60), st.sampled_from([0.5, 0.9, 0.95, 0.99]))
def test_it_is_a_probability_and_the_capital_never_lost_whole(xs: list[float], confidence: float) -> None:
    assert 0 < p_value(xs, -1.0, confidence) <= 1


SHAPES: dict[str, Callable[[Random], float]] = {
    "rare losses": lambda rng: -0.98 if rng.random() < 0.02 else 0.02,
    "a coin": lambda rng: rng.choice((-1.0, 1.0)),
    "as routing has it": lambda rng: rng.choices((-0.98, 0.02, 1.0, 0.0), (0.1, 0.7, 0.084, 0.116))[0],
}


@pytest.mark.parametrize("shape", SHAPES)
def test_p_values_are_not_small_more_often_than_they_say(shape: str) -> None:
    """The mean is 0, the edge of the hypothesis: p <= .05 in at most one of twenty, .2 in one of five. 600
    tries have a standard error of .009 and .016; three of them are allowed."""
    rng = Random(11)
    draw = SHAPES[shape]
    found = [p_value([draw(rng) for _ in range(200)], -1.0, 0.95) for _ in range(600)]
    assert sum(p <= 0.05 for p in found) / 600 <= 0.05 + 3 * 0.009
    assert sum(p <= 0.2 for p in found) / 600 <= 0.2 + 3 * 0.016


def test_a_gain_is_seen_nearly_as_often_as_could_be() -> None:
    """A mean of 3 standard errors: a test that knew the distribution would see it in 91 of 100."""
    rng = Random(5)
    found = 0
    for _ in range(200):
        xs = [rng.choices((-0.98, 1.02), (0.447, 0.553))[0] for _ in range(400)]
        found += p_value(xs, -1.0, 0.95) <= 0.05
    assert found / 200 >= 0.75


def test_the_aim_changes_the_stakes_and_not_what_a_p_value_means() -> None:
    xs = [0.1, -0.05] * 200
    assert p_value(xs, -1.0, 0.99) <= 0.0100001
    assert 0.01 < p_value(xs, -1.0, 0.95) <= 0.0500001
