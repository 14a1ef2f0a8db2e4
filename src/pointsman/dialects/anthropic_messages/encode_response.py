"""A whole answer of the hub, as an Anthropic client reads it."""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.chat import Part, RedactedThinking, Refusal, Response, Text, Thinking, ToolCall

from .arguments import arguments_to_input, wire_id
from .stops import encode_stop
from .usage import encode_usage


def encode_response(response: Response) -> bytes:
    blocks = [block for block in map(_block, response.parts) if block is not None]
    refused = any(isinstance(part, Refusal) for part in response.parts)
    message = message_head(response.id, response.model) | {
        "content": blocks,
        "stop_reason": encode_stop(response.stop, refused=refused),
        "stop_sequence": response.stop_sequence,
        "usage": encode_usage(response.usage),
    }
    return msgspec.json.encode(message)


def message_head(upstream_id: str, model: str) -> dict[str, Any]:
    """What every message begins with, whole or streamed."""
    return {"id": message_id(upstream_id), "type": "message", "role": "assistant", "model": model}


def message_id(upstream_id: str) -> str:
    return upstream_id if upstream_id.startswith("msg_") else f"msg_{upstream_id}"


def _block(part: Part) -> dict[str, Any] | None:
    match part:
        case Text() | Refusal():
            # An empty block would come back in the history, where Anthropic refuses it.
            return {"type": "text", "text": part.text} if part.text else None
        case ToolCall():
            return {
                "type": "tool_use",
                "id": wire_id(part.id),
                "name": part.name,
                "input": arguments_to_input(part.arguments),
            }
        case Thinking():
            return {"type": "thinking", "thinking": part.text, "signature": part.signature}
        case RedactedThinking():
            return {"type": "redacted_thinking", "data": part.data}
        case _:
            return None
