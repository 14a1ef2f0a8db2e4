from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.promptcache import Autopilot, Placement
from pointsman.promptcache.apply import apply, read_prompt
from pointsman.promptcache.memory import Kept
from pointsman.promptcache.sight import Sight
from tests.support.coding_agent import agent
from tests.support.warmed import marks, without_marks


def place(*bodies: dict[str, Any], **lives: str) -> tuple[dict[str, Any], str]:
    """The last body with breakpoints there, and what is said of them."""
    autopilot = Autopilot(1)
    for body in bodies:
        raw = msgspec.json.encode(body)
        fields = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
        prompt = read_prompt(fields, "d", "me")
        assert prompt is not None
        sight = autopilot.look(prompt, 0.0)
    assert isinstance(sight, Sight)
    placement = Placement(sight, 0.0)
    before = sight.before
    if before is not None:
        placement.alive = Kept(1, 300.0, "5m", before.start, before.length)
    for name, life in lives.items():
        setattr(placement, name, life)
    marked, count = apply(placement, raw, fields)
    told = placement.describe()
    assert count == placement.count == told.count("=")
    return msgspec.json.decode(marked), told


def test_everywhere_at_once() -> None:
    body = agent(3)[-1]
    marked, told = place(body, tools="1h", system="1h", tail="5m")
    assert told == "tools=1h, system=1h, messages=5m"
    hour, five = {"type": "ephemeral", "ttl": "1h"}, {"type": "ephemeral"}
    assert marked["tools"][-1].pop("cache_control") == hour
    assert marked["system"] == [{"type": "text", "text": body["system"], "cache_control": hour}]
    assert marked["messages"][-1]["content"][-1].pop("cache_control") == five
    assert {**marked, "system": body["system"]} == body


EMPTY = [{"type": "text", "text": "what "}, {"type": "text", "text": ""}]


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"system": ""}, "tools=5m, messages=5m"),
        ({"system": EMPTY}, "tools=5m, messages=5m"),
        ({"tools": [{"name": "t", "defer_loading": True}]}, "system=5m, messages=5m"),
        ({"messages": [{"role": "user", "content": ""}]}, "tools=5m, system=5m"),
        ({"messages": [{"role": "user", "content": EMPTY}]}, "tools=5m, system=5m"),
        ({"system": "", "tools": [], "messages": [{"role": "user", "content": EMPTY}]}, ""),
    ],
)
def test_one_that_cannot_stand_there_is_left_out_and_not_spoken_of(more: dict[str, Any], told: str) -> None:
    body = {**agent(1)[0], **more}
    marked, said = place(body, tools="5m", system="5m", tail="5m")
    assert said == told
    assert marks(marked) == [each.replace("messages", "0")[:-3] for each in told.split(", ") if each]
    assert without_marks(marked) == without_marks(body)


def test_so_it_is_with_one_at_an_earlier_end() -> None:
    before, now = agent(2)
    assert place(before, now, anchor="5m", tail="5m")[1] == "earlier=5m, messages=5m"
    before["messages"][-1]["content"] = EMPTY
    now["messages"] = [*before["messages"], *now["messages"][1:]]
    assert place(before, now, anchor="5m", tail="5m")[1] == "messages=5m"


def test_a_breakpoint_for_all_is_the_callers() -> None:
    fields = {"cache_control": msgspec.Raw(b"{}"), "messages": msgspec.Raw(b"[]")}
    assert read_prompt(fields, "d", "me") is None
