from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.gateway.call.call import Call
from pointsman.gateway.prompt_cache.rules import Rules
from pointsman.keys import KeyInfo
from tests.support.arrivals import an_arrival
from tests.support.coding_agent import agent
from tests.support.gateway import MESSAGES
from tests.support.stack import settings
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual


def a_call(route: str = "m", policy: str = "") -> Call:
    arrival = an_arrival(
        {"model": route, "messages": []}, key=KeyInfo(id="k", name="k", tenant="", cache=policy)
    )
    return Call(arrival, peek=arrival.face.peek(arrival.body))


@pytest.mark.parametrize(
    ("enabled", "route", "policy", "on"),
    [
        (True, "m", "", True),
        (False, "m", "", False),
        (True, "never", "", False),
        (False, "always", "", True),
        (True, "m", "unmarked", False),
        (False, "m", "marked", True),
        (True, "always", "unmarked, ttl=9", False),
        (True, "never", "marked", False),
        (False, "always", "off", True),
        (True, "m", "sampled", True),
        (True, "m", "what a newer version says", False),
    ],
)
def test_who_has_it(enabled: bool, route: str, policy: str, on: bool) -> None:
    rules = Rules(enabled, {"always": True, "never": False})
    for _ in range(2):
        assert rules.on(a_call(route, policy)) is on
    if route == "m":
        assert Rules(enabled).on(a_call(route, policy)) is on


def test_policies_are_remembered_within_bounds() -> None:
    rules = Rules()
    for seconds in range(1, 3000):
        assert rules.on(a_call(policy=f"ttl={seconds}"))
    assert not rules.on(a_call(policy="unmarked"))


@pytest.mark.parametrize(("enabled", "placed"), [(True, [True, False, True]), (False, [False, False, True])])
def test_routes_have_it_or_not(enabled: bool, placed: list[bool]) -> None:
    """And where it is off, what was sent is not looked at, nor the conversation held."""
    claude = ["claude-sonnet-4-6"]
    routes: dict[str, Any] = {
        "as_all": {"models": claude},
        "never": {"models": claude, "prompt_cache": False},
        "always": {"models": claude, "prompt_cache": True},
    }

    async def work() -> None:
        async with virtual_stack(given=settings(prompt_cache={"enabled": enabled}, routes=routes)) as stack:
            for route, marked in zip(routes, placed, strict=True):
                answer = await stack.post(MESSAGES, agent(1, model=route, seed=route)[0])
                assert ("x-pointsman-prompt-cache" in answer.headers) is marked, route
                await asyncio.sleep(1.0)
            assert [entry.attempts[0].breakpoints > 0 for entry in stack.ledger.entries] == placed

    run_virtual(work)
