"""A whole answer of a provider, into the hub; and the little that is read of one that passes through."""

from __future__ import annotations

import msgspec

from pointsman.chat import Part, Refusal, Response, Text, Thinking, ToolCall, Usage
from pointsman.errors import UpstreamMalformed

from . import wire
from .arguments import argument_text, mint_call_id
from .stops import decode_stop
from .thoughts import hide, signature_of
from .usage import decode_usage

_completion = msgspec.json.Decoder(wire.Completion)
_head = msgspec.json.Decoder(wire.CompletionHead)


def decode_response(body: bytes) -> Response:
    """The first choice. Raises UpstreamMalformed."""
    try:
        completion = _completion.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from None
    if not completion.choices:
        raise UpstreamMalformed("The provider's answer holds no choices.")
    choice = completion.choices[0]
    parts = _parts(choice.message, completion.id or "")
    return Response(
        id=completion.id or "",
        model=completion.model or "",
        parts=tuple(parts),
        stop=decode_stop(choice.finish_reason, has_tool_calls=any(isinstance(p, ToolCall) for p in parts)),
        usage=decode_usage(completion.usage, completion.service_tier),
        created=int(completion.created or 0),
    )


def _parts(message: wire.Message, answer_id: str) -> list[Part]:
    parts: list[Part] = []
    if message.thinking:
        parts.append(Thinking(message.thinking))
    if isinstance(message.content, str):
        if message.content:
            parts.append(Text(message.content))
    else:
        for part in message.content or ():
            if part.text:
                parts.append(Text(part.text))
            if part.refusal:
                parts.append(Refusal(part.refusal))
    if message.refusal:
        parts.append(Refusal(message.refusal))
    for at, call in enumerate(message.tool_calls or ()):
        function = call.function
        if function is None or not function.name:
            raise UpstreamMalformed("The provider's answer holds a tool call without a function name.")
        parts.append(
            ToolCall(
                hide(call.id or mint_call_id(answer_id, at, function.name), signature_of(call)),
                function.name,
                argument_text(function.arguments),
            )
        )
    if message.function_call is not None:
        function = message.function_call
        parts.append(
            ToolCall(
                mint_call_id(answer_id, 0, function.name or ""),
                function.name or "",
                argument_text(function.arguments),
            )
        )
    return parts


def read_usage(body: bytes) -> tuple[Usage | None, str, str]:
    """Usage, model and id. Raises UpstreamMalformed."""
    try:
        head = _head.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise malformed(error) from None
    return decode_usage(head.usage, head.service_tier), head.model or "", head.id or ""


def malformed(error: Exception) -> UpstreamMalformed:
    return UpstreamMalformed(f"The provider's answer is not a chat completion: {error}.")
