"""What the Anthropic messages API puts on the wire, as far as Pointsman reads it. Types only.

Blocks are one struct with every field optional rather than a tagged union: Anthropic adds block, event
and delta types within one API version, and an unknown one must reach the code that decides what it means.
For the same reason fields whose shape depends on the type of their block are kept raw.
"""

from __future__ import annotations

from typing import Any, Literal

import msgspec

NOTHING = msgspec.Raw()
"""Default of raw fields: the field is absent."""


class WireCache(msgspec.Struct, frozen=True):
    type: str = "ephemeral"
    ttl: str | None = None


class WireBlock(msgspec.Struct, frozen=True):
    """A content block of a request or an answer."""

    type: str
    text: str | None = None
    id: str | None = None
    name: str | None = None
    input: msgspec.Raw = NOTHING
    source: msgspec.Raw = NOTHING
    title: str | None = None
    context: str | None = None
    citations: msgspec.Raw = NOTHING
    tool_use_id: str | None = None
    tool_name: str | None = None
    content: msgspec.Raw = NOTHING
    is_error: bool | None = None
    thinking: str | None = None
    signature: str | None = None
    data: str | None = None
    cache_control: WireCache | None = None


class WireSource(msgspec.Struct, frozen=True):
    """Where an image or document comes from."""

    type: str
    media_type: str = ""
    data: str | None = None
    url: str | None = None
    file_id: str | None = None
    content: str | list[WireBlock] | None = None


class WireMessage(msgspec.Struct, frozen=True):
    role: Literal["user", "assistant", "system"]
    content: str | list[WireBlock]


class WireTool(msgspec.Struct, frozen=True):
    name: str = ""
    type: str | None = None
    description: str | None = None
    input_schema: dict[str, Any] | None = None
    strict: bool | None = None
    cache_control: WireCache | None = None
    defer_loading: bool | None = None
    allowed_callers: list[str] | None = None
    eager_input_streaming: bool | None = None
    input_examples: list[Any] | None = None


class WireToolChoice(msgspec.Struct, frozen=True):
    type: Literal["auto", "any", "tool", "none"]
    name: str = ""
    disable_parallel_tool_use: bool | None = None


class WireThinking(msgspec.Struct, frozen=True):
    type: Literal["enabled", "disabled", "adaptive", "between_tools"]
    budget_tokens: int | None = None
    display: str | None = None


class WireRequest(msgspec.Struct, frozen=True):
    """The fields that the hub has words for."""

    model: str
    messages: list[WireMessage]
    max_tokens: int | None = None
    system: str | list[WireBlock] | None = None
    stop_sequences: list[str] | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    tools: list[WireTool] | None = None
    tool_choice: WireToolChoice | None = None
    thinking: WireThinking | None = None
    output_config: dict[str, Any] | None = None
    metadata: dict[str, Any] | None = None
    service_tier: str | None = None
    stream: bool | None = None
    cache_control: WireCache | None = None


class WireCacheCreation(msgspec.Struct, frozen=True):
    ephemeral_5m_input_tokens: int = 0
    ephemeral_1h_input_tokens: int = 0


class WireOutputDetails(msgspec.Struct, frozen=True):
    thinking_tokens: int | None = None


class WireIteration(msgspec.Struct, frozen=True):
    """Usage of one of the steps that an answer took."""

    type: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: WireCacheCreation | None = None


class WireUsage(msgspec.Struct, frozen=True):
    """Usage of an answer, or of one event of a stream. None: not said there."""

    input_tokens: int | None = None
    output_tokens: int | None = None
    cache_read_input_tokens: int | None = None
    cache_creation_input_tokens: int | None = None
    cache_creation: WireCacheCreation | None = None
    output_tokens_details: WireOutputDetails | None = None
    service_tier: str | None = None
    speed: str | None = None
    iterations: list[WireIteration] | None = None


class WireStopDetails(msgspec.Struct, frozen=True):
    explanation: str | None = None


class WireResponse(msgspec.Struct, frozen=True):
    """A whole answer; also the ``message`` of a ``message_start``."""

    id: str
    model: str
    content: list[WireBlock]
    type: str = "message"
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: WireStopDetails | None = None
    usage: WireUsage | None = None


class WireAccount(msgspec.Struct, frozen=True):
    """The three fields of an answer that accounting needs."""

    id: str = ""
    model: str = ""
    usage: WireUsage | None = None


class WireDelta(msgspec.Struct, frozen=True):
    """``delta`` of a ``content_block_delta`` or a ``message_delta``."""

    type: str = ""
    text: str | None = None
    partial_json: str | None = None
    thinking: str | None = None
    signature: str | None = None
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: WireStopDetails | None = None


class WireEvent(msgspec.Struct, frozen=True):
    """Any event of a stream that Pointsman knows."""

    type: str = ""
    index: int = 0
    message: WireAccount | None = None
    content_block: WireBlock | None = None
    delta: WireDelta | None = None
    usage: WireUsage | None = None


class WireErrorDetails(msgspec.Struct, frozen=True):
    error_code: str | None = None


class WireErrorObject(msgspec.Struct, frozen=True):
    type: str = ""
    message: str = ""
    details: WireErrorDetails | None = None


class WireError(msgspec.Struct, frozen=True):
    error: WireErrorObject
