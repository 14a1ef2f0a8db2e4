"""One table each of requests, answers and streams: it drives the decoders and the encoders alike."""

from __future__ import annotations

from typing import Any

from pointsman.chat import (
    CacheHint,
    Document,
    Image,
    Message,
    PartEnd,
    Reasoning,
    Refusal,
    RefusalDelta,
    Request,
    Response,
    ResponseFormat,
    Source,
    Stop,
    StreamEnd,
    StreamEvent,
    StreamStart,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    Tool,
    ToolCall,
    ToolCallDelta,
    ToolCallStart,
    ToolChoice,
    ToolResult,
    Usage,
)

HI = Message("user", (Text("hi"),))
HI_WIRE = {"role": "user", "content": "hi"}
SCHEMA = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
TOOL = Tool("weather", SCHEMA, description="Tells the weather.", strict=True)
TOOL_WIRE = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Tells the weather.",
        "parameters": SCHEMA,
        "strict": True,
    },
}
PIXEL = "iVBORw0KGgo="


def _simple(hub: dict[str, Any], wire: dict[str, Any]) -> tuple[dict[str, Any], Request]:
    return {"model": "m", "messages": [HI_WIRE], **wire}, Request("m", (HI,), **hub)


def _turns(wire: list[dict[str, Any]], *turns: Message, **more: Any) -> tuple[dict[str, Any], Request]:
    return {"model": "m", "messages": wire}, Request("m", turns, **more)


REQUESTS: dict[str, tuple[dict[str, Any], Request]] = {
    "least": _simple({}, {}),
    "stream": _simple(
        {"stream": True, "stream_usage": True}, {"stream": True, "stream_options": {"include_usage": True}}
    ),
    "sampling": _simple(
        {"max_output": 9, "temperature": 0.5, "top_p": 0.25, "stop": ("a", "b")},
        {"max_completion_tokens": 9, "temperature": 0.5, "top_p": 0.25, "stop": ["a", "b"]},
    ),
    "tools": _simple(
        {"tools": (TOOL,), "tool_choice": ToolChoice("auto"), "parallel_tools": False},
        {"tools": [TOOL_WIRE], "tool_choice": "auto", "parallel_tool_calls": False},
    ),
    "tool without arguments": _simple(
        {"tools": (Tool("now", {"type": "object"}),), "tool_choice": ToolChoice("required")},
        {"tools": [{"type": "function", "function": {"name": "now"}}], "tool_choice": "required"},
    ),
    "named tool": _simple(
        {"tools": (TOOL,), "tool_choice": ToolChoice("tool", "weather")},
        {"tools": [TOOL_WIRE], "tool_choice": {"type": "function", "function": {"name": "weather"}}},
    ),
    "json object": _simple(
        {"response_format": ResponseFormat("json_object")}, {"response_format": {"type": "json_object"}}
    ),
    "json schema": _simple(
        {"response_format": ResponseFormat("json_schema", "city", SCHEMA, True, "A city.")},
        {
            "response_format": {
                "type": "json_schema",
                "json_schema": {"name": "city", "description": "A city.", "schema": SCHEMA, "strict": True},
            }
        },
    ),
    "effort, user, tier": _simple(
        {"reasoning": Reasoning(effort="high"), "user": "u1", "tier": "flex"},
        {"reasoning_effort": "high", "user": "u1", "service_tier": "flex"},
    ),
    "own fields": _simple(
        {"unmapped": {"seed": 7, "logprobs": True, "top_logprobs": 2, "n": 2, "logit_bias": {"5": -1}}},
        {"seed": 7, "logprobs": True, "top_logprobs": 2, "n": 2, "logit_bias": {"5": -1}},
    ),
    "system": _turns([{"role": "system", "content": "Be brief."}, HI_WIRE], HI, system=(Text("Be brief."),)),
    "system later": _turns(
        [HI_WIRE, {"role": "system", "content": "Now rhyme."}, HI_WIRE],
        HI,
        Message("system", (Text("Now rhyme."),)),
        HI,
    ),
    "named speaker": _turns(
        [{"role": "user", "content": "hi", "name": "ann"}], Message("user", (Text("hi"),), "ann")
    ),
    "images": _turns(
        [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "Compare."},
                    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PIXEL}"}},
                    {"type": "image_url", "image_url": {"url": "https://x.test/a.png", "detail": "low"}},
                ],
            }
        ],
        Message(
            "user",
            (
                Text("Compare."),
                Image(Source("base64", PIXEL, "image/png")),
                Image(Source("url", "https://x.test/a.png"), detail="low"),
            ),
        ),
    ),
    "files": _turns(
        [
            {
                "role": "user",
                "content": [
                    {
                        "type": "file",
                        "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="},
                    },
                    {"type": "file", "file": {"file_id": "file-1"}},
                ],
            }
        ],
        Message(
            "user",
            (
                Document(Source("base64", "JVBERi0=", "application/pdf"), title="a.pdf"),
                Document(Source("file", "file-1")),
            ),
        ),
    ),
    "cache breakpoint": _turns(
        [
            {
                "role": "user",
                "content": [
                    {
                        "type": "text",
                        "text": "long",
                        "prompt_cache_breakpoint": {"mode": "explicit", "ttl": "12h"},
                    },
                    {"type": "text", "text": "short"},
                ],
            }
        ],
        Message("user", (Text("long", CacheHint("12h")), Text("short"))),
    ),
    "tool turn": _turns(
        [
            HI_WIRE,
            {
                "role": "assistant",
                "content": "Looking.",
                "reasoning_content": "hm",
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}},
                    {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "one"},
            {"role": "tool", "tool_call_id": "c2", "content": "two"},
            HI_WIRE,
        ],
        HI,
        Message(
            "assistant",
            (Thinking("hm"), Text("Looking."), ToolCall("c1", "f", '{"a": 1}'), ToolCall("c2", "g", "{}")),
        ),
        Message("user", (ToolResult("c1", (Text("one"),)), ToolResult("c2", (Text("two"),)))),
        HI,
    ),
    "broken arguments are kept": _turns(
        [
            HI_WIRE,
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a": '}}
                ],
            },
            {"role": "tool", "tool_call_id": "c1", "content": "bad JSON"},
        ],
        HI,
        Message("assistant", (ToolCall("c1", "f", '{"a": '),)),
        Message("user", (ToolResult("c1", (Text("bad JSON"),)),)),
    ),
    "refusal": _turns(
        [HI_WIRE, {"role": "assistant", "content": None, "refusal": "No."}, HI_WIRE],
        HI,
        Message("assistant", (Refusal("No."),)),
        HI,
    ),
}

