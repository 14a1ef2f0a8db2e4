from __future__ import annotations

import json
from typing import Any

import pytest
from tests.support.openai_chat_cases import HI, HI_WIRE, REQUESTS, SCHEMA, TOOL, TOOL_WIRE

from pointsman.chat import CacheHint, Request, Tool, ToolChoice
from pointsman.dialects.openai_chat.decode_request import decode_request
from pointsman.errors import InvalidRequest, RequestError, UntranslatableRequest


@pytest.mark.parametrize("case", REQUESTS)
def test_the_table(case: str) -> None:
    wire, request = REQUESTS[case]
    assert decode_request(json.dumps(wire).encode()) == request


def _decode(**fields: Any) -> Request:
    return decode_request(json.dumps({"model": "m", "messages": [HI_WIRE], **fields}).encode())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"max_tokens": 5}, Request("m", (HI,), max_output=5)),
        ({"max_tokens": 5, "max_completion_tokens": 6}, Request("m", (HI,), max_output=6)),
        ({"stop": "x"}, Request("m", (HI,), stop=("x",))),
        ({"safety_identifier": "s", "user": "u"}, Request("m", (HI,), user="s")),
        ({"response_format": None, "tools": None, "stop": None, "seed": None}, Request("m", (HI,))),
        # What says no more than leaving it out is no reason to refuse the request elsewhere.
        ({"n": 1, "logprobs": False, "presence_penalty": 0, "store": False}, Request("m", (HI,))),
        ({"functions": [], "x_new": 1}, Request("m", (HI,), unmapped={"functions": [], "x_new": 1})),
        ({"top_k": 4}, Request("m", (HI,), top_k=4)),
        (
            {
                "tools": [TOOL_WIRE, {"type": "function", "function": {"name": "b"}}],
                "tool_choice": {
                    "type": "allowed_tools",
                    "allowed_tools": {
                        "mode": "required",
                        "tools": [{"type": "function", "function": {"name": "weather"}}],
                    },
                },
            },
            Request("m", (HI,), tools=(TOOL,), tool_choice=ToolChoice("required")),
        ),
        (
            {
                "tools": [
                    {
                        "type": "function",
                        "function": {"name": "b", "parameters": SCHEMA},
                        "cache_control": {"type": "ephemeral", "ttl": "1h"},
                    }
                ]
            },
            Request("m", (HI,), tools=(Tool("b", SCHEMA, cache=CacheHint("1h")),)),
        ),
    ],
)
def test_other_spellings(fields: dict[str, Any], expected: Request) -> None:
    assert _decode(**fields) == expected


@pytest.mark.parametrize(
    ("fields", "kind", "param"),
    [
        ({"temperature": "hot"}, InvalidRequest, "temperature"),
        ({"stop": [1]}, InvalidRequest, "stop[0]"),
        ({"tools": [{"type": "function"}]}, InvalidRequest, "tools[0].function"),
        ({"tools": [{"type": "function", "function": {}}]}, InvalidRequest, "tools[0].function.name"),
        ({"tools": [{"type": "custom"}]}, UntranslatableRequest, "tools[0].type"),
        ({"tool_choice": "maybe"}, InvalidRequest, "tool_choice"),
        ({"tool_choice": {"type": "custom"}}, UntranslatableRequest, "tool_choice.type"),
        ({"tool_choice": {"type": "function"}}, InvalidRequest, "tool_choice.function"),
        ({"tool_choice": {"type": "allowed_tools"}}, InvalidRequest, "tool_choice.allowed_tools"),
        ({"response_format": {"type": "xml"}}, InvalidRequest, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, InvalidRequest, "response_format.json_schema"),
        ({"messages": [{"role": "user", "content": 5}]}, InvalidRequest, "messages[0].content"),
        ({"messages": ["hi"]}, InvalidRequest, "messages[0]"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], kind: type[RequestError], param: str) -> None:
    with pytest.raises(RequestError) as caught:
        _decode(**fields)
    assert type(caught.value) is kind
    assert caught.value.param == param
    assert caught.value.status == 400
