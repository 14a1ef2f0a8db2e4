from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import (
    CacheHint,
    Message,
    Reasoning,
    Request,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from pointsman.dialects.base import Target
from pointsman.dialects.openai_chat.decode_request import decode_request
from pointsman.dialects.openai_chat.encode_request import encode_request
from pointsman.errors import UntranslatableRequest
from tests.support.openai_chat_cases import HI, REQUESTS, TOOL


@pytest.mark.parametrize("case", REQUESTS)
def test_the_table(case: str) -> None:
    wire, request = REQUESTS[case]
    encoded = encode_request(request, Target("m"))
    assert json.loads(encoded.body) == wire
    assert encoded.dropped == ()


def _encode(target: Target | None = None, **fields: Any) -> tuple[dict[str, Any], tuple[str, ...]]:
    encoded = encode_request(Request("m", (HI,), **fields), target or Target("gpt"))
    body = json.loads(encoded.body)
    assert body.pop("messages") == [{"role": "user", "content": "hi"}]
    return body, encoded.dropped


@pytest.mark.parametrize(
    ("target", "fields", "body", "dropped"),
    [
        (Target("gpt"), {"stream": True}, {"stream": True, "stream_options": {"include_usage": True}}, ()),
        (Target("gpt", legacy_max_tokens=True), {"max_output": 3}, {"max_tokens": 3}, ()),
        (Target("gpt"), {"top_k": 3}, {}, ("top_k",)),
        (
            Target("gpt", accepts_sampling=False),
            {"temperature": 0.0, "top_p": 1.0},
            {},
            ("temperature", "top_p"),
        ),
        (Target("gpt"), {"reasoning": Reasoning(mode="adaptive")}, {}, ()),
        (Target("gpt"), {"reasoning": Reasoning(mode="off")}, {"reasoning_effort": "none"}, ()),
        (
            Target("gpt"),
            {"reasoning": Reasoning("on", budget=10_000)},
            {"reasoning_effort": "medium"},
            ("thinking.budget_tokens",),
        ),
        (
            Target("gpt"),
            {"reasoning": Reasoning("on", budget=1024)},
            {"reasoning_effort": "low"},
            ("thinking.budget_tokens",),
        ),
        (
            Target("gpt"),
            {"reasoning": Reasoning("on", budget=32_000)},
            {"reasoning_effort": "high"},
            ("thinking.budget_tokens",),
        ),
        (
            Target("gpt", accepts_effort=False),
            {"reasoning": Reasoning(effort="max")},
            {},
            ("reasoning_effort",),
        ),
        (Target("gpt", accepts_effort=False), {"reasoning": Reasoning(mode="off")}, {}, ()),
        (Target("gpt"), {"tier": "standard_only"}, {"service_tier": "default"}, ()),
        (Target("gpt"), {"tier": "batch"}, {}, ("service_tier",)),
        (Target("gpt"), {"unmapped": {"context_management": {}}}, {}, ("context_management",)),
        (Target("gpt"), {"tool_choice": ToolChoice("none"), "parallel_tools": True}, {}, ()),
        (
            Target("gpt"),
            {"tools": (Tool("f", {"type": "object"}, cache=CacheHint()),)},
            {"tools": [{"type": "function", "function": {"name": "f"}}]},
            ("cache_control",),
        ),
    ],
)
def test_what_cannot_cross_is_named(
    target: Target, fields: dict[str, Any], body: dict[str, Any], dropped: tuple[str, ...]
) -> None:
    assert _encode(target, **fields) == ({"model": "gpt", **body}, dropped)


@pytest.mark.parametrize(
    ("target", "fields", "param"),
    [
        (Target("gpt"), {"stop": tuple("abcde")}, "stop"),
        (Target("gpt"), {"unmapped": {"mcp_servers": []}}, "mcp_servers"),
        (Target("gpt"), {"unmapped": {"container": "c"}}, "container"),
        (Target("gpt"), {"unmapped": {"inference_geo": "us"}}, "inference_geo"),
        (Target("gpt"), {"unmapped": {"unheard_of": 1}}, "unheard_of"),
        (Target("gpt"), {"tool_choice": ToolChoice("required")}, "tool_choice"),
        (
            Target("gpt", accepts_forced_tools=False),
            {"tools": (TOOL,), "tool_choice": ToolChoice("tool", "weather")},
            "tool_choice",
        ),
    ],
)
def test_what_would_change_the_question_is_refused(
    target: Target, fields: dict[str, Any], param: str
) -> None:
    with pytest.raises(UntranslatableRequest) as caught:
        _encode(target, **fields)
    assert caught.value.param == param


def test_a_long_user_is_told_apart_by_its_digest() -> None:
    first, dropped = _encode(user="a" * 200)
    second, _ = _encode(user="a" * 199)
    assert dropped == ("user",)
    assert len(first["user"]) == 64
    assert first["user"] != second["user"]


_word = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
_texts = st.builds(lambda text: (Text(text),), _word)
_call = st.builds(ToolCall, _word, _word, st.sampled_from(["{}", '{"a":1}', "{oops"]))
_user = st.builds(Message, st.just("user"), _texts, st.sampled_from(["", "ann"]))
_results = st.lists(st.builds(ToolResult, _word, _texts), min_size=1, max_size=3).map(tuple)


@st.composite
def _turns(draw: st.DrawFn) -> tuple[Message, ...]:
    """Conversations that the wire can tell apart: results follow calls, a user turn comes first."""
    turns = [draw(_user)]
    for _ in range(draw(st.integers(0, 3))):
        if draw(st.booleans()):
            calls = draw(st.lists(_call, min_size=1, max_size=2))
            turns.append(Message("assistant", (*draw(_texts), *calls)))
            turns.append(Message("user", draw(_results)))
        else:
            turns.append(Message("assistant", draw(_texts)))
            turns.append(draw(_user))
    return tuple(turns)


_requests = st.builds(
    Request,
    model=_word,
    messages=_turns(),
    system=st.just(()) | _texts,
    max_output=st.none() | st.integers(1, 10**6),
    temperature=st.none() | st.floats(0, 2),
    top_p=st.none() | st.floats(0, 1),
    stop=st.lists(_word, max_size=4).map(tuple),
    reasoning=st.none() | st.builds(Reasoning, effort=st.sampled_from(["none", "low", "max"])),
    user=st.just("") | _word,
    tier=st.sampled_from(["", "flex", "auto"]),
    unmapped=st.dictionaries(st.sampled_from(["seed", "verbosity", "n"]), st.integers(2, 9)),
)


@given(_requests)
def test_what_is_encoded_reads_back_the_same(request: Request) -> None:
    encoded = encode_request(request, Target(request.model))
    assert encoded.dropped == ()
    assert decode_request(encoded.body) == request


@given(_requests, st.booleans())
def test_streams_always_ask_for_usage(request: Request, wanted: bool) -> None:
    request = msgspec.structs.replace(request, stream=True, stream_usage=wanted)
    body = json.loads(encode_request(request, Target("m")).body)
    assert body["stream_options"] == {"include_usage": True}
