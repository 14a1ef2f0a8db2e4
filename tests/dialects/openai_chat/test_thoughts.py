"""A thought signature travels from Gemini to any client and back, inside of the id of its tool call."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.chat import Message, Request, StreamEnd, Text, ToolCall, ToolResult
from pointsman.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from pointsman.dialects.base import Target
from pointsman.dialects.openai_chat import OPENAI_CHAT, wire
from pointsman.dialects.openai_chat.thoughts import hide, reveal, signature_of

SIGNATURE = "CtkBAVSoXO7j+/9z==" * 40
CALL: dict[str, Any] = {
    "id": "call_1",
    "type": "function",
    "function": {"name": "look", "arguments": '{"at":1}'},
    "extra_content": {"google": {"thought_signature": SIGNATURE}},
}
GEMINI = Target("gemini-4-argon", thought_signatures=True)


def answer() -> bytes:
    message = {"role": "assistant", "content": None, "tool_calls": [CALL]}
    choice = {"index": 0, "message": message, "finish_reason": "tool_calls"}
    return msgspec.json.encode({"id": "x", "model": "gemini", "created": 1, "choices": [choice]})


def streamed() -> list[bytes]:
    deltas: list[tuple[dict[str, Any], str | None]] = [
        ({"role": "assistant", "tool_calls": [{"index": 0, **CALL}]}, None),
        ({}, "tool_calls"),
    ]
    choices = [[{"index": 0, "delta": delta, "finish_reason": finish}] for delta, finish in deltas]
    return [
        *(msgspec.json.encode({"id": "x", "model": "gemini", "choices": each}) for each in choices),
        b"[DONE]",
    ]


def call_id_for_a_client(*, stream: bool) -> str:
    """What an Anthropic client sees as the id of the call."""
    asked = Request(model="m", messages=(Message("user", (Text("look"),)),), stream=stream, max_output=9)
    if not stream:
        body = ANTHROPIC_MESSAGES.encode_response(OPENAI_CHAT.decode_response(answer()))
        found: str = msgspec.json.decode(body)["content"][0]["id"]
        return found
    decoder, encoder = OPENAI_CHAT.stream_decoder(), ANTHROPIC_MESSAGES.stream_encoder(asked)
    events = [event for data in streamed() for event in decoder.feed("", data)]
    assert isinstance(events[-1], StreamEnd)
    text = b"".join(encoder.encode(event) for event in events).decode()
    start = next(line for line in text.split("\n") if '"tool_use"' in line)
    found = msgspec.json.decode(start.removeprefix("data: "))["content_block"]["id"]
    return found


def sent_back(call_id: str, target: Target) -> dict[str, Any]:
    """The next turn of that client, as the provider gets it."""
    turn = {
        "model": "m",
        "max_tokens": 9,
        "messages": [
            {"role": "user", "content": "look"},
            {
                "role": "assistant",
                "content": [{"type": "tool_use", "id": call_id, "name": "look", "input": {"at": 1}}],
            },
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": call_id, "content": "seen"}]},
        ],
    }
    request = ANTHROPIC_MESSAGES.decode_request(msgspec.json.encode(turn))
    body: dict[str, Any] = msgspec.json.decode(OPENAI_CHAT.encode_request(request, target).body)
    return body


@pytest.mark.parametrize("stream", [False, True])
def test_an_anthropic_client_brings_the_signature_back(stream: bool) -> None:
    _, assistant, tool = sent_back(call_id_for_a_client(stream=stream), GEMINI)["messages"]
    assert assistant["tool_calls"] == [CALL]
    assert tool["tool_call_id"] == "call_1"


def test_another_provider_gets_the_plain_call() -> None:
    _, assistant, tool = sent_back(call_id_for_a_client(stream=False), Target("gpt-6-luna"))["messages"]
    assert assistant["tool_calls"] == [{name: CALL[name] for name in ("id", "type", "function")}]
    assert tool["tool_call_id"] == "call_1"


def test_call_and_result_keep_one_id_at_anthropic_too() -> None:
    hidden = hide("call_1", SIGNATURE)
    request = Request(
        model="m",
        max_output=9,
        messages=(
            Message("user", (Text("look"),)),
            Message("assistant", (ToolCall(hidden, "look", "{}"),)),
            Message("user", (ToolResult(hidden, (Text("seen"),)),)),
        ),
    )
    body = msgspec.json.decode(ANTHROPIC_MESSAGES.encode_request(request, Target("claude")).body)
    assert (
        body["messages"][1]["content"][0]["id"] == body["messages"][2]["content"][0]["tool_use_id"] == hidden
    )


@given(st.text(), st.text(min_size=1))
def test_what_was_hidden_is_found_again(call_id: str, signature: str) -> None:
    assert reveal(hide(call_id, signature)) == (call_id, signature)


@pytest.mark.parametrize(
    "call_id", ["", "call_1", "a__thought__%", "a__thought__A", "__thought", "toolu_\xff"]
)
def test_other_ids_are_left_alone(call_id: str) -> None:
    assert reveal(call_id) == (call_id, "")
    assert hide(call_id, "") == call_id


@pytest.mark.parametrize(
    "extra", [None, 1, {}, {"google": None}, {"google": {}}, {"google": {"thought_signature": 1}}]
)
def test_anything_else_in_its_place_is_no_signature(extra: Any) -> None:
    assert signature_of(wire.ToolCall(extra_content=extra)) == ""
