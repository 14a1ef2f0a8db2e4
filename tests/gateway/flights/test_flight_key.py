"""Who may share a call."""

from __future__ import annotations

from typing import Any

from pointsman.gateway.call.values import Plan, Route, Stage
from pointsman.gateway.edge.accept import ANTHROPIC, OPENAI
from pointsman.gateway.flights.flight_key import flight_key
from pointsman.resilience import RetryPolicy
from tests.support.flight_books import ROUTE, a_call
from tests.support.gateway import a_route

OTHER = a_route(name="n")


def keyed(plan: Plan | None = None, face: Any = OPENAI, **fields: Any) -> bytes:
    return flight_key(b"k", a_call(0, plan, face, **fields))


def stages(*routes: Route) -> Plan:
    return Plan(routes[0], {}, "", tuple(Stage((route,), (1.0,)) for route in routes), RetryPolicy())


def test_where_an_answer_may_come_from_is_part_of_what_is_shared() -> None:
    asked = [Plan(ROUTE, {}), Plan(OTHER, {}), stages(ROUTE), stages(ROUTE, OTHER)]
    assert len({keyed(plan) for plan in asked}) == len(asked)
    assert keyed(stages(ROUTE, OTHER)) == keyed(stages(ROUTE, OTHER))


def test_dialects_share_unless_a_translation_could_lose_something() -> None:
    assert keyed(face=OPENAI) == keyed(face=ANTHROPIC)
    assert keyed(face=OPENAI, stop=["x"]) != keyed(face=ANTHROPIC, stop_sequences=["x"])
    assert keyed(face=OPENAI, stop=["x"]) == keyed(face=OPENAI, stop=["x"])


def test_what_claude_hears_of_its_own_clients_alone_parts_them_from_others() -> None:
    claude = stages(a_route(dialect="anthropic_messages"))
    for plan, shares in ((stages(ROUTE), True), (claude, False)):
        assert (keyed(plan, OPENAI, top_p=0.5) == keyed(plan, ANTHROPIC, top_p=0.5)) is shares
        assert keyed(plan, OPENAI) == keyed(plan, ANTHROPIC)
