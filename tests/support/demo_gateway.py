"""A gateway that is just real enough for the official SDKs: it answers every question with the same words.

Model names choose what happens: ``refuse`` is answered with 429, ``break`` loses its stream midway,
``complain`` sends an error event in its stream.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

Send = Callable[[dict[str, Any]], Awaitable[None]]

WORDS = ("By", " the", " second", " gate.")
OPENAI_USAGE = {
    "prompt_tokens": 50,
    "completion_tokens": 9,
    "total_tokens": 59,
    "prompt_tokens_details": {"cached_tokens": 20},
    "completion_tokens_details": {"reasoning_tokens": 3},
}
ANTHROPIC_USAGE = {"input_tokens": 30, "cache_read_input_tokens": 20, "output_tokens": 9}


class DemoGateway:
    """An ASGI application. ``seen`` keeps (path, body) of what was asked, in order.

    Args:
        looks: how often a request's accounting is asked for before it is there.
    """

    def __init__(self, *, looks: int = 1) -> None:
        self.seen: list[tuple[str, Any]] = []
        self._looks = looks

    async def __call__(self, scope: Any, receive: Any, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        path = scope["path"]
        asked: Any = json.loads(body) if body else {}
        self.seen.append((path, asked))
        if path.startswith("/v1/requests/"):
            await self._account(path, send)
        elif asked["model"] == "refuse":
            await _answer(send, 429, _error("too many"), "application/json", cost="0")
        elif path == "/v1/chat/completions":
            await _speak(send, asked, _openai_whole, _openai_events)
        else:
            await _speak(send, asked, _anthropic_whole, _anthropic_events)

    async def _account(self, path: str, send: Send) -> None:
        if sum(seen == path for seen, _ in self.seen) < self._looks:
            await _answer(send, 404, _error("not yet"), "application/json")
            return
        settled = {"cost_usd": "0.000123", "attempts": [{"n": 1}, {"n": 2}], "model": "m-2", "provider": "p"}
        await _answer(send, 200, json.dumps(settled).encode(), "application/json")


def _error(message: str) -> bytes:
    inner = {"type": "rate_limit_error", "message": message, "code": "rate_limit_exceeded", "param": None}
    return json.dumps({"type": "error", "error": inner}).encode()


async def _speak(
    send: Send,
    asked: dict[str, Any],
    whole: Callable[[str], dict[str, Any]],
    events: Callable[[str], list[bytes]],
) -> None:
    model = asked["model"]
    if not asked.get("stream"):
        await _answer(send, 200, json.dumps(whole(model)).encode(), "application/json", cost="0.0000185")
        return
    await _answer(send, 200, b"".join(events(model)), "text/event-stream")


async def _answer(send: Send, status: int, body: bytes, content_type: str, cost: str = "") -> None:
    headers = [
        (b"content-type", content_type.encode()),
        (b"x-request-id", b"req_1"),
        (b"x-pointsman-model", b"m-1"),
        (b"x-pointsman-provider", b"p"),
        (b"x-pointsman-attempts", b"1"),
    ]
    if cost:
        headers.append((b"x-pointsman-cost-usd", cost.encode()))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _openai_whole(model: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": "".join(WORDS)}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    return _openai("chat.completion", model) | {"choices": [choice], "usage": OPENAI_USAGE}


def _openai(kind: str, model: str) -> dict[str, Any]:
    return {"id": "c1", "object": kind, "created": 1, "model": model}


def _openai_events(model: str) -> list[bytes]:
    base = _openai("chat.completion.chunk", model)
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, *({"content": w} for w in WORDS)]
    chunks = [base | {"choices": [{"index": 0, "delta": d, "finish_reason": None}]} for d in deltas]
    lines = [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in chunks]
    if model == "break":
        return lines
    if model == "complain":
        return [*lines, b'data: {"error": {"message": "it fell over", "type": "server_error"}}\n\n']
    end = base | {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}
    usage = base | {"choices": [], "usage": OPENAI_USAGE}
    tail = [b"data: " + json.dumps(chunk).encode() + b"\n\n" for chunk in (end, usage)]
    return [*lines, *tail, b"data: [DONE]\n\n"]


def _anthropic_whole(model: str) -> dict[str, Any]:
    return {
        "id": "msg_1",
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [{"type": "text", "text": "".join(WORDS)}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": ANTHROPIC_USAGE,
    }


def _anthropic_events(model: str) -> list[bytes]:
    start = _anthropic_whole(model) | {"content": [], "stop_reason": None}
    start["usage"] = ANTHROPIC_USAGE | {"output_tokens": 1}
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": start},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        *(
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": w}}
            for w in WORDS
        ),
    ]
    if model == "complain":
        events.append({"type": "error", "error": {"type": "api_error", "message": "it fell over"}})
    elif model != "break":
        delta = {"stop_reason": "end_turn", "stop_sequence": None}
        events += [
            {"type": "content_block_stop", "index": 0},
            {"type": "message_delta", "delta": delta, "usage": {"output_tokens": 9}},
            {"type": "message_stop"},
        ]
    return [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n".encode() for e in events]
