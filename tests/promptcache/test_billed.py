from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.chat import Usage
from pointsman.promptcache.billed import LIFE, Once, Rates, place
from pointsman.promptcache.memory import Memory
from tests.support.coding_agent import text

RATES = Rates(2_000_000, 200_000, 2_500_000)
SYSTEM = {"role": "system", "content": text(1500, "instructions")}


def fields(*messages: Any, **more: Any) -> dict[str, msgspec.Raw]:
    return msgspec.json.decode(
        msgspec.json.encode({"model": "m", "messages": messages, **more}), type=dict[str, msgspec.Raw]
    )


def ask(memory: Memory, now: float, *messages: Any, whose: str = "me", **more: Any) -> Once | str:
    return place(memory, fields(*messages, **more), RATES, now, deployment="d", partition=whose)


def question(number: int) -> dict[str, str]:
    return {"role": "user", "content": f"question {number} " + text(100, str(number))}


def after(count: int, *first: Any, start: float = 0.0, whose: str = "me") -> tuple[Memory, float]:
    """So many first requests that nobody went on with, a minute apart."""
    memory, now = Memory(1), start
    for number in range(count):
        ask(memory, now, *first, question(number), whose=whose)
        now += 60.0
    return memory, now


def test_what_is_usual_stays_until_it_is_seen_not_to_pay() -> None:
    memory, now = Memory(1), 0.0
    done = []
    for number in range(30):
        done.append(isinstance(ask(memory, now, question(number)), Once))
        now += 60.0
    assert not any(done[:5])
    assert all(done[15:])


def test_conversations_are_left_as_they_are() -> None:
    memory, now = Memory(1), 0.0
    for number in range(30):
        first = question(number)
        assert ask(memory, now, first) == "usual"
        assert ask(memory, now + 5, first, {"role": "assistant", "content": "yes"}, question(0)) == "usual"
        now += 60.0


def test_who_begins_to_go_on_gets_back_what_is_usual() -> None:
    memory, now = after(30)
    assert isinstance(ask(memory, now, question(99)), Once)
    for number in range(100, 130):
        said = {"role": "assistant", "content": "yes"}
        ask(memory, now, question(number))
        ask(memory, now + 5, question(number), said, question(0))
        now += 60.0
    assert ask(memory, now, question(200)) == "usual"


def test_instructions_that_many_share_are_kept() -> None:
    memory, now = after(30, SYSTEM)
    once = ask(memory, now, SYSTEM, question(99))
    assert isinstance(once, Once)
    assert once.first is not None
    once.settle(Usage(input=100, cache_write_30m=1500))
    assert once.level is not None
    assert once.level.kept is not None
    assert (once.level.kept.tokens, once.level.kept.until) == (1500, now + LIFE)
    once.settle(None)
    assert once.level.tokens == 1500


def test_tenants_learn_for_themselves() -> None:
    memory, now = after(30)
    assert ask(memory, now, question(99), whose="other") == "usual"


@pytest.mark.parametrize(
    ("messages", "more", "why"),
    [
        ([], {}, "unreadable"),
        ([1], {}, "unreadable"),
        ([question(500)], {"prompt_cache_options": {"mode": "implicit"}}, "own"),
        ([question(500)], {"prompt_cache_retention": "24h"}, "own"),
        ([question(500), {"role": "assistant", "content": "a"}, question(2)], {}, "usual"),
        ([question(500)], {"tools": [{"type": "function"}]}, "usual"),
    ],
)
def test_what_is_left_alone(messages: list[Any], more: dict[str, Any], why: str) -> None:
    memory, now = after(30)
    assert ask(memory, now, *messages, **more) == why
