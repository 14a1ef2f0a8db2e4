from __future__ import annotations

from typing import Any

import msgspec

from pointsman.promptcache import Autopilot, Placement
from pointsman.promptcache.apply import apply, read_prompt
from pointsman.promptcache.sight import Sight
from tests.support.coding_agent import agent, text


def place(*bodies: dict[str, Any], **lives: str) -> tuple[dict[str, Any], int]:
    """The last body with breakpoints there."""
    autopilot = Autopilot(1)
    for body in bodies:
        raw = msgspec.json.encode(body)
        fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        prompt = read_prompt(fields, "d", "me")
        assert prompt is not None
        sight = autopilot.look(prompt, 0.0)
    assert isinstance(sight, Sight)
    placement = Placement(sight, 0.0)
    for name, life in lives.items():
        setattr(placement, name, life)
    marked, count = apply(placement, raw, fields)
    return msgspec.json.decode(marked), count


def test_everywhere_at_once() -> None:
    body = agent(3)[-1]
    marked, count = place(body, tools="1h", system="1h", tail="5m")
    assert count == 3
    hour, five = {"type": "ephemeral", "ttl": "1h"}, {"type": "ephemeral"}
    assert marked["tools"][-1].pop("cache_control") == hour
    assert marked["system"] == [{"type": "text", "text": body["system"], "cache_control": hour}]
    assert marked["messages"][-1]["content"][-1].pop("cache_control") == five
    assert {**marked, "system": body["system"]} == body


def test_one_that_cannot_stand_there_is_left_out() -> None:
    body = {"model": "m", "system": "", "messages": [{"role": "user", "content": text(9, "a")}]}
    marked, count = place(body, system="5m", tail="5m")
    assert count == 1
    assert marked["system"] == ""
    assert place({**body, "messages": [{"role": "user", "content": ""}]}, tail="5m")[1] == 0


def test_a_breakpoint_for_all_is_the_callers() -> None:
    fields = {"cache_control": msgspec.Raw(b"{}"), "messages": msgspec.Raw(b"[]")}
    assert read_prompt(fields, "d", "me") is None
