from __future__ import annotations

from collections.abc import Sequence
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.judgement import choose
from pointsman.routing.policies import Choice, cheapest, keywords, learned, staying, strongest

YES, NO = True, False


@pytest.mark.parametrize(
    ("able", "position", "reason"),
    [
        ((YES, YES), 1, "fixed"),
        ((YES, YES, NO), 1, "cannot"),
        ((YES, NO, NO), 0, "cannot"),
        ((NO, NO), 1, "fixed"),
    ],
)
def test_the_baseline_or_the_strongest_that_can(able: Sequence[bool], position: int, reason: str) -> None:
    choice = strongest(able, "fixed")
    assert (choice.position, choice.reason) == (position, reason)


@pytest.mark.parametrize(
    ("able", "costs", "position", "reason"),
    [
        ((YES, YES, YES), (1, 2, 3), 0, "cheapest"),
        ((NO, YES, YES), (1, 2, 3), 1, "cheapest"),
        ((YES, YES, YES), (3, 2, 1), 2, "cheapest"),
        ((YES, YES, YES), (1, 1, 3), 1, "cheapest"),
        ((NO, NO, NO), (1, 2, 3), 2, "cheapest"),
        ((YES, YES), (inf, 2), 1, "cheapest"),
    ],
)
def test_the_cheapest_that_can(
    able: Sequence[bool], costs: Sequence[float], position: int, reason: str
) -> None:
    choice = cheapest(able, costs)
    assert (choice.position, choice.reason) == (position, reason)


@pytest.mark.parametrize(
    ("text", "able", "position", "reason"),
    [
        ("who", (YES, YES, YES), 0, "keywords"),
        ("design", (YES, YES, YES), 2, "keywords"),
        ("who", (NO, YES, YES), 2, "cannot"),
    ],
)
def test_by_the_words(text: str, able: Sequence[bool], position: int, reason: str) -> None:
    choice = keywords(text, able)
    assert (choice.position, choice.reason) == (position, reason)


@pytest.mark.parametrize(
    ("losses", "threshold", "able", "costs", "position", "reason"),
    [
        ((0.2, 0.05, 0.0), 0.1, (YES, YES, YES), (1, 2, 3), 1, "certified"),
        ((0.05, 0.05, 0.0), 0.1, (YES, YES, YES), (1, 2, 3), 0, "certified"),
        ((0.05, 0.05, 0.0), 0.1, (NO, YES, YES), (1, 2, 3), 1, "certified"),
        ((0.2, 0.2, 0.0), 0.1, (YES, YES, YES), (1, 2, 3), 2, "uncertain"),
        ((0.05, 0.05, 0.0), -inf, (YES, YES, YES), (1, 2, 3), 2, "uncertain"),
        ((0.05, 0.2, 0.0), 0.1, (YES, YES, NO), (9, 2, 3), 0, "certified"),
        ((0.2, 0.2, 0.0), 0.1, (YES, YES, NO), (1, 2, 3), 1, "cannot"),
    ],
)
def test_the_cheapest_below_the_threshold(
    losses: Sequence[float],
    threshold: float,
    able: Sequence[bool],
    costs: Sequence[float],
    position: int,
    reason: str,
) -> None:
    choice = learned(losses, threshold, able, costs)
    assert (choice.position, choice.reason, choice.propensity) == (position, reason, 1.0)


losses_of = st.lists(st.floats(-1, 1), min_size=1, max_size=4).map(lambda given: (*given, 0.0))


@given(losses_of, st.floats(-1, 1), st.floats(0.01, 1), st.floats(0, 1, exclude_max=True), st.data())
def test_exploring_never_leaves_what_is_certified(
    losses: tuple[float, ...], threshold: float, explore: float, drawn: float, data: st.DataObject
) -> None:
    costs = data.draw(st.tuples(*[st.floats(0, 9) for _ in losses]))
    able = (YES,) * len(losses)
    choice = learned(losses, threshold, able, costs, explore=explore, random=lambda: drawn)
    last = len(losses) - 1
    assert choice.position == last or losses[choice.position] < threshold
    assert choice.position == choose(losses, costs, threshold) or choice.reason == "explored"
    assert 0.0 < choice.propensity <= 1.0 or explore == 1.0


@given(losses_of, st.floats(-1, 1), st.floats(0.01, 0.99))
def test_propensities_are_those_of_the_dice(
    losses: tuple[float, ...], threshold: float, explore: float
) -> None:
    costs = tuple(map(float, range(len(losses))))
    able = (YES,) * len(losses)
    steps = 1000
    seen: dict[int, float] = {}
    told: dict[int, float] = {}
    for step in range(steps):
        drawn = (step + 0.5) / steps
        choice = learned(losses, threshold, able, costs, explore=explore, random=iter([drawn]).__next__)
        seen[choice.position] = seen.get(choice.position, 0.0) + 1 / steps
        told[choice.position] = choice.propensity
    assert sum(told.values()) == pytest.approx(1.0)
    assert all(seen[position] == pytest.approx(told[position], abs=0.01) for position in seen)


@pytest.mark.parametrize(
    ("losses", "able", "courses", "current", "position"),
    [
        ((0.1, 0.0), (YES, YES), (5, 4), 1, 1),  # no worse and cheaper by its cache: stays
        ((0.1, 0.0), (YES, YES), (4, 4), 1, 1),
        ((0.1, 0.0), (YES, YES), (3, 4), 1, 0),  # a switch pays
        ((0.1, 0.0), (YES, NO), (5, 4), 1, 0),
        ((0.1, 0.0), (YES, YES), (5, 4), 0, 0),
    ],
)
def test_a_conversation_stays_where_a_switch_does_not_pay(
    losses: Sequence[float], able: Sequence[bool], courses: Sequence[float], current: int, position: int
) -> None:
    choice = staying(Choice(0, "certified", 0.5), losses, able, courses, current)
    assert choice.position == position
    assert choice.reason == ("stayed" if position else "certified")


def test_it_never_stays_with_a_model_that_is_expected_worse() -> None:
    up = Choice(1, "uncertain")
    assert staying(up, (0.3, 0.0), (YES, YES), (0.0, 100.0), 0) == up
