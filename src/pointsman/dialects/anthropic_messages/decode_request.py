"""A body of ``POST /v1/messages`` (or of its count_tokens), into the hub."""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.chat import (
    CacheHint,
    Document,
    Image,
    Message,
    Reasoning,
    Request,
    ResponseFormat,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from pointsman.dialects.splice import read_fields
from pointsman.errors import InvalidRequest, UntranslatableRequest

from .decode_parts import decode_cache, decode_content, decode_texts
from .problems import describe
from .wire import WireRequest, WireThinking, WireTool, WireToolChoice

_request = msgspec.json.Decoder(WireRequest)
_anything = msgspec.json.Decoder(Any)
_KNOWN = frozenset(WireRequest.__struct_fields__)
_CHOICES = {"auto": "auto", "any": "required", "tool": "tool", "none": "none"}
_UNMAPPED_OF_TOOLS = ("defer_loading", "allowed_callers", "eager_input_streaming", "input_examples")


def decode_request(body: bytes) -> Request:
    """Raises InvalidRequest or UntranslatableRequest, both with the path of what is wrong."""
    request = decode_count_request(body)
    if request.max_output is None:
        raise InvalidRequest("max_tokens: Field required", param="max_tokens")
    return request


def decode_count_request(body: bytes) -> Request:
    """The same for ``count_tokens``, where ``max_tokens`` may be missing."""
    fields = read_fields(body)
    try:
        wire = _request.decode(body)
        unmapped = {name: _anything.decode(raw) for name, raw in fields.items() if name not in _KNOWN}
    except msgspec.ValidationError as error:
        path, what = describe(error)
        raise InvalidRequest(f"{path}: {what}" if path else what, param=path or None) from None
    except msgspec.DecodeError as error:  # inside of a value that read_fields passed over unread
        raise InvalidRequest(f"The body is not valid JSON: {error}.") from None
    except RecursionError:
        raise InvalidRequest("The body is nested too deeply.") from None
    return _to_hub(wire, unmapped)


def _to_hub(wire: WireRequest, unmapped: dict[str, Any]) -> Request:
    if not wire.model:
        raise InvalidRequest("model: String should have at least 1 character", param="model")
    if not wire.messages:
        raise InvalidRequest("messages: at least one message is required", param="messages")
    reasoning, response_format = _output(wire, unmapped)
    choice, parallel = _tool_choice(wire.tool_choice)
    return Request(
        model=wire.model,
        messages=_messages(wire),
        system=() if wire.system is None else decode_texts(wire.system, "system"),
        stream=bool(wire.stream),
        stream_usage=bool(wire.stream),
        max_output=wire.max_tokens,
        temperature=wire.temperature,
        top_p=wire.top_p,
        top_k=wire.top_k,
        stop=tuple(wire.stop_sequences or ()),
        tools=tuple([_tool(tool, n, unmapped) for n, tool in enumerate(wire.tools or ())]),
        tool_choice=choice,
        parallel_tools=parallel,
        response_format=response_format,
        reasoning=reasoning,
        user=_user(wire.metadata, unmapped),
        tier="default" if wire.service_tier == "standard_only" else wire.service_tier or "",
        unmapped={name: value for name, value in unmapped.items() if value is not None},
    )


def _messages(wire: WireRequest) -> tuple[Message, ...]:
    messages = [
        Message(message.role, decode_content(message.content, f"messages[{n}].content"))
        for n, message in enumerate(wire.messages)
    ]
    hint = decode_cache(wire.cache_control)
    if hint is not None:
        messages[-1] = _cache_last(messages[-1], hint)
    return tuple(messages)


def _cache_last(message: Message, hint: CacheHint) -> Message:
    """A top-level ``cache_control`` stands for one on the last block that can have it."""
    parts = list(message.parts)
    for n in range(len(parts) - 1, -1, -1):
        part = parts[n]
        if isinstance(part, Text | Image | Document | ToolCall | ToolResult):
            if part.cache is None:
                parts[n] = msgspec.structs.replace(part, cache=hint)
            break
    return msgspec.structs.replace(message, parts=tuple(parts))


def _tool(wire: WireTool, n: int, unmapped: dict[str, Any]) -> Tool:
    if wire.type not in (None, "custom"):
        raise UntranslatableRequest(
            f"tools[{n}]: the tool {wire.name or wire.type!r} of type {wire.type!r} is defined by Anthropic "
            "and cannot be sent to this model's provider. Choose a Claude model served by Anthropic, or "
            "leave the tool out.",
            param=f"tools[{n}]",
        )
    if not wire.name:
        raise InvalidRequest(f"tools[{n}].name: Field required", param=f"tools[{n}].name")
    if wire.input_schema is None:
        raise InvalidRequest(f"tools[{n}].input_schema: Field required", param=f"tools[{n}].input_schema")
    for name in _UNMAPPED_OF_TOOLS:
        value = getattr(wire, name)
        if value is not None:
            unmapped[f"tools.{name}"] = value
    return Tool(
        name=wire.name,
        parameters=wire.input_schema,
        description=wire.description or "",
        strict=wire.strict,
        cache=decode_cache(wire.cache_control),
    )


def _tool_choice(wire: WireToolChoice | None) -> tuple[ToolChoice | None, bool | None]:
    if wire is None:
        return None, None
    if wire.type == "tool" and not wire.name:
        raise InvalidRequest("tool_choice.name: Field required", param="tool_choice.name")
    serial = wire.disable_parallel_tool_use
    mode: Any = _CHOICES[wire.type]
    return ToolChoice(mode, wire.name), None if serial is None else not serial


def _output(wire: WireRequest, unmapped: dict[str, Any]) -> tuple[Reasoning | None, ResponseFormat | None]:
    config = dict(wire.output_config or {})
    effort = config.pop("effort", None)
    if effort is not None and not isinstance(effort, str):
        path = "output_config.effort"
        raise InvalidRequest(f"{path}: Input should be a valid string", param=path)
    response_format = _format(config.pop("format", None))
    for name, value in config.items():
        unmapped[f"output_config.{name}"] = value
    return _reasoning(wire.thinking, effort, unmapped), response_format


def _format(wire: Any) -> ResponseFormat | None:
    if wire is None:
        return None
    if not isinstance(wire, dict) or wire.get("type") != "json_schema":
        path = "output_config.format.type"
        raise InvalidRequest(f"{path}: Input should be 'json_schema'", param=path)
    if not isinstance(wire.get("schema"), dict):
        path = "output_config.format.schema"
        raise InvalidRequest(f"{path}: Field required", param=path)
    return ResponseFormat("json_schema", schema=wire["schema"])


def _reasoning(wire: WireThinking | None, effort: str | None, unmapped: dict[str, Any]) -> Reasoning | None:
    if wire is None:
        return None if effort is None else Reasoning(effort=effort)
    if wire.display is not None:
        unmapped["thinking.display"] = wire.display
    match wire.type:
        case "disabled":
            return Reasoning(mode="off", effort=effort)
        case "enabled":
            return Reasoning(mode="on", effort=effort, budget=wire.budget_tokens)
        case "between_tools":
            unmapped["thinking.type"] = wire.type
            return Reasoning(mode="adaptive", effort=effort)
        case _:
            return Reasoning(mode="adaptive", effort=effort)


def _user(metadata: dict[str, Any] | None, unmapped: dict[str, Any]) -> str:
    user = ""
    for name, value in (metadata or {}).items():
        if name == "user_id" and isinstance(value, str):
            user = value
        else:
            unmapped[f"metadata.{name}"] = value
    return user
