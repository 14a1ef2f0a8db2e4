"""What is sent, what comes back, and which core does what. The same for every gateway."""

from __future__ import annotations

import json
from pathlib import Path

HERE = Path(__file__).parent
CONFIG = HERE / "config"

LOAD_CORE = 0
GATEWAY_CORE = 1
CONNECTIONS = 64
EVENTS = 100
"""Content events of one stream."""
PACE_MS = 20
RATE = 50
"""Requests a second when latency is measured."""

PLAIN_MODEL = "gpt-5.4-mini"
"""Answered by the plain upstream in the dialect of the request."""
CROSSED_MODEL = "claude-haiku-4-5"
"""Asked for in OpenAI's dialect, answered by the plain upstream in Anthropic's."""
STREAM_MODEL = "bench-stream"
CROSSED_STREAM_MODEL = "bench-stream-claude"

_QUESTION = (
    "The ferry leaves at ten past the hour, takes twenty-five minutes and waits a quarter of an hour on the "
    "other side. I have to be at the mill at noon, which is a walk of half an hour from the far landing. "
    "Which ferry should I take at the latest, and how long do I stand about?"
)
_ANSWER = (
    "Take the ferry at ten past ten. It lands at 10:35 and the walk brings you to the mill at 11:05, "
    "which is fifty-five minutes early; the next one, at ten past eleven, lands at 11:35 and you are there "
    "at 12:05, five minutes late. If five minutes do not matter, take the later one and do not stand about "
    "at all. There is a bench by the weir, in the sun."
)
_DELTA = " and then"


def request_body(model: str, *, stream: bool) -> bytes:
    """About 400 bytes."""
    body: dict[str, object] = {
        "model": model,
        "messages": [{"role": "user", "content": _QUESTION}],
        "max_tokens": 256,
    }
    if stream:
        body["stream"] = True
    return json.dumps(body).encode()


def http_request(port: int, path: str, body: bytes, key: str) -> bytes:
    """A whole HTTP/1.1 request with keep-alive, as the SDKs send it but for their longer headers."""
    head = (
        f"POST {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nauthorization: Bearer {key}\r\n"
        f"content-type: application/json\r\naccept: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def openai_answer() -> bytes:
    """About 640 bytes."""
    return _compact(
        {
            "id": "chatcmpl-bench",
            "object": "chat.completion",
            "created": 1795000000,
            "model": PLAIN_MODEL,
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": _ANSWER},
                    "finish_reason": "stop",
                }
            ],
            "usage": {"prompt_tokens": 71, "completion_tokens": 83, "total_tokens": 154},
        }
    )


def anthropic_answer() -> bytes:
    return _compact(
        {
            "id": "msg_bench",
            "type": "message",
            "role": "assistant",
            "model": CROSSED_MODEL,
            "content": [{"type": "text", "text": _ANSWER}],
            "stop_reason": "end_turn",
            "stop_sequence": None,
            "usage": {"input_tokens": 71, "output_tokens": 83},
        }
    )


def openai_events() -> list[bytes]:
    """The role, ``EVENTS`` pieces of text, the end, the usage, and the terminator."""
    base = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1795000000,
        "model": PLAIN_MODEL,
    }
    deltas: list[dict[str, str]] = [{"role": "assistant", "content": ""}, *[{"content": _DELTA}] * EVENTS]
    chunks: list[dict[str, object]] = [
        base | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}], "usage": None}
        for delta in deltas
    ]
    end = {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": None}
    usage = {"prompt_tokens": 71, "completion_tokens": EVENTS, "total_tokens": 71 + EVENTS}
    chunks += [base | end, base | {"choices": [], "usage": usage}]
    return [b"data: " + _compact(chunk) + b"\n\n" for chunk in chunks] + [b"data: [DONE]\n\n"]


def anthropic_events() -> list[bytes]:
    message: dict[str, object] = {
        "id": "msg_bench",
        "type": "message",
        "role": "assistant",
        "model": CROSSED_MODEL,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": {"input_tokens": 71, "output_tokens": 1},
    }
    delta = {"type": "text_delta", "text": _DELTA}
    events: list[dict[str, object]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *[{"type": "content_block_delta", "index": 0, "delta": delta}] * EVENTS,
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": EVENTS},
        },
        {"type": "message_stop"},
    ]
    return [f"event: {each['type']}\ndata: ".encode() + _compact(each) + b"\n\n" for each in events]


def _compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()
