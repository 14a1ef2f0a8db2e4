"""Streams that come seldom, in shapes that recordings of Anthropic's have: what crosses, what is billed."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.chat import Request, Usage
from pointsman.dialects.anthropic_messages import ANTHROPIC_MESSAGES
from pointsman.dialects.anthropic_messages.events import split_events
from pointsman.dialects.openai_chat import OPENAI_CHAT
from tests.support.openai_sdk import accumulate_openai

USAGE = {"input_tokens": 25, "output_tokens": 1}
CALL = {"type": "tool_use", "id": "toolu_1", "name": "find", "caller": {"type": "direct"}, "input": {}}
SEARCH = {"type": "server_tool_use", "id": "srv_1", "name": "web_search", "input": {}}


def event(kind: str, **fields: Any) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (kind.encode(), msgspec.json.encode({"type": kind} | fields))


def start(usage: dict[str, Any] | None = USAGE, **fields: Any) -> bytes:
    message = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": "m"} | fields
    return event("message_start", message=message | ({} if usage is None else {"usage": usage}))


def block(index: int, content: dict[str, Any], *deltas: dict[str, Any]) -> bytes:
    return b"".join(
        [
            event("content_block_start", index=index, content_block=content),
            *[event("content_block_delta", index=index, delta=delta) for delta in deltas],
            event("content_block_stop", index=index),
        ]
    )


def text(index: int, said: str) -> bytes:
    return block(index, {"type": "text", "text": ""}, {"type": "text_delta", "text": said})


def json(*parts: str) -> list[dict[str, Any]]:
    return [{"type": "input_json_delta", "partial_json": part} for part in parts]


def end(reason: str, usage: dict[str, Any] | None = None, **delta: Any) -> bytes:
    told = {"output_tokens": 8} if usage is None else usage
    return event("message_delta", delta={"stop_reason": reason} | delta, usage=told) + event("message_stop")


SEEN = tuple[str, str, list[str], Usage | None]
STREAMS: dict[str, tuple[bytes, SEEN]] = {
    "nothing between start and stop": (
        start()
        + event("content_block_start", index=1, content_block={"type": "text", "text": ""})
        + event("message_stop"),
        ("", "stop", [], None),
    ),
    "no usage at the start": (
        start(None) + text(0, "hi") + end("end_turn", {"input_tokens": 11, "output_tokens": 2}),
        ("hi", "stop", [], Usage(11, 2)),
    ),
    "another model took over": (
        start()
        + block(0, {"type": "fallback", "from": {"model": "m"}, "to": {"model": "n"}})
        + text(1, "hi")
        + end("end_turn"),
        ("hi", "stop", [], Usage(25, 8)),
    ),
    "the conversation was summarised": (
        start()
        + block(
            0,
            {"type": "compaction", "content": None},
            {"type": "compaction_delta", "content": "Earlier.", "encrypted_content": "x"},
        )
        + text(1, "hi")
        + end(
            "end_turn",
            {
                "output_tokens": 8,
                "iterations": [
                    {"type": "compaction", "input_tokens": 1_000, "output_tokens": 100},
                    {"type": "message", "input_tokens": 25, "output_tokens": 8},
                ],
            },
        ),
        ("hi", "stop", [], Usage(1_025, 108)),
    ),
    "tools of the provider's own": (
        start()
        + text(0, "hi")
        + block(1, SEARCH, *json("", '{"query":', '"x"}'))
        + block(2, CALL, *json('{"a":1}'))
        + block(3, {"type": "web_search_tool_result", "tool_use_id": "srv_1", "content": [{"url": "u"}]})
        + end("tool_use"),
        ("hi", "tool_calls", ['{"a":1}'], Usage(25, 8)),
    ),
    "arguments that are no JSON": (
        start() + block(0, CALL, *json("", '{"unit": ', "celsius}")) + end("tool_use"),
        ("", "tool_calls", ['{"unit": celsius}'], Usage(25, 8)),
    ),
    "arguments cut short in a block that never ends": (
        start()
        + block(0, CALL, *json("", '{"lines": [\n"Filing')).rsplit(b"event: content_block_stop", 1)[0]
        + end("max_tokens"),
        ("", "length", ['{"lines": [\n"Filing'], Usage(25, 8)),
    ),
    "refused, with hidden reasoning": (
        start()
        + block(0, {"type": "text", "text": ""})
        + end(
            "refusal",
            {"output_tokens": 120, "output_tokens_details": {"thinking_tokens": 67}},
            stop_details={"type": "refusal", "category": "cyber", "explanation": "No."},
        ),
        ("", "content_filter", [], Usage(25, 120, reasoning=67)),
    ),
    "unknown fields and events": (
        start(private={"n": [1]}, input_transformations=[{"type": "thinking_dropped"}])
        + event("hologram", index="x", delta=7, usage="none")
        + text(0, "hi")
        + end("end_turn", container={"id": "c"}),
        ("hi", "stop", [], Usage(25, 8)),
    ),
}


@pytest.mark.parametrize("name", STREAMS)
def test_what_an_openai_client_sees(name: str) -> None:
    body, (said, finish, calls, _) = STREAMS[name]
    decoder = ANTHROPIC_MESSAGES.stream_decoder()
    encoder = OPENAI_CHAT.stream_encoder(Request(model="m", messages=(), stream=True, stream_usage=True))
    out = b"".join(
        encoder.encode(each) for kind, data in split_events(body) for each in decoder.feed(kind, data)
    )
    assert decoder.ended
    choice = accumulate_openai(out).choices[0]
    assert (choice.message.content or "", choice.finish_reason) == (said, finish)
    assert [call.function.arguments for call in choice.message.tool_calls or ()] == calls


@pytest.mark.parametrize("name", STREAMS)
def test_what_is_billed_where_it_passes_through(name: str) -> None:
    body, (*_, usage) = STREAMS[name]
    tap = ANTHROPIC_MESSAGES.tap(strip_usage=False, count_tokens=len)
    assert tap.feed(body) == body
    assert (tap.ended, tap.error, tap.usage) == (True, None, usage)
