from __future__ import annotations

from typing import Any

import pytest

from pointsman.catalog import PriceList, Rates
from pointsman.chat import Usage
from pointsman.costs import Pricer
from pointsman.routing.expected import Course, course_cost, course_of, expected_cost
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
        (CACHING, 0, True, 3, 1000 * 12 + 10 * 40 + 2 * (100 * 12 + 900 + 10 * 40)),
        (PLAIN, 900, True, 1, 1000 + 10 * 4),
    ],
)
def test_a_course_is_this_turn_and_those_to_come(
    pricer: Pricer, cached: int, writes: bool, turns: int, expected: int
) -> None:
    course = Course(1000, 10, 100, turns, writes, AT)
    assert course_cost(pricer, course, cached) == expected * M


def test_what_has_no_price_is_not_known() -> None:
    assert course_cost(UNPRICED, Course(1000, 10, 100, 1, False, AT), 0) is None
    assert course_cost(None, Course(1000, 10, 100, 1, False, AT), 0) is None


def conversation(**usage: Any) -> Conversation:
    return after(None, Turn("b", "b", 4000, Usage(**usage), AT))


def test_a_course_is_taken_from_what_has_been() -> None:
    had = conversation(input=100, cache_write_5m=900)
    course = course_of(had, ("a", "b"), 4400, 50, 7.0, AT + 1)
    assert course is not None
    assert (course.prompt, course.output, course.added, course.writes) == (1100, 50, 200, True)
    assert course.turns == round(7 * (1 - 1.5 / 3)), "half of the turns need the present model, it is thought"
    assert course_of(had, ("a", "b"), 4400, 50, 7.0, AT + SHORT_US) is None, "nothing is left in the cache"
    assert course_of(conversation(input=1000), ("a", "b"), 4400, 50, 7.0, AT + 1) is None


def test_turns_that_need_the_present_model_do_not_count() -> None:
    had = conversation(cache_write_5m=900)
    for own in ("a",) * 18:
        had = after(had, Turn("b", own, 4000, Usage(cache_read=900), AT))
    course = course_of(had, ("a", "b"), 4000, 50, 10.0, AT + 1)
    assert course is not None and course.turns == 9
    for _ in range(200):
        had = after(had, Turn("b", "b", 4000, Usage(cache_read=900), AT))
    course = course_of(had, ("a", "b"), 4000, 50, 10.0, AT + 1)
    assert course is not None and course.turns == 1
