"""A whole answer of ``POST /v1/messages``, into the hub."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from pointsman.chat import Part, RedactedThinking, Refusal, Response, Text, Thinking, ToolCall, Usage
from pointsman.errors import UpstreamMalformed

from .arguments import arguments_to_input, input_to_arguments
from .problems import describe
from .stops import decode_stop
from .usage import decode_usage
from .wire import WireAccount, WireBlock, WireResponse

_T = TypeVar("_T")
_response = msgspec.json.Decoder(WireResponse)
_account = msgspec.json.Decoder(WireAccount)


def decode_response(body: bytes) -> Response:
    """Raises UpstreamMalformed.

    Blocks of a type that the hub has no word for are passed over: they belong to server tools, which a
    request from another dialect cannot have asked for, and new types may appear within one API version.
    Citations are passed over too. The explanation of a refusal becomes a Refusal.
    """
    wire = _decode(_response, body)
    try:
        parts = [part for part in map(_part, wire.content) if part is not None]
    except UnicodeDecodeError:
        raise malformed("the body is not valid UTF-8") from None
    if wire.stop_reason == "refusal" and wire.stop_details is not None and wire.stop_details.explanation:
        parts.append(Refusal(wire.stop_details.explanation))
    return Response(
        id=wire.id,
        model=wire.model,
        parts=tuple(parts),
        stop=decode_stop(wire.stop_reason),
        usage=decode_usage(wire.usage),
        stop_sequence=wire.stop_sequence,
    )


def read_usage(body: bytes) -> tuple[Usage | None, str, str]:
    """Usage, model and id. Raises UpstreamMalformed."""
    wire = _decode(_account, body)
    if not wire.model and wire.usage is None:
        raise malformed("it has neither a model nor a usage")
    return decode_usage(wire.usage), wire.model, wire.id


def malformed(what: str) -> UpstreamMalformed:
    return UpstreamMalformed(f"The provider's answer is not an Anthropic message: {what}.")


def call_arguments(raw: msgspec.Raw) -> str:
    """Arguments of a call in an answer. What is no object is kept, as the encoder keeps it."""
    arguments = input_to_arguments(raw)
    return bytes(arguments_to_input(bytes(raw).decode())).decode() if arguments is None else arguments


def _part(block: WireBlock) -> Part | None:
    match block.type:
        case "text":
            return Text(block.text or "")
        case "tool_use":
            return ToolCall(block.id or "", block.name or "", call_arguments(block.input))
        case "thinking":
            return Thinking(block.thinking or "", block.signature or "")
        case "redacted_thinking":
            return RedactedThinking(block.data or "")
        case _:
            return None


def _decode(decoder: msgspec.json.Decoder[_T], body: bytes) -> _T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        path, what = describe(error)
        raise malformed(f"{path}: {what}" if path else what) from None
    except msgspec.DecodeError:
        raise malformed("the body is not valid JSON") from None
    except UnicodeDecodeError:
        raise malformed("the body is not valid UTF-8") from None
    except RecursionError:
        raise malformed("the body is nested too deeply") from None
