"""Whole conversations are in ``test_conversations.py``; here are single steps."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from pointsman.catalog import Catalog, PriceList, Rates
from pointsman.chat import Usage
from pointsman.config import AutoRoute, AutoSettings
from pointsman.dialects.openai_chat import OPENAI_CHAT
from pointsman.gateway.auto.courses import FIRST_OUTPUT, Courses
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.chosen import Chosen
from pointsman.gateway.call.planner import Planner
from pointsman.gateway.call.pool import Pool, Wanted, stages_of
from pointsman.gateway.call.question import Question
from pointsman.providers import Provider
from pointsman.routing.judgement import Judgement
from pointsman.routing.policies import Choice
from tests.support.arrivals import an_arrival
from tests.support.clock import FakeClock
from tests.support.decisions import a_decision
from tests.support.models import SINCE, M, a_model

ACME = Provider(name="acme", dialect="openai_chat", base_url="http://acme", auth="none", api_key=None)
CHEAP = (PriceList(SINCE, Rates(input=M, output=4 * M, cache_read=M // 10)),)
DEAR = (PriceList(SINCE, Rates(input=3 * M, output=12 * M, cache_read=3 * M // 10)),)
SETTINGS: dict[str, Any] = {"context_window": 10**6, "max_output": 10**4}
MODELS = [a_model("cheap", prices=CHEAP, **SETTINGS), a_model("dear", prices=DEAR, **SETTINGS)]
POOL = Pool(
    AutoRoute("x", ("cheap", "dear"), ("cheap", "dear"), (), AutoSettings(pool=("cheap", "dear"))),
    Planner(Catalog(MODELS), (ACME,)),
    date(2026, 11, 23),
)


def a_call(text: str = "Hello", system: str = "s" * 4000, **others: Any) -> Call:
    turns = [{"role": "system", "content": system}, {"role": "user", "content": text}]
    return Call(an_arrival(body=msgspec.json.encode({"model": "auto", "messages": turns} | others)))


def wanted(call: Call) -> Wanted:
    return Wanted(call.arrival, OPENAI_CHAT.peek(call.arrival.body), None)


def answer(courses: Courses, call: Call, position: int, usage: Usage) -> None:
    """The call was answered by a model of the pool."""
    plan = POOL.plans[position]
    assert plan is not None
    chosen = Chosen(
        a_decision(route="x", models=("cheap", "dear"), position=position),
        POOL,
        (b"", b""),
        None,
        None,
        courses.opening(call, "x"),
        position,
    )
    courses.answered(call, chosen, stages_of(plan)[0].routes[0], usage)


def test_a_first_turn_stands_by_itself() -> None:
    courses, call = Courses(FakeClock()), a_call()
    outlook = courses.outlook(POOL, wanted(call), courses.opening(call, "x"))
    prompt = wanted(call).prompt
    cheap = prompt * M + int(FIRST_OUTPUT) * 4 * M
    assert outlook.costs == outlook.alone == (cheap, 3 * cheap)
    assert outlook.current is None


def test_how_long_answers_are_is_learned_and_the_caller_caps_it() -> None:
    courses, call = Courses(FakeClock()), a_call()
    for _ in range(500):
        answer(courses, a_call("Other"), 0, Usage(input=10, output=100))
    costs = courses.outlook(POOL, wanted(call), None).costs
    prompt = wanted(call).prompt
    assert costs[0] == pytest.approx((prompt + 100 * 4) * M, rel=0.01)
    capped = a_call(max_tokens=5)
    assert courses.outlook(POOL, wanted(capped), None).costs[0] == (wanted(capped).prompt + 5 * 4) * M


def test_a_warm_cache_makes_the_dear_model_the_cheaper_one_for_now() -> None:
    clock = FakeClock()
    courses, call = Courses(clock), a_call(max_tokens=1)
    answer(courses, call, 1, Usage(input=100, cache_read=900))
    outlook = courses.outlook(POOL, wanted(call), courses.opening(call, "x"))
    assert outlook.current == 1
    assert outlook.costs[0] is not None and outlook.costs[1] is not None
    assert outlook.costs[1] < 2 * outlook.costs[0]
    assert outlook.alone[0] is not None and outlook.alone[1] == 3 * outlook.alone[0]
    clock.advance(301)
    cold = courses.outlook(POOL, wanted(call), courses.opening(call, "x"))
    assert cold.costs == cold.alone and cold.current == 1


def question(current: int | None, prices: tuple[float, float], losses: tuple[float, float]) -> Question:
    return Question(
        POOL.auto,
        POOL,
        None,
        (True, True),
        (None, None),
        prices,
        (1.0, 3.0),
        current,
        judgement=Judgement((1 - losses[0], 1.0), losses, 1.0),
    )


@pytest.mark.parametrize(
    ("reason", "position", "current", "prices", "stays"),
    [
        ("certified", 0, 1, (5.0, 4.0), True),
        ("certified", 0, 1, (3.0, 4.0), False),
        ("certified", 0, None, (5.0, 4.0), False),
        ("uncertain", 1, 0, (1.0, 4.0), False),
        ("cheapest", 0, 1, (5.0, 4.0), True),
        ("cheapest", 1, 0, (3.0, 4.0), True),
        ("keywords", 0, 1, (5.0, 4.0), True),
        ("keywords", 1, 0, (3.0, 4.0), False),
        ("explored", 0, 1, (5.0, 4.0), False),
        ("pinned", 0, 1, (5.0, 4.0), False),
        ("no_certificate", 1, 0, (3.0, 4.0), False),
    ],
)
def test_where_a_conversation_may_stay(
    reason: Any, position: int, current: int | None, prices: tuple[float, float], stays: bool
) -> None:
    asked = question(current, prices, (0.05, 0.0))
    choice = Courses(FakeClock()).stay(asked, Choice(position, reason))
    assert choice.reason == ("stayed" if stays else reason)
    assert choice.position == (current if stays else position)