USAGE = Usage(input=5, output=7, cache_read=3, cache_write_30m=2, reasoning=4)
USAGE_WIRE = {
    "prompt_tokens": 10,
    "completion_tokens": 7,
    "total_tokens": 17,
    "prompt_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 2},
    "completion_tokens_details": {"reasoning_tokens": 4},
}


def _answer(
    message: dict[str, Any], finish: str, *parts: Any, stop: Stop, **more: Any
) -> tuple[dict[str, Any], Response]:
    wire: dict[str, Any] = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1700000000,
        "model": "m-1",
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", **message},
                "logprobs": None,
                "finish_reason": finish,
            }
        ],
        **more,
    }
    usage = USAGE if "usage" in more else None
    return wire, Response("chatcmpl-1", "m-1", parts, stop, usage, created=1700000000)


RESPONSES: dict[str, tuple[dict[str, Any], Response]] = {
    "text": _answer(
        {"content": "Hello.", "refusal": None}, "stop", Text("Hello."), stop=Stop.END, usage=USAGE_WIRE
    ),
    "no usage": _answer({"content": "Hel", "refusal": None}, "length", Text("Hel"), stop=Stop.LENGTH),
    "filtered": _answer({"content": "", "refusal": None}, "content_filter", stop=Stop.REFUSAL),
    "refusal": _answer({"content": None, "refusal": "No."}, "stop", Refusal("No."), stop=Stop.END),
    "tools": _answer(
        {
            "content": None,
            "refusal": None,
            "reasoning_content": "hm",
            "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "f", "arguments": '{"a":1}'}},
                {"id": "c2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
            ],
        },
        "tool_calls",
        Thinking("hm"),
        ToolCall("c1", "f", '{"a":1}'),
        ToolCall("c2", "g", "{}"),
        stop=Stop.TOOL_CALLS,
        usage=USAGE_WIRE,
    ),
}

START = StreamStart("chatcmpl-1", "m-1", created=1700000000)


def chunk(choices: list[dict[str, Any]], usage: dict[str, Any] | None = None) -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": "m-1",
        "choices": choices,
        "usage": usage,
    }


def delta(wire: dict[str, Any], finish: str | None = None) -> dict[str, Any]:
    return chunk([{"index": 0, "delta": wire, "logprobs": None, "finish_reason": finish}])


ROLE = delta({"role": "assistant", "content": "", "refusal": None})
USAGE_CHUNK = chunk([], USAGE_WIRE)


def call_start(position: int, call_id: str, name: str) -> dict[str, Any]:
    function = {"name": name, "arguments": ""}
    return delta(
        {"tool_calls": [{"index": position, "id": call_id, "type": "function", "function": function}]}
    )


def call_more(position: int, arguments: str) -> dict[str, Any]:
    return delta({"tool_calls": [{"index": position, "function": {"arguments": arguments}}]})


STREAMS: dict[str, tuple[list[dict[str, Any]], list[StreamEvent]]] = {
    "text": (
        [ROLE, delta({"content": "Hel"}), delta({"content": "lo"}), delta({}, "stop"), USAGE_CHUNK],
        [START, TextDelta(0, "Hel"), TextDelta(0, "lo"), PartEnd(0), StreamEnd(Stop.END, USAGE)],
    ),
    "nothing": (
        [ROLE, delta({}, "content_filter"), USAGE_CHUNK],
        [START, StreamEnd(Stop.REFUSAL, USAGE)],
    ),
    "refusal": (
        [ROLE, delta({"refusal": "No"}), delta({"refusal": "."}), delta({}, "stop"), USAGE_CHUNK],
        [START, RefusalDelta(0, "No"), RefusalDelta(0, "."), PartEnd(0), StreamEnd(Stop.END, USAGE)],
    ),
    "thinking, text and two calls": (
        [
            ROLE,
            delta({"reasoning_content": "h"}),
            delta({"reasoning_content": "m"}),
            delta({"content": 'say "hi"\n'}),
            call_start(0, "c1", "f"),
            call_more(0, '{"a"'),
            call_more(0, ":1}"),
            call_start(1, "c2", "g"),
            call_more(1, "{}"),
            delta({}, "tool_calls"),
            USAGE_CHUNK,
        ],
        [
            START,
            ThinkingDelta(0, "h"),
            ThinkingDelta(0, "m"),
            PartEnd(0),
            TextDelta(1, 'say "hi"\n'),
            PartEnd(1),
            ToolCallStart(2, "c1", "f"),
            ToolCallDelta(2, '{"a"'),
            ToolCallDelta(2, ":1}"),
            PartEnd(2),
            ToolCallStart(3, "c2", "g"),
            ToolCallDelta(3, "{}"),
            PartEnd(3),
            StreamEnd(Stop.TOOL_CALLS, USAGE),
        ],
    ),
}
