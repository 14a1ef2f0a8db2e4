"""Parts of the hub, into content blocks of the Anthropic wire."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from pointsman.chat import (
    CacheHint,
    Document,
    Image,
    Part,
    RedactedThinking,
    Refusal,
    Source,
    Text,
    Thinking,
    ToolCall,
    ToolResult,
)
from pointsman.errors import UntranslatableRequest

from .arguments import arguments_to_input, wire_id

_MAGIC = {"/9j/": "image/jpeg", "iVBORw": "image/png", "R0lGOD": "image/gif", "UklGR": "image/webp"}
"""How the base64 text of each image type that Anthropic takes begins."""


def encode_part(part: Part, path: str, dropped: list[str]) -> dict[str, Any] | None:
    """A content block; None for a part that Anthropic refuses and that says nothing.

    Args:
        dropped: takes the names of what could not cross.

    Raises:
        UntranslatableRequest: an image or document in a form that Anthropic does not take.
    """
    match part:
        case Text():
            return encode_text(part, dropped)
        case Refusal():
            return encode_text(Text(part.text), dropped)
        case Image():
            return _image(part, path, dropped)
        case Document():
            return _document(part, path, dropped)
        case ToolCall():
            block = {
                "type": "tool_use",
                "id": wire_id(part.id),
                "name": part.name,
                "input": arguments_to_input(part.arguments),
            }
            return _cached(block, part.cache, dropped)
        case ToolResult():
            return _tool_result(part, path, dropped)
        case Thinking():
            if not part.signature:
                dropped.append("messages.thinking")
                return None
            return {"type": "thinking", "thinking": part.text, "signature": part.signature}
        case RedactedThinking():
            return {"type": "redacted_thinking", "data": part.data}


def encode_text(text: Text, dropped: list[str]) -> dict[str, Any] | None:
    """A text block; None for blank text, which Anthropic refuses."""
    if not text.text or text.text.isspace():
        return None
    return _cached({"type": "text", "text": text.text}, text.cache, dropped)


def encode_cache(cache: CacheHint, dropped: list[str]) -> dict[str, Any]:
    """``cache_control``. Anthropic keeps for 5 minutes or for 1 hour; a longer life is cut to the hour."""
    if not cache.ttl:
        return {"type": "ephemeral"}
    if cache.ttl in ("5m", "1h"):
        return {"type": "ephemeral", "ttl": cache.ttl}
    dropped.append(f"cache.ttl={cache.ttl}")
    return {"type": "ephemeral", "ttl": "1h"}


def _cached(block: dict[str, Any], cache: CacheHint | None, dropped: list[str]) -> dict[str, Any]:
    if cache is not None:
        block["cache_control"] = encode_cache(cache, dropped)
    return block


def _tool_result(result: ToolResult, path: str, dropped: list[str]) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "tool_result", "tool_use_id": wire_id(result.call_id)}
    only = result.parts[0] if len(result.parts) == 1 else None
    if isinstance(only, Text) and only.cache is None:
        block["content"] = only.text
    else:
        encoded = (encode_part(part, f"{path}.parts[{n}]", dropped) for n, part in enumerate(result.parts))
        content = [inner for inner in encoded if inner is not None]
        if content:
            block["content"] = content
    if result.is_error:
        block["is_error"] = True
    return _cached(block, result.cache, dropped)


def _image(image: Image, path: str, dropped: list[str]) -> dict[str, Any]:
    if image.detail not in ("", "auto"):
        dropped.append("image_url.detail")
    source = image.source
    if source.kind == "base64":
        wire: dict[str, Any] = {
            "type": "base64",
            "media_type": _image_type(source, path),
            "data": source.data,
        }
    else:
        wire = _reference(source, path)
    return _cached({"type": "image", "source": wire}, image.cache, dropped)


def _image_type(source: Source, path: str) -> str:
    if source.media_type:
        return "image/jpeg" if source.media_type == "image/jpg" else source.media_type
    for magic, media_type in _MAGIC.items():
        if source.data.startswith(magic):
            return media_type
    raise UntranslatableRequest(
        f"{path}: the type of this image is not told and not JPEG, PNG, GIF or WebP. "
        "Send it as a data URL with its media type.",
        param=path,
    )


def _document(document: Document, path: str, dropped: list[str]) -> dict[str, Any]:
    block: dict[str, Any] = {"type": "document", "source": _document_source(document.source, path)}
    if document.title:
        block["title"] = document.title
    if document.context:
        block["context"] = document.context
    if document.citations:
        block["citations"] = {"enabled": True}
    return _cached(block, document.cache, dropped)


def _document_source(source: Source, path: str) -> dict[str, Any]:
    if source.kind == "text":
        return {"type": "text", "media_type": "text/plain", "data": source.data}
    if source.kind != "base64":
        return _reference(source, path)
    if source.media_type.startswith("text/"):
        try:
            text = base64.b64decode(source.data, validate=True).decode()
        except (binascii.Error, ValueError):
            raise UntranslatableRequest(f"{path}: not UTF-8 text in base64.", param=path) from None
        return {"type": "text", "media_type": "text/plain", "data": text}
    if source.media_type not in ("", "application/pdf"):
        raise UntranslatableRequest(
            f"{path}: Anthropic takes documents as PDF or text, not as {source.media_type}.", param=path
        )
    return {"type": "base64", "media_type": "application/pdf", "data": source.data}


def _reference(source: Source, path: str) -> dict[str, Any]:
    if source.kind == "url":
        return {"type": "url", "url": source.data}
    if source.kind == "file":
        return {"type": "file", "file_id": source.data}
    raise UntranslatableRequest(f"{path}: an image cannot be given as plain text.", param=path)
