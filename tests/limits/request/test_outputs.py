from __future__ import annotations

from collections.abc import Callable
from math import exp, log
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.limits.request.outputs import FIRST_CALLS, LEAST_STEP, PRIOR, QUANTILE, STEP, Outputs

Draw = Callable[[Random], int]

DISTRIBUTIONS: dict[str, Draw] = {
    "most are short, some long": lambda dice: int(dice.lognormvariate(6, 1)),
    "much alike": lambda dice: int(dice.gauss(200, 20)),
    "exponential": lambda dice: int(dice.expovariate(1 / 300)),
    "two kinds": lambda dice: dice.choice([5, 5, 5, 2_000]),
}


def teach(outputs: Outputs, tokens: list[int], model: str = "m", key: str = "k") -> None:
    for count in tokens:
        outputs.observe(model, key, count)


@pytest.mark.parametrize("name", DISTRIBUTIONS)
@pytest.mark.parametrize("seed", range(3))
def test_nine_of_ten_answers_fit(name: str, seed: int) -> None:
    dice, draw, outputs = Random(seed), DISTRIBUTIONS[name], Outputs()
    teach(outputs, [draw(dice) for _ in range(100)])
    covered = 0
    for _ in range(2_000):
        tokens = draw(dice)
        covered += tokens <= outputs.expect("m", "k", None)
        outputs.observe("m", "k", tokens)
    assert abs(covered / 2_000 - QUANTILE) < 0.02


def test_what_changes_is_followed() -> None:
    dice, outputs = Random(1), Outputs()
    teach(outputs, [int(dice.gauss(2_000, 100)) for _ in range(500)])
    assert 2_000 < outputs.expect("m", "k", None) < 2_400
    teach(outputs, [int(dice.gauss(100, 10)) for _ in range(300)])
    assert 100 < outputs.expect("m", "k", None) < 130
    teach(outputs, [int(dice.gauss(2_000, 100)) for _ in range(30)])
    assert outputs.expect("m", "k", None) > 1_900


def test_answers_of_one_length_are_expected_as_they_are() -> None:
    outputs = Outputs()
    teach(outputs, [100] * 500)
    assert outputs.expect("m", "k", None) in (100, 101)


def test_a_new_key_is_taken_for_one_of_its_model_and_a_new_model_for_a_guess() -> None:
    outputs = Outputs()
    assert outputs.expect("m", "k", None) == PRIOR
    teach(outputs, [40] * (FIRST_CALLS - 1), key="labels")
    assert outputs.expect("m", "labels", None) == PRIOR
    teach(outputs, [40], key="labels")
    assert outputs.expect("m", "labels", None) < 50
    assert outputs.expect("m", "k", None) < 50
    assert outputs.expect("other", "labels", None) == PRIOR
    teach(outputs, [3_000] * FIRST_CALLS, key="essays")
    assert outputs.expect("m", "essays", None) >= 3_000
    assert outputs.expect("m", "labels", None) < 50


@given(tokens=st.lists(st.integers(0, 10**6), max_size=60), most=st.integers(0, 10**6))
def test_never_more_than_stated_or_a_step_beyond_what_was_seen_and_never_nothing(
    tokens: list[int], most: int
) -> None:
    outputs = Outputs()
    teach(outputs, tokens)
    assert 1 <= outputs.expect("m", "k", most) <= max(1, most)
    # the logarithm rises by a part of how far they lie apart, and only towards one that is higher
    step = QUANTILE * max(STEP * log(10**6), LEAST_STEP)
    assert 1 <= outputs.expect("m", "k", None) <= max([PRIOR, *(most * exp(step) for most in tokens)]) + 1


def test_who_has_not_answered_for_longest_is_forgotten_first() -> None:
    outputs = Outputs(most_keys=3, most_models=2)
    for key in ("a", "b", "c"):
        teach(outputs, [7] * FIRST_CALLS, key=key)
    teach(outputs, [7], key="a")
    teach(outputs, [9_000] * 50, key="d")
    assert len(outputs) == 3 + 1
    assert outputs.expect("m", "a", None) < 10
    assert outputs.expect("m", "b", None) > 1_000  # as any key of this model
    for number in range(100):
        teach(outputs, [7], model=f"m{number}", key=f"k{number}")
    assert len(outputs) == 3 + 2
    assert outputs.expect("m", "a", None) == PRIOR
