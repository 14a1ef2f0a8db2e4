"""A whole answer out of the hub, for an OpenAI client.

Reasoning goes out as ``reasoning_content``, DeepSeek's name, which clients in the field read. Its
signature, and redacted reasoning, have no place on this wire.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.chat import Refusal, Response, Text, Thinking, ToolCall

from .stops import encode_stop
from .usage import encode_tier, encode_usage

_encode = msgspec.json.Encoder().encode


def encode_response(response: Response) -> bytes:
    body: dict[str, Any] = {
        "id": response.id,
        "object": "chat.completion",
        "created": response.created,
        "model": response.model,
        "choices": [
            {
                "index": 0,
                "message": _message(response),
                "logprobs": None,
                "finish_reason": encode_stop(response.stop),
            }
        ],
    }
    if response.usage is not None:
        body["usage"] = encode_usage(response.usage)
        tier = encode_tier(response.usage.tier)
        if tier is not None:
            body["service_tier"] = tier
    return _encode(body)


def _message(response: Response) -> dict[str, Any]:
    texts = [part.text for part in response.parts if isinstance(part, Text)]
    refusals = [part.text for part in response.parts if isinstance(part, Refusal)]
    thoughts = [part.text for part in response.parts if isinstance(part, Thinking) and part.text]
    calls = [
        {"id": part.id, "type": "function", "function": {"name": part.name, "arguments": part.arguments}}
        for part in response.parts
        if isinstance(part, ToolCall)
    ]
    message: dict[str, Any] = {
        "role": "assistant",
        "content": "".join(texts) if texts or not (calls or refusals) else None,
        "refusal": "".join(refusals) if refusals else None,
    }
    if thoughts:
        message["reasoning_content"] = "".join(thoughts)
    if calls:
        message["tool_calls"] = calls
    return message
