"""A request of an OpenAI client, into the hub."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec

from pointsman.chat import CacheHint, Reasoning, Request, ResponseFormat, Text, Tool, ToolChoice
from pointsman.errors import InvalidRequest, UntranslatableRequest

from . import wire
from .decode_messages import decode_messages
from .peek import peek
from .problems import invalid, invalid_value, missing_parameter

_T = TypeVar("_T")

_messages = msgspec.json.Decoder(list[wire.Message])
_tools = msgspec.json.Decoder(list[wire.Tool] | None)
_choice = msgspec.json.Decoder(str | wire.ToolChoice | None)
_format = msgspec.json.Decoder(wire.ResponseFormat | None)
_stop = msgspec.json.Decoder(str | list[str] | None)
_text = msgspec.json.Decoder(str | None)
_number = msgspec.json.Decoder(float | None)
_count = msgspec.json.Decoder(int | None)
_flag = msgspec.json.Decoder(bool | None)
_any = msgspec.json.Decoder()
_QUOTE = ord('"')

_KNOWN = frozenset(
    {
        *("model", "messages", "stream", "stream_options", "max_completion_tokens", "max_tokens"),
        *("temperature", "top_p", "top_k", "stop", "tools", "tool_choice", "parallel_tool_calls"),
        *("response_format", "reasoning_effort", "user", "safety_identifier", "service_tier"),
    }
)
_NEUTRAL: Mapping[str, Any] = {
    "n": 1,
    "logprobs": False,
    "top_logprobs": 0,
    "frequency_penalty": 0,
    "presence_penalty": 0,
    "logit_bias": {},
    "store": False,
    "metadata": {},
    "modalities": ["text"],
}
"""Values that say no more than leaving the field out; SDKs and frameworks send them unasked."""


def decode_request(body: bytes) -> Request:
    """Raises InvalidRequest with the path of the field, UntranslatableRequest where the hub has no word."""
    seen = peek(body)
    fields = seen.fields
    system, messages = decode_messages(_read(_messages, fields, "messages"))
    system = (*_system_field(fields), *system)
    tools, choice = _tools_and_choice(fields)
    stop = _read(_stop, fields, "stop")
    effort = _read(_text, fields, "reasoning_effort")
    user = _read(_text, fields, "safety_identifier") or _read(_text, fields, "user")
    return Request(
        model=seen.model,
        messages=messages,
        system=system,
        stream=seen.stream,
        stream_usage=seen.wants_stream_usage,
        max_output=seen.max_output,
        temperature=_read(_number, fields, "temperature"),
        top_p=_read(_number, fields, "top_p"),
        top_k=_read(_count, fields, "top_k"),
        stop=(stop,) if isinstance(stop, str) else tuple(stop or ()),
        tools=tools,
        tool_choice=choice,
        parallel_tools=_read(_flag, fields, "parallel_tool_calls"),
        response_format=_response_format(_read(_format, fields, "response_format")),
        reasoning=Reasoning(effort=effort) if effort else None,
        user=user or "",
        tier=_read(_text, fields, "service_tier") or "",
        unmapped=_unmapped(fields),
    )


def _read(decoder: msgspec.json.Decoder[_T], fields: Mapping[str, msgspec.Raw], name: str) -> _T | Any:
    raw = fields.get(name)
    if raw is None:
        return None
    try:
        return decoder.decode(raw)
    except msgspec.ValidationError as error:
        raise invalid(error, name) from None
    except RecursionError:
        raise InvalidRequest(f"'{name}' is nested too deeply.", param=name) from None


def _system_field(fields: Mapping[str, msgspec.Raw]) -> tuple[Text, ...]:
    """A top-level ``system``, which is no field of OpenAI's: clients written for Claude models behind an
    OpenAI-compatible address send it, and mean the instructions that Anthropic's field of that name holds."""
    raw = fields.get("system")
    if raw is None or memoryview(raw)[0] != _QUOTE:
        return ()  # anything but text is unknown, and treated as such
    text = _read(_text, fields, "system")
    return (Text(text),) if text else ()


def _unmapped(fields: Mapping[str, msgspec.Raw]) -> dict[str, Any]:
    unmapped: dict[str, Any] = {}
    for name in fields.keys() - _KNOWN:
        value = _read(_any, fields, name)
        if name == "system" and isinstance(value, str):
            continue
        if value is not None and not (name in _NEUTRAL and value == _NEUTRAL[name]):
            unmapped[name] = value
    return unmapped


def _tools_and_choice(fields: Mapping[str, msgspec.Raw]) -> tuple[tuple[Tool, ...], ToolChoice | None]:
    tools = tuple(_tool(tool, f"tools[{at}]") for at, tool in enumerate(_read(_tools, fields, "tools") or ()))
    choice: str | wire.ToolChoice | None = _read(_choice, fields, "tool_choice")
    if choice is None:
        return tools, None
    if isinstance(choice, str):
        return tools, ToolChoice(_mode(choice, "tool_choice"))
    if choice.type == "function":
        if choice.function is None:
            raise missing_parameter("tool_choice.function")
        return tools, ToolChoice("tool", choice.function.name)
    if choice.type == "allowed_tools":
        if choice.allowed_tools is None:
            raise missing_parameter("tool_choice.allowed_tools")
        # To allow a few of the tools is to offer only those; their order stays.
        allowed = {tool.function.name for tool in choice.allowed_tools.tools if tool.function}
        mode = _mode(choice.allowed_tools.mode, "tool_choice.allowed_tools.mode")
        return tuple(tool for tool in tools if tool.name in allowed), ToolChoice(mode)
    raise UntranslatableRequest(
        f"A tool choice of type '{choice.type}' exists only at OpenAI.", param="tool_choice.type"
    )


def _mode(word: str, path: str) -> Any:
    if word not in ("auto", "none", "required"):
        raise invalid_value(path, f"'{word}' is not one of 'auto', 'none', 'required'")
    return word


def _tool(tool: wire.Tool, path: str) -> Tool:
    if tool.type != "function":
        raise UntranslatableRequest(
            f"A tool of type '{tool.type}' exists only at OpenAI; use a function.", param=f"{path}.type"
        )
    function = tool.function
    if function is None:
        raise missing_parameter(f"{path}.function")
    mark = tool.cache_control
    return Tool(
        name=function.name,
        parameters={"type": "object"} if function.parameters is None else function.parameters,
        description=function.description or "",
        strict=function.strict,
        cache=None if mark is None else CacheHint(mark.ttl or ""),
    )


def _response_format(wanted: wire.ResponseFormat | None) -> ResponseFormat | None:
    if wanted is None:
        return None
    if wanted.type == "text":
        return ResponseFormat("text")
    if wanted.type == "json_object":
        return ResponseFormat("json_object")
    if wanted.type != "json_schema":
        raise invalid_value(
            "response_format.type", f"'{wanted.type}' is not one of 'text', 'json_object', 'json_schema'"
        )
    schema = wanted.json_schema
    if schema is None:
        raise missing_parameter("response_format.json_schema")
    return ResponseFormat(
        "json_schema",
        name=schema.name,
        schema=schema.schema,
        strict=schema.strict,
        description=schema.description or "",
    )
