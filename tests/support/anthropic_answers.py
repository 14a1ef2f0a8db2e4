"""Answers and streams of Anthropic as they stand on the wire, beside what they mean."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from pointsman.chat import (
    Part,
    PartEnd,
    RedactedThinking,
    RedactedThinkingPart,
    Response,
    Stop,
    StreamEnd,
    StreamEvent,
    StreamStart,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolCall,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from tests.support.anthropic_wire import MODEL


def message(*content: dict[str, Any], stop: str, **fields: Any) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": MODEL,
        "content": list(content),
        "stop_reason": stop,
        "stop_sequence": None,
        "usage": PLAIN_USAGE[0],
    } | fields


PLAIN_USAGE: tuple[dict[str, Any], Usage] = (
    {
        "input_tokens": 10,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": 0,
        "cache_creation": {"ephemeral_5m_input_tokens": 0, "ephemeral_1h_input_tokens": 0},
        "output_tokens": 5,
        "service_tier": "standard",
    },
    Usage(input=10, output=5),
)
FULL_USAGE: tuple[dict[str, Any], Usage] = (
    {
        "input_tokens": 10,
        "cache_creation_input_tokens": 300,
        "cache_read_input_tokens": 4000,
        "cache_creation": {"ephemeral_5m_input_tokens": 100, "ephemeral_1h_input_tokens": 200},
        "output_tokens": 50,
        "output_tokens_details": {"thinking_tokens": 20},
        "service_tier": "priority",
    },
    Usage(
        input=10,
        output=50,
        cache_read=4000,
        cache_write_5m=100,
        cache_write_1h=200,
        reasoning=20,
        tier="priority",
    ),
)


def answer(*parts: Part, stop: Stop, **fields: Any) -> Response:
    known: dict[str, Any] = {"id": "msg_1", "model": MODEL, "usage": PLAIN_USAGE[1]}
    return Response(**(known | fields), parts=parts, stop=stop)


RESPONSES: dict[str, tuple[dict[str, Any], Response]] = {
    "text": (
        message({"type": "text", "text": "Hello."}, stop="end_turn"),
        answer(Text("Hello."), stop=Stop.END),
    ),
    "nothing": (message(stop="end_turn"), answer(stop=Stop.END)),
    "thinking and tools": (
        message(
            {"type": "thinking", "thinking": "Hm.", "signature": "c2ln"},
            {"type": "redacted_thinking", "data": "b3A="},
            {"type": "text", "text": "Look:"},
            {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"a": [1, 2]}},
            {"type": "tool_use", "id": "toolu_2", "name": "g", "input": {}},
            stop="tool_use",
            usage=FULL_USAGE[0],
        ),
        answer(
            Thinking("Hm.", "c2ln"),
            RedactedThinking("b3A="),
            Text("Look:"),
            ToolCall("toolu_1", "f", '{"a":[1,2]}'),
            ToolCall("toolu_2", "g", "{}"),
            stop=Stop.TOOL_CALLS,
            usage=FULL_USAGE[1],
        ),
    ),
    "stop sequence": (
        message({"type": "text", "text": "a"}, stop="stop_sequence", stop_sequence="END"),
        answer(Text("a"), stop=Stop.STOP_SEQUENCE, stop_sequence="END"),
    ),
}


def sse(*events: dict[str, Any]) -> bytes:
    return b"".join(
        b"event: " + event["type"].encode() + b"\ndata: " + msgspec.json.encode(event) + b"\n\n"
        for event in events
    )


def start_event(usage: dict[str, Any] | None) -> dict[str, Any]:
    head = message(stop="") | {"stop_reason": None}
    del head["usage"]
    return {"type": "message_start", "message": head if usage is None else head | {"usage": usage}}


def block_start(index: int, block: dict[str, Any]) -> dict[str, Any]:
    return {"type": "content_block_start", "index": index, "content_block": block}


def block_delta(index: int, kind: str, field: str, text: str) -> dict[str, Any]:
    return {"type": "content_block_delta", "index": index, "delta": {"type": f"{kind}_delta", field: text}}


def text_delta(index: int, text: str) -> dict[str, Any]:
    return block_delta(index, "text", "text", text)


def json_delta(index: int, text: str) -> dict[str, Any]:
    return block_delta(index, "input_json", "partial_json", text)


def block_stop(index: int) -> dict[str, Any]:
    return {"type": "content_block_stop", "index": index}


def end_events(stop: str, usage: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"type": "message_delta", "delta": {"stop_reason": stop, "stop_sequence": None}, "usage": usage},
        {"type": "message_stop"},
    ]


STREAMS: dict[str, tuple[Sequence[dict[str, Any]], Sequence[StreamEvent]]] = {
    "text": (
        [
            start_event(PLAIN_USAGE[0]),
            block_start(0, {"type": "text", "text": ""}),
            text_delta(0, "Hel"),
            text_delta(0, "lo \n\n“w”"),
            block_stop(0),
            *end_events("end_turn", PLAIN_USAGE[0]),
        ],
        [
            StreamStart("msg_1", MODEL, PLAIN_USAGE[1]),
            TextDelta(0, "Hel"),
            TextDelta(0, "lo \n\n“w”"),
            PartEnd(0),
            StreamEnd(Stop.END, PLAIN_USAGE[1]),
        ],
    ),
    "thinking, text and two calls": (
        [
            start_event(FULL_USAGE[0]),
            block_start(0, {"type": "thinking", "thinking": "", "signature": ""}),
            block_delta(0, "thinking", "thinking", "Hm."),
            block_delta(0, "signature", "signature", "c2ln"),
            block_stop(0),
            block_start(1, {"type": "redacted_thinking", "data": "b3A="}),
            block_stop(1),
            block_start(2, {"type": "text", "text": ""}),
            text_delta(2, "Look:"),
            block_stop(2),
            block_start(3, {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}),
            json_delta(3, '{"a":'),
            json_delta(3, "1}"),
            block_stop(3),
            block_start(4, {"type": "tool_use", "id": "toolu_2", "name": "g", "input": {}}),
            json_delta(4, "{}"),
            block_stop(4),
            *end_events("tool_use", FULL_USAGE[0]),
        ],
        [
            StreamStart("msg_1", MODEL, FULL_USAGE[1]),
            ThinkingDelta(0, text="Hm."),
            ThinkingDelta(0, signature="c2ln"),
            PartEnd(0),
            RedactedThinkingPart(1, "b3A="),
            PartEnd(1),
            TextDelta(2, "Look:"),
            PartEnd(2),
            ToolCallStart(3, "toolu_1", "f"),
            ToolCallDelta(3, '{"a":'),
            ToolCallDelta(3, "1}"),
            PartEnd(3),
            ToolCallStart(4, "toolu_2", "g"),
            ToolCallDelta(4, "{}"),
            PartEnd(4),
            StreamEnd(Stop.TOOL_CALLS, FULL_USAGE[1]),
        ],
    ),
}
