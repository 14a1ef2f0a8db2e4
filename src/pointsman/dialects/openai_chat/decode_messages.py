"""The messages of a request, into the hub's turns.

OpenAI gives each tool result a message of its own; the hub keeps results as parts of one user turn.
"""

from __future__ import annotations

from typing import Any

from pointsman.chat import (
    CacheHint,
    Document,
    Image,
    Message,
    Part,
    Refusal,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from pointsman.errors import UntranslatableRequest

from . import wire
from .arguments import argument_text
from .media import decode_file, decode_image
from .problems import invalid_value, missing_parameter


def decode_messages(messages: list[wire.Message]) -> tuple[tuple[Text, ...], tuple[Message, ...]]:
    """The leading instructions, and the turns after them."""
    system: list[Text] = []
    turns: list[Message] = []
    results: list[Part] = []
    legacy_call = ""
    for at, message in enumerate(messages):
        path = f"messages[{at}]"
        role = message.role
        if role is None:
            raise missing_parameter(f"{path}.role")
        if role in ("tool", "function"):
            call_id = message.tool_call_id if role == "tool" else legacy_call
            if not call_id:
                raise missing_parameter(f"{path}.tool_call_id")
            results.append(_tool_result(call_id, message, path))
            continue
        if results:
            turns.append(Message("user", tuple(results)))
            results.clear()
        if role in ("system", "developer"):
            texts = tuple(_only_text(part, path) for part in _content(message, path))
            if turns:
                turns.append(Message("system", texts, name=message.name or ""))
            else:
                system += texts
        elif role == "user":
            turns.append(Message("user", tuple(_content(message, path)), name=message.name or ""))
        elif role == "assistant":
            if message.function_call is not None:
                legacy_call = f"call_{at}"  # the old form has no ids: a result answers the last call
            turns.append(_assistant(message, path, legacy_call))
        else:
            raise invalid_value(
                f"{path}.role", f"'{role}' is not one of 'system', 'developer', 'user', 'assistant', 'tool'"
            )
    if results:
        turns.append(Message("user", tuple(results)))
    return tuple(system), tuple(turns)


def _assistant(message: wire.Message, path: str, legacy_call: str) -> Message:
    if message.audio is not None:
        raise _audio(f"{path}.audio")
    parts: list[Part] = []
    if message.thinking:
        parts.append(Thinking(message.thinking))
    parts += _content(message, path)
    if message.refusal:
        parts.append(Refusal(message.refusal))
    for at, call in enumerate(message.tool_calls or ()):
        parts.append(_tool_call(call, f"{path}.tool_calls[{at}]"))
    if message.function_call is not None:
        function = message.function_call
        parts.append(ToolCall(legacy_call, function.name or "", argument_text(function.arguments)))
    return Message("assistant", tuple(parts), name=message.name or "")


def _tool_call(call: wire.ToolCall, path: str) -> ToolCall:
    if call.type not in (None, "function"):
        raise UntranslatableRequest(
            f"A tool call of type '{call.type}' exists only at OpenAI.", param=f"{path}.type"
        )
    if call.function is None or not call.function.name:
        raise missing_parameter(f"{path}.function.name")
    if not call.id:
        raise missing_parameter(f"{path}.id")
    return ToolCall(call.id, call.function.name, argument_text(call.function.arguments))


def _tool_result(call_id: str, message: wire.Message, path: str) -> ToolResult:
    parts: list[Text | Image | Document] = []
    for part in _content(message, path):
        if not isinstance(part, Text | Image | Document):
            raise invalid_value(f"{path}.content", "a tool message holds text only")
        parts.append(part)
    return ToolResult(call_id, tuple(parts))


def _content(message: wire.Message, path: str) -> list[Part]:
    content = message.content
    if content is None:
        if message.role == "assistant":
            return []  # beside tool calls, a refusal, or an answer that was empty
        raise missing_parameter(f"{path}.content")
    if isinstance(content, str):
        # An empty assistant text beside tool calls means nothing, and some providers refuse it.
        return [Text(content)] if content or message.role != "assistant" else []
    return [_part(part, f"{path}.content[{at}]") for at, part in enumerate(content)]


def _part(part: wire.ContentPart, path: str) -> Part:
    cache = _cache(part)
    if part.type == "text":
        if part.text is None:
            raise missing_parameter(f"{path}.text")
        return Text(part.text, cache=cache)
    if part.type == "image_url":
        image = decode_image(part.image_url, path)
        return image if cache is None else Image(image.source, detail=image.detail, cache=cache)
    if part.type == "file":
        document = decode_file(part.file, path)
        return document if cache is None else Document(document.source, title=document.title, cache=cache)
    if part.type == "refusal":
        return Refusal(part.refusal or "")
    if part.type == "input_audio":
        raise _audio(path)
    raise UntranslatableRequest(
        f"A content part of type '{part.type}' is not known; text, image_url and file are.",
        param=f"{path}.type",
    )


def _cache(part: wire.ContentPart) -> CacheHint | None:
    mark = part.prompt_cache_breakpoint or part.cache_control
    return None if mark is None else CacheHint(mark.ttl or "")


def _only_text(part: Any, path: str) -> Text:
    if not isinstance(part, Text):
        raise invalid_value(f"{path}.content", "a system message holds text only")
    return part


def _audio(path: str) -> UntranslatableRequest:
    return UntranslatableRequest(
        "The provider of this model takes no audio: choose a model of an OpenAI-compatible provider.",
        param=path,
    )
