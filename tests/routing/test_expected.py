from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.catalog import PriceList, Rates
from pointsman.chat import Usage
from pointsman.costs import Pricer
from pointsman.routing.expected import Course, course_of, expected_cost, moving_cost, staying_cost
from pointsman.routing.session import SHORT_US, Conversation, Turn, after
from tests.support.models import SINCE, M, a_model

AT = 10**15
CACHING = Pricer(
    a_model(
        context_window=10**6,
        prices=(PriceList(SINCE, Rates(input=10 * M, output=40 * M, cache_read=M, cache_write_5m=12 * M)),),
    )
)
PLAIN = Pricer(a_model(context_window=10**6))
"""$1 and $4, no prices for a cache."""
UNPRICED = Pricer(a_model(prices=()))


def test_a_request_by_itself() -> None:
    assert expected_cost(PLAIN, 1000, 100, AT) == 1400 * M
    assert expected_cost(CACHING, 1000, 100, AT) == 14_000 * M
    assert expected_cost(UNPRICED, 1000, 100, AT) is None
    assert expected_cost(None, 1000, 100, AT) is None


@pytest.mark.parametrize(
    ("pricer", "cached", "writes", "turns", "expected"),
    [
        (CACHING, 900, True, 1, 100 * 12 + 900 + 10 * 40),
        (CACHING, 0, True, 1, 1000 * 12 + 10 * 40),
        (CACHING, 0, False, 1, 1000 * 10 + 10 * 40),
        (CACHING, 5000, False, 1, 1000 + 10 * 40),
        (CACHING, 0, True, 3, 1000 * 12 + 10 * 40 + 2 * (100 * 12 + 10 * 40) + 1000 + 1100),
        (PLAIN, 900, True, 1, 1000 + 10 * 4),
    ],
)
def test_a_course_is_this_turn_and_those_to_come(
    pricer: Pricer, cached: int, writes: bool, turns: int, expected: int
) -> None:
    course = Course(1000, 10, 100, turns, writes, AT)
    assert staying_cost(pricer, course, cached) == expected * M


def test_a_move_for_all_turns_to_come_is_a_stay_elsewhere() -> None:
    course = Course(1000, 10, 100, 5, True, AT)
    assert moving_cost(CACHING, course, 300, PLAIN, 900) == staying_cost(CACHING, course, 300)


def test_after_a_move_each_model_reads_what_it_has_missed() -> None:
    course = Course(1000, 10, 100, 4, True, AT, again=0.0, first=1.0)
    here = [(1000, 0), (200, 1000)]
    there = [(100 + 100, 900), (200, 1100)]
    expected = sum(fresh * 12 + cached + 400 for fresh, cached in here + there)
    assert moving_cost(CACHING, course, 0, CACHING, 900) == expected * M


@given(
    prompt=st.integers(1, 10**4),
    added=st.integers(0, 500),
    turns=st.integers(1, 7),
    again=st.floats(0, 1),
    first=st.floats(0, 1),
    held=st.floats(0, 1),
)
def test_a_move_costs_what_it_does_over_all_ways_that_it_may_take(
    prompt: int, added: int, turns: int, again: float, first: float, held: float
) -> None:
    course = Course(prompt, 10, added, turns, True, AT, again, first)
    cached = round(held * prompt)
    total = 0.0
    for way in product((True, False), repeat=turns - 1):
        probability, cost, before = 1.0, 0.0, True
        read = {True: cached, False: prompt - min(added, prompt)}
        for number, light in enumerate((True, *way)):
            if number:
                chance = again if before else first
                probability *= chance if light else 1 - chance
            length, before = prompt + number * added, light
            cost += (length - read[light]) * 12 + read[light] + 400
            read[light] = length
        total += probability * cost
    moved = moving_cost(CACHING, course, cached, CACHING, prompt - min(added, prompt))
    assert moved == pytest.approx(total * M, rel=1e-9)


def test_what_has_no_price_is_not_known() -> None:
    course = Course(1000, 10, 100, 1, False, AT)
    assert staying_cost(UNPRICED, course, 0) is None
    assert staying_cost(None, course, 0) is None
    assert moving_cost(CACHING, course, 0, None, 0) is None
    assert moving_cost(UNPRICED, course, 0, CACHING, 0) is None


def conversation(**usage: Any) -> Conversation:
    return after(None, Turn("b", "b", 4000, Usage(**usage), AT))


def test_a_course_is_taken_from_what_has_been() -> None:
    had = conversation(input=100, cache_write_5m=900)
    course = course_of(had, ("a", "b"), 4400, 50, 7.0, AT + 1)
    assert course is not None
    assert (course.prompt, course.output, course.added, course.writes) == (1100, 50, 200, True)
    assert course.turns == 7
    assert course.again == pytest.approx(0.5), "half of the turns need the present model, it is thought"
    assert course.first == pytest.approx((1 + 2 * 0.5) / 3)
    assert course_of(had, ("a", "b"), 4400, 50, 7.0, AT + SHORT_US) is None, "nothing is left in the cache"
    assert course_of(conversation(input=1000), ("a", "b"), 4400, 50, 7.0, AT + 1) is None


def test_which_turns_need_the_present_model_is_taken_from_those_before() -> None:
    had = conversation(cache_write_5m=900)
    for own in ("b", "b", "b", "a") * 20:
        had = after(had, Turn("b", own, 4000, Usage(cache_read=900), AT))
    course = course_of(had, ("a", "b"), 4000, 50, 10.0, AT + 1)
    assert course is not None
    assert 0.3 < course.first < 0.36, "one in three is followed by an easy one"
    assert 0.0 < course.again < 0.1, "none of the easy ones was, but for this one"
