from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.chat import Reasoning, Request, Text, Thinking, ToolCall, ToolChoice, ToolResult
from pointsman.dialects.anthropic_messages.encode_thinking import (
    DEFAULT_MAX_TOKENS,
    UNKNOWN_MAX_TOKENS,
    encode_thinking,
)
from pointsman.dialects.base import Target
from pointsman.errors import InvalidRequest
from tests.support.anthropic_wire import MODEL, ask, assistant, user

NEW = Target(MODEL, max_output=128_000, accepts_sampling=False)
OLD = Target(MODEL, max_output=64_000, accepts_sampling=True)
BOTH = Target(MODEL, max_output=64_000, accepts_sampling=True, accepts_effort=True)
UNKNOWN = Target(MODEL)
ADAPTIVE = {"type": "adaptive"}
OFF = {"type": "disabled"}


def budget(tokens: int) -> dict[str, Any]:
    return {"type": "enabled", "budget_tokens": tokens}


@pytest.mark.parametrize(
    ("reasoning", "target", "thinking", "effort", "dropped"),
    [
        (None, NEW, None, None, []),
        (Reasoning(), NEW, None, None, []),
        (Reasoning(effort="high"), NEW, ADAPTIVE, "high", []),
        (Reasoning(effort="high"), UNKNOWN, ADAPTIVE, "high", []),
        (Reasoning(effort="high"), BOTH, ADAPTIVE, "high", []),
        (Reasoning(effort="high"), OLD, budget(16_384), None, []),
        (Reasoning(effort="minimal"), NEW, ADAPTIVE, "low", ["reasoning_effort=minimal"]),
        (Reasoning(effort="minimal"), OLD, budget(2_048), None, ["reasoning_effort=minimal"]),
        (Reasoning(effort="none"), NEW, OFF, None, []),
        (Reasoning(mode="off", effort="low"), NEW, OFF, "low", []),
        (Reasoning(mode="off", effort="low"), OLD, OFF, None, []),
        (Reasoning(budget=0), NEW, OFF, None, []),
        (Reasoning(mode="on"), NEW, ADAPTIVE, None, []),
        (Reasoning(mode="on"), OLD, budget(8_192), None, []),
        (Reasoning(mode="adaptive"), OLD, budget(8_192), None, []),
        (Reasoning(budget=5_000), NEW, ADAPTIVE, None, ["reasoning.budget"]),
        (Reasoning(budget=5_000), OLD, budget(5_000), None, []),
        (Reasoning(budget=5_000, effort="low"), BOTH, budget(5_000), "low", []),
        (Reasoning(mode="on", budget=5_000), UNKNOWN, budget(5_000), None, []),
        (Reasoning(budget=-1), UNKNOWN, ADAPTIVE, None, ["reasoning.budget"]),
        (Reasoning(budget=10), OLD, budget(1_024), None, ["reasoning.budget<1024"]),
    ],
)
def test_each_kind_of_model_is_asked_in_its_own_words(
    reasoning: Reasoning | None,
    target: Target,
    thinking: dict[str, Any] | None,
    effort: str | None,
    dropped: list[str],
) -> None:
    names: list[str] = []
    request = ask(reasoning=reasoning)
    thought = encode_thinking(_open_ended(request), target, names)
    assert (thought.thinking, thought.effort, names) == (thinking, effort, dropped)
    assert thought.on == (thinking not in (None, OFF))
    if thinking is not None and "budget_tokens" in thinking:
        assert 1_024 <= thinking["budget_tokens"] < thought.max_tokens


def _open_ended(request: Request) -> Request:
    return msgspec.structs.replace(request, max_output=None)


@pytest.mark.parametrize(
    ("target", "reasoning", "tokens"),
    [
        (UNKNOWN, None, UNKNOWN_MAX_TOKENS),
        (UNKNOWN, Reasoning(mode="on", budget=5_000), UNKNOWN_MAX_TOKENS + 5_000),
        (Target(MODEL, max_output=4_096), None, 4_096),
        (NEW, None, DEFAULT_MAX_TOKENS),
        (OLD, Reasoning(budget=30_000), DEFAULT_MAX_TOKENS + 30_000),
        (OLD, Reasoning(budget=50_000), 64_000),
    ],
)
def test_a_caller_without_a_maximum_gets_room_to_answer(
    target: Target, reasoning: Reasoning | None, tokens: int
) -> None:
    assert encode_thinking(_open_ended(ask(reasoning=reasoning)), target, []).max_tokens == tokens


def test_a_budget_is_cut_to_what_the_caller_allows() -> None:
    dropped: list[str] = []
    thought = encode_thinking(ask(reasoning=Reasoning(budget=10_000)), OLD, dropped)
    assert (thought.thinking, thought.max_tokens) == (budget(4_095), 4_096)
    assert dropped == ["reasoning.budget>max_tokens"]


def test_too_little_room_for_a_budget() -> None:
    small = msgspec.structs.replace(ask(reasoning=Reasoning(budget=2_000)), max_output=1_000)
    with pytest.raises(InvalidRequest) as caught:
        encode_thinking(small, OLD, [])
    assert caught.value.param == "max_tokens"
    # An effort is no more than a wish: without room for a budget the model answers without thinking.
    dropped: list[str] = []
    wish = msgspec.structs.replace(small, reasoning=Reasoning(effort="high"))
    assert encode_thinking(wish, OLD, dropped).thinking is None
    assert dropped == ["reasoning"]


@pytest.mark.parametrize(("target", "effort"), [(NEW, "high"), (OLD, None)])
def test_nobody_thinks_before_a_forced_call(target: Target, effort: str | None) -> None:
    dropped: list[str] = []
    request = ask(reasoning=Reasoning(effort="high"), tool_choice=ToolChoice("required"))
    thought = encode_thinking(request, target, dropped)
    assert (thought.thinking, thought.effort, dropped) == (None, effort, ["reasoning"])


@pytest.mark.parametrize(
    ("parts", "thinks"),
    [
        ((ToolCall("t", "f", "{}"),), False),
        ((Thinking("lost"), ToolCall("t", "f", "{}")), False),
        ((Thinking("kept", "sig"), ToolCall("t", "f", "{}")), True),
        ((Text("no call"),), True),
    ],
)
def test_a_tool_loop_that_lost_its_thinking_goes_on_without(parts: Any, thinks: bool) -> None:
    dropped: list[str] = []
    request = ask(
        user(Text("a")),
        assistant(*parts),
        user(ToolResult("t", (Text("r"),))),
        reasoning=Reasoning(effort="low"),
    )
    assert encode_thinking(request, OLD, dropped).on is thinks
    assert dropped == ([] if thinks else ["reasoning"])
