from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import CacheHint, Request, ResponseFormat, Text, Tool, ToolChoice
from pointsman.dialects.base import Target
from pointsman.dialects.openai_chat.decode_request import decode_request
from pointsman.dialects.openai_chat.encode_request import encode_request
from pointsman.errors import InvalidRequest, RequestError, UntranslatableRequest
from tests.support.openai_chat_cases import HI, HI_WIRE, REQUESTS, SCHEMA, TOOL, TOOL_WIRE


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
        (
            {"response_format": {"type": "text"}},
            Request("m", (HI,), response_format=ResponseFormat("text")),
        ),
        ({"top_k": 4}, Request("m", (HI,), top_k=4)),
        # No field of OpenAI's, but what clients send that were written for Claude behind such an address.
        ({"system": "Be brief."}, Request("m", (HI,), system=(Text("Be brief."),))),
        (
            {"system": "One.", "messages": [{"role": "system", "content": "Two."}, HI_WIRE]},
            Request("m", (HI,), system=(Text("One."), Text("Two."))),
        ),
        ({"system": ""}, Request("m", (HI,))),
        ({"system": None}, Request("m", (HI,))),
        ({"system": {"a": 1}}, Request("m", (HI,), unmapped={"system": {"a": 1}})),
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
        ({"max_completion_tokens": 10**30}, InvalidRequest, "max_completion_tokens"),
    ],
)
def test_what_is_wrong_is_named(fields: dict[str, Any], kind: type[RequestError], param: str) -> None:
    with pytest.raises(RequestError) as caught:
        _decode(**fields)
    assert type(caught.value) is kind
    assert caught.value.param == param
    assert caught.value.status == 400


def test_a_number_out_of_range_is_named() -> None:
    body = b'{"model":"m","messages":[],"logit_bias":{"5":1e400}}'
    with pytest.raises(InvalidRequest, match="logit_bias"):
        decode_request(body)


def test_no_depth_is_too_much_to_be_told() -> None:
    """Near the recursion limit, reading may succeed where writing fails: each says so, at any depth."""
    outcomes = set()
    for depth in range(50, 1_500, 50):
        body = b'{"model":"m","messages":[],"metadata":' + b'{"a":' * depth + b"1" + b"}" * depth + b"}"
        try:
            encode_request(decode_request(body), Target("m"))
            outcomes.add("read and written")
        except InvalidRequest as error:
            assert "nested too deeply" in error.message
            outcomes.add("refused")
    assert outcomes == {"read and written", "refused"}


_TOKENS = [
    b'"\\ud800"',
    b"1e400",
    b"-1",
    b"9" * 40,
    b"null",
    b"[]",
    b"{}",
    b'"',
    b"\\",
    b"\xff",
    b"true",
    b"1.5",
]


@given(st.data())
def test_any_damage_is_refused_cleanly(data: st.DataObject) -> None:
    case = data.draw(st.sampled_from(sorted(REQUESTS)))
    body = json.dumps(REQUESTS[case][0]).encode()
    at = data.draw(st.integers(0, len(body)))
    cut = data.draw(st.integers(0, 4))
    damaged = body[:at] + data.draw(st.sampled_from(_TOKENS) | st.binary(max_size=3)) + body[at + cut :]
    try:
        assert encode_request(decode_request(damaged), Target("m")).body
    except RequestError as error:
        assert error.status == 400
