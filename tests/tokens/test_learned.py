from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.tokens import Learned, Ratio


def taught(pairs: list[tuple[int, int]]) -> Learned:
    learned = Learned()
    for estimated, real in pairs:
        learned = learned.observe("m", estimated, real)
    return learned


def test_at_first_the_estimate_stands() -> None:
    assert Learned().expected("m", 123) == 123
    assert Learned().upper("m", 123) == 123


@pytest.mark.parametrize("ratio", [0.5, 1.3, 2.0])
def test_a_constant_ratio_is_learned(ratio: float) -> None:
    learned = taught([(1000, int(1000 * ratio))] * 300)
    assert learned.expected("m", 1000) == pytest.approx(1000 * ratio, rel=0.02)
    assert learned.upper("m", 1000) == pytest.approx(1000 * ratio, rel=0.15)


def test_one_model_teaches_nothing_about_another() -> None:
    learned = taught([(100, 200)] * 10)
    assert learned.expected("other", 100) == 100


@pytest.mark.parametrize("seed", range(5))
def test_about_one_in_twenty_calls_exceeds_the_upper_estimate(seed: int) -> None:
    chance = random.Random(seed)
    learned, above = Learned(), 0
    for call in range(3000):
        real = int(1000 * chance.lognormvariate(0.2, 0.2))
        if call >= 500:
            above += real > learned.upper("m", 1000)
        learned = learned.observe("m", 1000, real)
    assert 0.03 < above / 2500 < 0.07
    assert learned.expected("m", 1000) == pytest.approx(1000 * 1.246, rel=0.1)


def test_after_few_calls_the_largest_ratio_counts() -> None:
    assert taught([(1000, 1100), (1000, 1900), (1000, 1200)]).upper("m", 1000) == 1900


def test_a_change_is_followed() -> None:
    learned = taught([(1000, 1000)] * 500 + [(1000, 1500)] * 200)
    assert learned.expected("m", 1000) == pytest.approx(1500, rel=0.02)


def test_one_absurd_count_does_not_spoil_what_was_learned() -> None:
    learned = taught([(1000, 1000)] * 100 + [(1, 10_000_000)])
    assert learned.expected("m", 1000) < 1500


@pytest.mark.parametrize(("estimated", "real"), [(0, 10), (10, 0), (-1, 5)])
def test_an_estimate_of_nothing_teaches_nothing(estimated: int, real: int) -> None:
    assert Ratio().observe(estimated, real) == Ratio()


def test_what_was_known_before_is_left_as_it_was() -> None:
    before = taught([(100, 110)])
    before.observe("m", 100, 300)
    assert before == taught([(100, 110)])


@given(st.lists(st.tuples(st.integers(-5, 10**6), st.integers(-5, 10**6))), st.integers(0, 10**6))
def test_estimates_stay_sane(pairs: list[tuple[int, int]], estimate: int) -> None:
    learned = taught(pairs)
    assert learned == taught(pairs)
    assert 0 <= learned.expected("m", estimate) <= learned.upper("m", estimate) <= 40 * estimate


def test_an_estimate_that_is_always_right_stays_as_it_is() -> None:
    """A cut call is then booked to the token, however many calls were seen before."""
    learned = Learned()
    for _ in range(500):
        learned = learned.observe("m", 1_000, 1_000)
    assert learned.upper("m", 1_000_000) == 1_000_000
