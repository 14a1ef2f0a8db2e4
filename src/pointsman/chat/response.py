"""An answer, whole or as a stream of events, free of any provider's spelling."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from .parts import Part
from .usage import Usage


class Stop(StrEnum):
    """Why the model stopped."""

    END = "end"
    STOP_SEQUENCE = "stop_sequence"
    LENGTH = "length"
    CONTEXT_WINDOW = "context_window"
    TOOL_CALLS = "tool_calls"
    REFUSAL = "refusal"
    PAUSE = "pause"
    """Anthropic's ``pause_turn``: the turn goes on if it is sent back."""
    OTHER = "other"


class Response(msgspec.Struct, frozen=True):
    """One whole answer."""

    id: str
    model: str
    parts: tuple[Part, ...]
    stop: Stop
    usage: Usage | None = None
    stop_sequence: str | None = None
    created: int = 0
    """Unix seconds; 0 where the provider does not say."""


class StreamStart(msgspec.Struct, frozen=True, tag="start"):
    """First event of every stream. ``usage`` holds the prompt's tokens where they are known this early."""

    id: str
    model: str
    usage: Usage | None = None
    created: int = 0


class TextDelta(msgspec.Struct, frozen=True, tag="text"):
    """``index`` counts the parts of the answer; a part's deltas are never mixed with another's text."""

    index: int
    text: str


class RefusalDelta(msgspec.Struct, frozen=True, tag="refusal"):
    index: int
    text: str


class ThinkingDelta(msgspec.Struct, frozen=True, tag="thinking"):
    index: int
    text: str = ""
    signature: str = ""


class RedactedThinkingPart(msgspec.Struct, frozen=True, tag="redacted"):
    index: int
    data: str


class ToolCallStart(msgspec.Struct, frozen=True, tag="call"):
    index: int
    id: str
    name: str


class ToolCallDelta(msgspec.Struct, frozen=True, tag="arguments"):
    """A fragment of the arguments' JSON text."""

    index: int
    arguments: str


class PartEnd(msgspec.Struct, frozen=True, tag="part_end"):
    index: int


class StreamEnd(msgspec.Struct, frozen=True, tag="end"):
    """The one terminal event of a stream that came to its end. ``usage`` is the whole call's."""

    stop: Stop
    usage: Usage | None = None
    stop_sequence: str | None = None


StreamEvent = (
    StreamStart
    | TextDelta
    | RefusalDelta
    | ThinkingDelta
    | RedactedThinkingPart
    | ToolCallStart
    | ToolCallDelta
    | PartEnd
    | StreamEnd
)
