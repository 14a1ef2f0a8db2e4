"""Parts of a message: the nouns that every dialect has a spelling for."""

from __future__ import annotations

from typing import Literal

import msgspec


class CacheHint(msgspec.Struct, frozen=True):
    """The prompt up to and including this part should be kept in the provider's prompt cache."""

    ttl: str = ""
    """"5m", "30m", "1h", "12h", or "" for the provider's default."""


class Source(msgspec.Struct, frozen=True):
    """Where the bytes of an image or document are."""

    kind: Literal["base64", "url", "file", "text"]
    data: str
    """Base64 text, a URL, a provider's file id, or plain text, by ``kind``."""
    media_type: str = ""


class Text(msgspec.Struct, frozen=True, tag="text"):
    text: str
    cache: CacheHint | None = None


class Image(msgspec.Struct, frozen=True, tag="image"):
    source: Source
    detail: str = ""
    """OpenAI's ``detail``: "", "low", "high", "auto" or "original"."""
    cache: CacheHint | None = None


class Document(msgspec.Struct, frozen=True, tag="document"):
    source: Source
    title: str = ""
    context: str = ""
    citations: bool = False
    cache: CacheHint | None = None


class ToolCall(msgspec.Struct, frozen=True, tag="tool_call"):
    id: str
    name: str
    arguments: str
    """The arguments as JSON text; always an object, "{}" where there are none."""
    cache: CacheHint | None = None


class ToolResult(msgspec.Struct, frozen=True, tag="tool_result"):
    call_id: str
    parts: tuple[Text | Image | Document, ...]
    is_error: bool = False
    cache: CacheHint | None = None


class Thinking(msgspec.Struct, frozen=True, tag="thinking"):
    """Reasoning of the model; with ``signature`` it must go back unchanged, before its tool calls."""

    text: str
    signature: str = ""


class RedactedThinking(msgspec.Struct, frozen=True, tag="redacted_thinking"):
    data: str


class Refusal(msgspec.Struct, frozen=True, tag="refusal"):
    text: str


Part = Text | Image | Document | ToolCall | ToolResult | Thinking | RedactedThinking | Refusal
