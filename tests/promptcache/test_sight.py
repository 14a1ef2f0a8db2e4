from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.chat import Usage
from pointsman.promptcache.apply import read_prompt
from pointsman.promptcache.memory import Memory
from pointsman.promptcache.odds import Kind
from pointsman.promptcache.sight import Sight, look
from tests.support.coding_agent import agent

USER, RESULT = (
    {"role": "user", "content": "go on"},
    {"type": "tool_result", "tool_use_id": "1", "content": "x"},
)
SAID = {"role": "assistant", "content": "done"}


def see(
    memory: Memory, body: dict[str, Any], now: float = 0.0, *, whose: str = "me", at: str = "d"
) -> Sight | str:
    fields = msgspec.json.decode(msgspec.json.encode(body), type=dict[str, msgspec.Raw])
    prompt = read_prompt(fields, at, whose)
    assert prompt is not None
    return look(memory, prompt, now)


def seen(
    memory: Memory, body: dict[str, Any], now: float = 0.0, *, whose: str = "me", at: str = "d"
) -> Sight:
    sight = see(memory, body, now, whose=whose, at=at)
    assert isinstance(sight, Sight)
    return sight


@pytest.mark.parametrize(
    ("more", "kind"),
    [
        ({"messages": [USER]}, "opening"),
        ({"messages": [USER], "tools": [{"name": "t"}]}, "task"),
        ({"messages": [USER], "tools": [{"name": "t"}], "tool_choice": {"type": "auto"}}, "task"),
        ({"messages": [USER], "tools": [{"name": "t"}], "tool_choice": {"type": "any"}}, "opening"),
        (
            {"messages": [USER], "tools": [{"name": "t"}], "tool_choice": {"type": "tool", "name": "t"}},
            "opening",
        ),
        ({"messages": [USER, SAID, USER]}, "joined"),
        ({"messages": [USER, USER]}, "opening"),
    ],
)
def test_kinds_of_requests(more: dict[str, Any], kind: Kind) -> None:
    assert seen(Memory(1), {"model": "m", **more}).kind == kind


def test_kinds_of_what_goes_on() -> None:
    memory = Memory(1)
    seen(memory, {"messages": [USER]})
    assert seen(memory, {"messages": [USER, SAID, USER]}).kind == "turn"
    result = {"role": "user", "content": [RESULT]}
    assert seen(memory, {"messages": [USER, SAID, USER, SAID, result]}).kind == "loop"
    assert seen(memory, {"messages": [USER, SAID, USER, SAID, result]}).kind == "repeat"


def test_a_conversation_is_followed_from_turn_to_turn() -> None:
    memory = Memory(1)
    bodies = agent(5)
    before = None
    for turn, body in enumerate(bodies):
        sight = seen(memory, body, turn * 10.0)
        assert sight.before is before
        assert len(sight.turns) == (2 if turn else 1)
        assert sight.conversation.blocks == 1 + 3 * turn
        before = sight.conversation
    again = seen(memory, bodies[-1], 60.0)
    assert (again.kind, again.before, again.turns) == ("repeat", before, [])
    assert again.conversation.start == before.start if before is not None else False


@pytest.mark.parametrize(
    "change",
    [
        {"system": "other"},
        {"tools": []},
        {"tool_choice": {"type": "none"}},
        {"thinking": {"type": "enabled", "budget_tokens": 1024}},
    ],
)
def test_it_is_another_conversation_where_something_before_it_has_changed(change: dict[str, Any]) -> None:
    memory = Memory(1)
    one, two = agent(2)
    seen(memory, one)
    assert seen(memory, {**two, **change}).before is None
    assert seen(memory, two).before is not None


def test_nobody_sees_what_others_have_sent() -> None:
    memory = Memory(1)
    one, two = agent(2)
    seen(memory, one)
    assert seen(memory, two, whose="other").before is None
    assert seen(memory, two, at="elsewhere").before is None
    mine, theirs = seen(memory, agent(1, seed="2")[0]), seen(memory, agent(1, seed="2")[0], whose="other")
    assert mine.space is not theirs.space
    assert not set(map(id, mine.levels)) & set(map(id, theirs.levels))


def test_only_other_conversations_count_as_a_use_of_what_is_shared() -> None:
    memory = Memory(1)
    for number, body in enumerate(agent(4)):
        sight = seen(memory, body, number * 5.0)
    assert [level.tally.soon_trials for level in sight.levels] == [0, 0]
    other = seen(memory, agent(1, seed="two")[0], 20.0)
    assert other.levels == sight.levels
    assert [(level.tally.soon_trials, level.tally.soon_hits) for level in other.levels] == [(1, 1), (1, 1)]


def test_tokens_are_estimated_by_what_was_counted() -> None:
    memory = Memory(1)
    bodies = agent(3)
    first = seen(memory, bodies[0])
    assert first.tokens == first.size // 3
    first.learn(Usage(input=1_000, cache_write_5m=1_000))
    second = seen(memory, bodies[1], 5.0)
    more = len(second.prompt.messages) - first.conversation.length
    assert second.tokens == 2_000 + int(more / second.space.ratio)
    second.learn(None)
    assert second.conversation.tokens is None


def test_breakpoints_of_the_callers_own_anywhere() -> None:
    mark = {"cache_control": {"type": "ephemeral"}}
    block = {"type": "text", "text": "a", **mark}
    for body in (
        {"messages": [USER], "system": [block]},
        {"messages": [USER], "tools": [{"name": "t", **mark}]},
        {"messages": [{"role": "user", "content": [block]}]},
    ):
        memory = Memory(1)
        assert see(memory, body) == see(memory, body) == "own"
    memory = Memory(1)
    seen(memory, {"messages": [USER]})
    assert see(memory, {"messages": [USER, SAID, {"role": "user", "content": [block]}]}) == "own"


@pytest.mark.parametrize("messages", [[], [1], [{"role": "user"}], [{"role": "user", "content": None}]])
def test_what_cannot_be_read_is_left_to_the_provider(messages: list[Any]) -> None:
    assert see(Memory(1), {"messages": messages}) == "unreadable"
