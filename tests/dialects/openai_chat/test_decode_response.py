from __future__ import annotations

import json
from typing import Any

import pytest

from pointsman.chat import Part, Refusal, Stop, Text, Thinking, ToolCall, Usage
from pointsman.dialects.openai_chat.decode_response import decode_response, read_usage
from pointsman.errors import UpstreamMalformed
from tests.support.openai_chat_cases import RESPONSES


@pytest.mark.parametrize("case", RESPONSES)
def test_the_table(case: str) -> None:
    wire, response = RESPONSES[case]
    assert decode_response(json.dumps(wire).encode()) == response


@pytest.mark.parametrize("case", RESPONSES)
def test_reading_the_usage_alone_agrees(case: str) -> None:
    wire, response = RESPONSES[case]
    body = b"\n \n" + json.dumps(wire).encode()  # DeepSeek sends blank lines while it is busy
    assert read_usage(body) == (response.usage, response.model, response.id)


def _decode(message: dict[str, Any], finish: str | None = "stop") -> tuple[tuple[Part, ...], Stop]:
    body = {"choices": [{"message": message, "finish_reason": finish}]}
    response = decode_response(json.dumps(body).encode())
    return response.parts, response.stop


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ({"content": None}, ()),
        ({"content": "a", "reasoning": "hm"}, (Thinking("hm"), Text("a"))),
        (
            {"content": [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "b"}]},
            (Text("a"), Refusal("b")),
        ),
    ],
)
def test_shapes_of_content(message: dict[str, Any], parts: tuple[Part, ...]) -> None:
    assert _decode(message) == (parts, Stop.END)


def test_calls_without_ids_get_distinct_ones_that_do_not_change() -> None:
    call = {"function": {"name": "f", "arguments": {"a": 1}}}
    message = {"content": "", "tool_calls": [call, {"id": "", **call}]}
    parts, stop = _decode(message)
    assert stop is Stop.TOOL_CALLS
    first, second = parts
    assert isinstance(first, ToolCall)
    assert isinstance(second, ToolCall)
    assert first.arguments == '{"a":1}'
    assert first.id != second.id
    assert _decode(message)[0] == parts


def test_the_old_function_call() -> None:
    parts, stop = _decode({"content": None, "function_call": {"name": "f", "arguments": ""}}, "function_call")
    assert stop is Stop.TOOL_CALLS
    assert [(part.name, part.arguments) for part in parts if isinstance(part, ToolCall)] == [("f", "{}")]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b"{}",
        b'{"choices":[]}',
        b'{"choices":[{"message":{"tool_calls":[{"id":"c"}]}}]}',
        b'{"choices":"\xff"}',
        b'{"choices":' + b"[" * 100_000,
    ],
)
def test_what_is_no_answer_is_malformed(body: bytes) -> None:
    with pytest.raises(UpstreamMalformed):
        decode_response(body)


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"choices":[],"usage":5}'])
def test_usage_is_read_from_answers_only(body: bytes) -> None:
    with pytest.raises(UpstreamMalformed):
        read_usage(body)


def test_unknown_usage_is_none() -> None:
    assert read_usage(b'{"choices":[]}') == (None, "", "")
    body = b'{"choices":[],"service_tier":"flex","usage":{"prompt_tokens":1,"completion_tokens":2}}'
    assert read_usage(body)[0] == Usage(input=1, output=2, tier="flex")
