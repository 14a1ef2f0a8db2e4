"""The hub's turns, as OpenAI's messages.

Text goes out as a plain string wherever it can: DeepSeek and others refuse a list of text parts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pointsman.chat import (
    CacheHint,
    Document,
    Image,
    Message,
    Part,
    RedactedThinking,
    Refusal,
    Request,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from pointsman.dialects.base import Target
from pointsman.errors import UntranslatableRequest

from .arguments import wire_call_id
from .media import encode_document, encode_image, plain_text
from .thoughts import extra_content, reveal

_TTLS = ("30m", "12h")
_MOVED = "(Attached in the user message that follows.)"


def encode_messages(request: Request, target: Target, dropped: set[str]) -> list[dict[str, Any]]:
    """Raises UntranslatableRequest with the path of the part that cannot be said."""
    messages: list[dict[str, Any]] = []
    if request.system:
        messages.append({"role": "system", "content": _content(request.system, "system", dropped)})
    for at, message in enumerate(request.messages):
        path = f"messages[{at}]"
        if message.role == "assistant":
            encoded = [_assistant(message, path, target, dropped)]
        elif message.role == "user":
            encoded = _user(message, path, dropped)
        else:
            encoded = [{"role": "system", "content": _content(message.parts, path, dropped)}]
        if message.name and encoded:
            encoded[-1]["name"] = message.name
        messages += encoded
    if target.accepts_prefill is False and messages and messages[-1]["role"] == "assistant":
        raise UntranslatableRequest(
            f"The model '{target.model}' cannot continue a turn of the assistant: end with a user message.",
            param=f"messages[{len(request.messages) - 1}]",
        )
    return messages


def _user(message: Message, path: str, dropped: set[str]) -> list[dict[str, Any]]:
    """Tool results come first, each as a message of its own: OpenAI wants them right after their calls.

    A tool message holds text only. Images and files of a result (Claude Code reads pictures this way)
    move into the user message behind the results: where gateways leave them out, models describe
    pictures that they never saw. Moving them is told as ``tool_result.content``.
    """
    results: list[dict[str, Any]] = []
    rest: list[Part] = []
    for part in message.parts:
        if not isinstance(part, ToolResult):
            continue
        attached = [inner for inner in part.parts if _is_attachment(inner)]
        texts = [
            plain_text(inner)
            for inner in part.parts
            if isinstance(inner, Text | Document) and not _is_attachment(inner)
        ]
        if attached:
            dropped.add("tool_result.content")
            rest += [
                Text(f"(Attached to the result of tool call {wire_call_id(part.call_id)}:)"),
                *attached,
            ]
            texts.append(_MOVED)
        if part.is_error:
            dropped.add("is_error")
        _note_hints((part, *part.parts), dropped)
        results.append(
            {
                "role": "tool",
                "tool_call_id": wire_call_id(part.call_id),
                "content": "\n\n".join(texts),
            }
        )
    rest += [part for part in message.parts if not isinstance(part, ToolResult)]
    if rest or not results:
        results.append({"role": "user", "content": _content(rest, path, dropped)})
    return results


def _is_attachment(part: Text | Image | Document) -> bool:
    return isinstance(part, Image) or (isinstance(part, Document) and part.source.kind != "text")


def _call(part: ToolCall, target: Target) -> dict[str, Any]:
    signature = reveal(part.id)[1]
    function = {"name": part.name, "arguments": part.arguments}
    call: dict[str, Any] = {"id": wire_call_id(part.id), "type": "function", "function": function}
    if signature and target.thought_signatures:
        call["extra_content"] = extra_content(signature)
    return call


def _assistant(message: Message, path: str, target: Target, dropped: set[str]) -> dict[str, Any]:
    texts: list[str] = []
    refusals: list[str] = []
    thoughts: list[str] = []
    calls: list[dict[str, Any]] = []
    for at, part in enumerate(message.parts):
        if isinstance(part, Text):
            texts.append(part.text)
        elif isinstance(part, ToolCall):
            calls.append(_call(part, target))
        elif isinstance(part, Thinking):
            # Signed reasoning is another provider's, and means nothing without its signature.
            if part.signature or target.accepts_reasoning_content is False:
                dropped.add("thinking")
            else:
                thoughts.append(part.text)
        elif isinstance(part, RedactedThinking):
            dropped.add("redacted_thinking")
        elif isinstance(part, Refusal):
            refusals.append(part.text)
        else:
            raise UntranslatableRequest(
                "An assistant message can hold text, reasoning and tool calls, but no images, documents or "
                "tool results.",
                param=f"{path}.content[{at}]",
            )
    _note_hints(message.parts, dropped)
    text = "".join(texts)
    encoded: dict[str, Any] = {"role": "assistant", "content": text or (None if calls or refusals else "")}
    if refusals:
        encoded["refusal"] = "".join(refusals)
    if thoughts:
        encoded["reasoning_content"] = "".join(thoughts)
    if calls:
        encoded["tool_calls"] = calls
    return encoded


def _content(parts: Sequence[Part], path: str, dropped: set[str]) -> str | list[dict[str, Any]]:
    """Text alone as one string, blocks parted by a blank line; else a list of parts."""
    if all(isinstance(part, Text) and not _is_breakpoint(part.cache) for part in parts):
        _note_hints(parts, dropped)
        return "\n\n".join(part.text for part in parts if isinstance(part, Text))
    encoded: list[dict[str, Any]] = []
    for at, part in enumerate(parts):
        here = f"{path}.content[{at}]"
        if isinstance(part, Text):
            wire: dict[str, Any] = {"type": "text", "text": part.text}
        elif isinstance(part, Image):
            wire = encode_image(part, here)
        elif isinstance(part, Document):
            if part.citations:
                dropped.add("citations")
            if part.context and part.source.kind != "text":
                encoded.append({"type": "text", "text": part.context})
            wire = encode_document(part, here)
        else:
            raise UntranslatableRequest(f"A {type(part).__name__} cannot stand in this message.", param=here)
        if part.cache is not None:
            if _is_breakpoint(part.cache):
                wire["prompt_cache_breakpoint"] = {"mode": "explicit", "ttl": part.cache.ttl}
            else:
                dropped.add("cache_control")
        encoded.append(wire)
    return encoded


def _is_breakpoint(cache: CacheHint | None) -> bool:
    """OpenAI's own lifetimes. Anthropic's ask for what OpenAI does unasked: they are named, not sent."""
    return cache is not None and cache.ttl in _TTLS


def _note_hints(parts: Iterable[Part], dropped: set[str]) -> None:
    if any(getattr(part, "cache", None) is not None for part in parts):
        dropped.add("cache_control")
