"""A chat request, free of any provider's spelling."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from .parts import CacheHint, Part, Text


class Message(msgspec.Struct, frozen=True):
    """One turn. Tool results are parts of a *user* turn, whatever the wire calls them.

    ``system`` here is only for instructions in the midst of a conversation; the leading ones are
    ``Request.system``.
    """

    role: Literal["system", "user", "assistant"]
    parts: tuple[Part, ...]
    name: str = ""


class Tool(msgspec.Struct, frozen=True):
    """A function that the model may call."""

    name: str
    parameters: dict[str, Any]
    """JSON schema of the arguments; ``{"type": "object"}`` where the caller gave none."""
    description: str = ""
    strict: bool | None = None
    cache: CacheHint | None = None


class ToolChoice(msgspec.Struct, frozen=True):
    mode: Literal["auto", "none", "required", "tool"]
    name: str = ""
    """The tool that must be called, with mode "tool"."""


class ResponseFormat(msgspec.Struct, frozen=True):
    kind: Literal["text", "json_object", "json_schema"]
    name: str = ""
    schema: dict[str, Any] | None = None
    strict: bool | None = None
    description: str = ""


class Reasoning(msgspec.Struct, frozen=True):
    """How much the model should think. Fields that the caller left out are None."""

    mode: Literal["on", "off", "adaptive"] | None = None
    effort: str | None = None
    """"none", "minimal", "low", "medium", "high", "xhigh" or "max"."""
    budget: int | None = None
    """Upper bound of thinking tokens."""


class Request(msgspec.Struct, frozen=True):
    """What the caller asks for. None means that the caller did not say."""

    model: str
    messages: tuple[Message, ...]
    system: tuple[Text, ...] = ()
    stream: bool = False
    stream_usage: bool = False
    """OpenAI's ``stream_options.include_usage``."""
    max_output: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    stop: tuple[str, ...] = ()
    tools: tuple[Tool, ...] = ()
    tool_choice: ToolChoice | None = None
    parallel_tools: bool | None = None
    response_format: ResponseFormat | None = None
    reasoning: Reasoning | None = None
    user: str = ""
    tier: str = ""
    unmapped: dict[str, Any] = {}
    """Top-level fields that the hub has no word for, by their wire name (``seed``, ``logprobs``, …).
    An encoder of another dialect refuses or names each of them; none vanishes in silence."""
