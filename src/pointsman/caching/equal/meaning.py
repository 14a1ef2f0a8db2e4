"""What a request of the hub asks for, without what does not change the answer, in one spelling. Pure.

Left out:

- ``stream`` and ``stream_usage``: the same answer, otherwise served.
- ``user``, and ``metadata``: who asks, and the caller's own notes. That tenants never share is not left to
  them: the tenant is a part of the key.
- ``tier`` and all marks of the providers' prompt caches: they change price and pace, not the answer.
- ``model``: the key has the model that the name was resolved to.

Two ways to say the same become one: the arguments of tool calls are compared as JSON; results of tools and
the user's words behind them are one turn, as Anthropic reads them and OpenAI has to part them; the name that
a schema without one is given, and all that is the default anyway (``defaults.py``), are as if left out.
"""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec

from pointsman.chat import Message, Part, Request, ResponseFormat, Text, ToolCall, ToolResult

from .canonical import same_text
from .defaults import Told, without_defaults

IDLE = {
    "openai_chat": frozenset(
        {
            *("metadata", "safety_identifier", "service_tier", "stream", "stream_options", "user"),
            *("prompt_cache_key", "prompt_cache_options", "prompt_cache_retention"),
        }
    ),
    "anthropic_messages": frozenset({"cache_control", "metadata", "service_tier", "stream"}),
}
"""Fields at the top of a body, by dialect, that do not change the answer."""

_NAME = "answer"
"""What the encoder calls a schema that came without a name."""


def meaning(dialect: str, request: Request, told: Told = ()) -> dict[str, Any]:
    """Plain values, to be written as JSON. Equal for requests that ask for the same.

    Args:
        told: what leaving a field out means to whoever may answer.
    """
    request = without_defaults(request, told)
    said: dict[str, Any] = msgspec.to_builtins(
        msgspec.structs.replace(
            request,
            model="",
            stream=False,
            stream_usage=False,
            user="",
            tier="",
            system=tuple([Text(text.text) for text in request.system]),
            messages=_turns(request.messages),
            tools=tuple([_without_hint(tool) for tool in request.tools]),
            response_format=_format(request.response_format),
            unmapped={},
        )
    )
    idle = IDLE.get(dialect, frozenset())
    foreign = {name: value for name, value in request.unmapped.items() if name.partition(".")[0] not in idle}
    if foreign:
        said["unmapped"] = {dialect: foreign}
    return said


def _turns(messages: tuple[Message, ...]) -> tuple[Message, ...]:
    turns: list[Message] = []
    for message in messages:
        parts = tuple([_part(part) for part in message.parts])
        if turns and message.role == "user" and not message.name and _only_results(turns[-1]):
            turns[-1] = Message("user", turns[-1].parts + parts)
        else:
            turns.append(Message(message.role, parts, message.name))
    return tuple(turns)


def _only_results(turn: Message) -> bool:
    if turn.role != "user" or turn.name or not turn.parts:
        return False
    return all(isinstance(part, ToolResult) for part in turn.parts)


def _part(part: Part) -> Part:
    if isinstance(part, ToolCall):
        return ToolCall(part.id, part.name, same_text(part.arguments))
    if isinstance(part, ToolResult):
        inner = [_without_hint(each) for each in part.parts if each != Text("")]
        return ToolResult(part.call_id, tuple(inner), part.is_error)
    return _without_hint(part)


_T = TypeVar("_T", bound=msgspec.Struct)


def _without_hint(value: _T) -> _T:
    if getattr(value, "cache", None) is None:
        return value
    return msgspec.structs.replace(value, cache=None)


def _format(wanted: ResponseFormat | None) -> ResponseFormat | None:
    if wanted is None or wanted.name != _NAME:
        return wanted
    return msgspec.structs.replace(wanted, name="")
