"""How many tokens a request has, before anybody has counted them."""

from __future__ import annotations

import msgspec

from pointsman.catalog import Model, prompt_limit
from pointsman.chat import (
    Document,
    Image,
    Part,
    RedactedThinking,
    Refusal,
    Request,
    Text,
    Thinking,
    Tool,
    ToolCall,
    ToolResult,
)

from .pieces import count_text

MESSAGE_OVERHEAD = 4
"""Tokens that mark where a message begins and who speaks; also taken for each tool and tool call."""
IMAGE_TOKENS = 1_600
"""An image of about 1,100 × 1,100 pixels or larger: what Claude scales them down to."""
REFERENCED_DOCUMENT_TOKENS = 6_000
"""A document whose bytes are elsewhere: three dense pages, for want of anything better."""
BASE64_PER_TOKEN = 40
"""Base64 characters of a PDF for each token: a page of 100 kB has about 3,000 as text and picture."""
HIDDEN_PROMPT = 4_096
"""Room for what providers put before the prompt: the frame of the conversation, and how to call tools."""

_encode = msgspec.json.encode


def request_tokens(request: Request) -> int:
    """An estimate of the whole prompt: system, messages, tools, schema, images and documents."""
    total = sum(count_text(text.text) for text in request.system)
    for message in request.messages:
        total += MESSAGE_OVERHEAD + sum(map(_part_tokens, message.parts))
    total += sum(map(_tool_tokens, request.tools))
    if request.response_format is not None and request.response_format.schema is not None:
        total += count_text(_encode(request.response_format.schema).decode())
    return total


def bytes_tokens(body_bytes: int) -> int:
    """An estimate from the size of the body alone, at 4 bytes a token, for where there is no time to
    read it. Correct it with what is learned of the model (``learned.py``)."""
    return (body_bytes + 3) // 4


def fits_surely(body_bytes: int, model: Model, *, media: bool = False) -> bool:
    """Whether a prompt fits the model's window for certain, by the size of its JSON body alone.

    No token of text is shorter than a byte, so fewer bytes than the window has tokens always fit, with room
    for what the provider adds. False means: count. It always is with ``media``, an image or document in the
    body, since a short address can stand for many tokens.
    """
    return not media and body_bytes + HIDDEN_PROMPT <= prompt_limit(model)


def _part_tokens(part: Part) -> int:
    match part:
        case Text() | Thinking() | Refusal():
            return count_text(part.text)
        case RedactedThinking():
            return len(part.data) // 4  # only the provider can read it
        case Image():
            return IMAGE_TOKENS
        case Document():
            return _document_tokens(part)
        case ToolCall():
            return MESSAGE_OVERHEAD + count_text(part.name) + count_text(part.arguments)
        case ToolResult():
            return MESSAGE_OVERHEAD + sum(map(_part_tokens, part.parts))


def _document_tokens(document: Document) -> int:
    around = count_text(document.title) + count_text(document.context)
    source = document.source
    if source.kind == "text":
        return around + count_text(source.data)
    if source.kind == "base64":
        return around + len(source.data) // BASE64_PER_TOKEN
    return around + REFERENCED_DOCUMENT_TOKENS


def _tool_tokens(tool: Tool) -> int:
    schema = _encode(tool.parameters).decode()
    return MESSAGE_OVERHEAD + count_text(tool.name) + count_text(tool.description) + count_text(schema)
