"""What a request means that leaves a field out, so that one which says it is the same request. Pure.

Only what the documentation of a provider tells. Some of it holds wherever a dialect is spoken, because the
field is made so: a penalty of 0 is none. How a model samples unless told otherwise is each provider's own
choice (Gemini's ``top_p`` is 0.95, a vLLM server takes what came with the model), so it is asked for by the
provider's name. Not taken for defaults, since models differ in them: reasoning effort, ``thinking``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pointsman.chat import Image, Message, Part, Request, ResponseFormat, Tool, ToolResult

Told = tuple[tuple[str, Any], ...]
"""Fields of a hub's request, or of its ``unmapped``, with what leaving them out means."""

_TOLD: Mapping[str, Told] = {
    "openai": (("temperature", 1), ("top_p", 1), ("verbosity", "medium")),
    "deepseek": (("temperature", 1), ("top_p", 1)),
    "anthropic": (("temperature", 1),),
}
"""By provider: "Defaults to …" in their references of chat completions and of messages."""


def told_defaults(providers: Iterable[str], filled: Mapping[str, Any]) -> Told:
    """What all of these providers mean by leaving a field out.

    Args:
        filled: what is filled in by a preset, so that leaving it out means that.
    """
    lists = [_TOLD.get(name, ()) for name in providers]
    if not lists:
        return ()
    return tuple(
        [each for each in lists[0] if each[0] not in filled and all(each in others for others in lists[1:])]
    )


def without_defaults(request: Request, told: Told) -> Request:
    """The same request, without what it says that would be meant without it."""
    changes: dict[str, Any] = {name: None for name, value in told if getattr(request, name, None) == value}
    said = dict(told)
    tools = bool(request.tools)
    choice = request.tool_choice
    if choice is not None and choice.mode == ("auto" if tools else "none"):
        changes["tool_choice"] = None
    if tools and request.parallel_tools:
        changes["parallel_tools"] = None
    return msgspec.structs.replace(
        request,
        messages=tuple([_message(message) for message in request.messages]),
        tools=tuple([_tool(tool) for tool in request.tools]),
        response_format=_format(request.response_format),
        unmapped={
            name: value for name, value in request.unmapped.items() if name not in said or said[name] != value
        },
        **changes,
    )


def _tool(tool: Tool) -> Tool:
    return tool if tool.strict is not False else msgspec.structs.replace(tool, strict=None)


def _format(wanted: ResponseFormat | None) -> ResponseFormat | None:
    if wanted is None or wanted.kind == "text":
        return None
    return wanted if wanted.strict is not False else msgspec.structs.replace(wanted, strict=None)


def _message(message: Message) -> Message:
    if not any(isinstance(part, Image | ToolResult) for part in message.parts):
        return message
    return msgspec.structs.replace(message, parts=tuple([_part(part) for part in message.parts]))


def _part(part: Part) -> Any:
    if isinstance(part, Image) and part.detail == "auto":
        return msgspec.structs.replace(part, detail="")
    if isinstance(part, ToolResult):
        return msgspec.structs.replace(part, parts=tuple([_part(inner) for inner in part.parts]))
    return part
