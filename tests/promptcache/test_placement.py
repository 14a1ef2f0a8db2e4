from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.chat import Usage
from pointsman.promptcache import Autopilot, Placement, Prices, Sight, Terms, settle
from pointsman.promptcache.apply import apply, read_prompt
from tests.support.coding_agent import agent

TERMS = Terms(Prices(3_000_000, 300_000, 3_750_000, 6_000_000), 1024)


def placed(autopilot: Autopilot, body: dict[str, Any], now: float) -> Placement | str:
    raw = msgspec.json.encode(body)
    fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    prompt = read_prompt(fields, "d", "me")
    assert prompt is not None
    sight = autopilot.look(prompt, now)
    assert isinstance(sight, Sight)
    placement = autopilot.place(sight, TERMS, now)
    if isinstance(placement, Placement):
        apply(placement, raw, fields)
    return placement


def test_what_was_written_is_known_to_be_there_each_beginning_for_itself() -> None:
    """Another conversation with the same tools and other instructions reads the tools."""
    autopilot = Autopilot(10**12)
    one, two = agent(1)[0], {**agent(1, seed="two")[0], "system": "You help otherwise. " * 300}
    first = placed(autopilot, one, 0.0)
    assert isinstance(first, Placement)
    assert first.describe() == "tools=5m, system=5m, messages=5m"
    settle(first, Usage(cache_write_5m=3000), 0)
    second = placed(autopilot, two, 9.0)
    assert isinstance(second, Placement)
    assert (second.describe(), second.alive) == ("tools=5m", first.sight.levels[0].kept)


def test_a_read_prolongs_what_it_read_and_tells_how_long_it_is() -> None:
    autopilot = Autopilot(10**12)
    first = placed(autopilot, agent(1)[0], 0.0)
    assert isinstance(first, Placement)
    settle(first, Usage(cache_write_5m=3000), 0)
    tools, system = first.sight.levels
    second = placed(autopilot, agent(1, seed="two")[0], 200.0)
    assert isinstance(second, Placement)
    settle(second, Usage(input=150, cache_read=2850), 0)
    assert system.kept is not None
    assert tools.kept is not None
    assert (system.tokens, system.kept.tokens, system.kept.until) == (2850, 2850, 500.0)
    assert tools.kept.until == 300.0


@pytest.mark.parametrize(("usage", "free"), [(Usage(), True), (None, False), (Usage(input=3000), True)])
def test_a_first_request_that_was_not_written_is_not_at_stake(usage: Usage | None, free: bool) -> None:
    """An attempt that failed, one of which nothing is known, and a provider that kept nothing of it."""
    autopilot = Autopilot(10**12)
    first = placed(autopilot, agent(1)[0], 0.0)
    assert isinstance(first, Placement)
    settle(first, usage, 0)
    other = placed(autopilot, {**agent(1, seed="two")[0], "tools": agent(1)[0]["tools"][:3]}, 1.0)
    assert isinstance(other, Placement) is free


def test_what_is_never_found_is_not_asked_for_again() -> None:
    autopilot = Autopilot(10**12)
    told = []
    for turn, body in enumerate(agent(20)):
        each = placed(autopilot, body, turn * 9.0)
        told.append(each if isinstance(each, str) else "placed")
        if isinstance(each, Placement):
            settle(each, Usage(cache_write_5m=3000), 0)
    assert told[-6:] == ["not_worth"] * 6
