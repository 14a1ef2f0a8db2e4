"""How many tokens a request has, before anybody has counted them."""

from __future__ import annotations

import re
from collections.abc import Callable

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

from .pieces import count_text, least_tokens

MESSAGE_OVERHEAD = 4
"""Tokens that mark where a message begins and who speaks; also taken for each tool and tool call."""
IMAGE_TOKENS = 1_600
"""An image of about 1,100 × 1,100 pixels or larger: what Claude scales them down to."""
REFERENCED_DOCUMENT_TOKENS = 6_000
"""A document whose bytes are elsewhere: three dense pages, for want of anything better."""
BASE64_PER_TOKEN = 40
"""Base64 characters of a PDF for each token: a page of 100 kB has about 3,000 as text and picture."""
TOOLS_PROMPT = 512
"""Room for what a provider adds where tools are given: with Claude a few hundred tokens."""
HIDDEN_PROMPT = 4_096
"""Room for what providers put before the prompt: the frame of the conversation, and how to call tools."""

_ADDS_A_PROMPT = (b"tool", b"unction", b"chema")
"""In the body of a request for which a provider may put words of its own before the prompt."""
_READ_BYTES = 1 << 12
"""Of a body that is looked at byte by byte: 20 µs."""
_SMALL = bytes(range(ord("a"), ord("z") + 1))
_CONTINUED = bytes(range(0x80, 0xC0))
"""Bytes of a character in UTF-8 behind its first."""
_ONES = bytes(range(ord("A"), ord("Z") + 1)) + b' "'
_ESCAPED = re.compile(rb"\\u[0-9A-Fa-f]{4}")

Count = Callable[[str], int]

_encode = msgspec.json.encode


def request_tokens(request: Request) -> int:
    """An estimate of the whole prompt: system, messages, tools, schema, images and documents."""
    return _request_tokens(request, count_text)


def least_request_tokens(request: Request) -> int:
    """What the prompt surely has: a bound to refuse by, where :func:`request_tokens` may be too high by half.
    Images and documents count for nothing here, since nobody knows how small they are."""
    return _request_tokens(request, least_tokens)


def _request_tokens(request: Request, count: Count) -> int:
    total = sum(count(text.text) for text in request.system)
    for message in request.messages:
        total += MESSAGE_OVERHEAD + sum(_part_tokens(part, count) for part in message.parts)
    total += sum(_tool_tokens(tool, count) for tool in request.tools)
    if request.response_format is not None and request.response_format.schema is not None:
        total += count(_encode(request.response_format.schema).decode())
    return total


def bytes_tokens(body_bytes: int) -> int:
    """An estimate from the size of the body alone, at 4 bytes a token, for where there is no time to
    read it. Correct it with what is learned of the model (``learned.py``)."""
    return (body_bytes + 3) // 4


def most_body_tokens(body: bytes) -> int:
    """An upper estimate from the bytes of a JSON body, unread: where there is time neither to decode it nor
    to be wrong. A picture or document that is only named by its address may have more.

    It is above what :func:`request_tokens` makes of any text, since each of its pieces begins with another
    character than a small letter, ends a stretch of seven such, or follows one of the others: a small letter
    is taken for a quarter of a token, a capital or a space for one, a quote of the JSON for a half, and any
    other character, as what follows it may be a piece too, for two. With base64 in it, and where it is long,
    it is one token for two bytes, which no language needs in the mean.
    """
    room = TOOLS_PROMPT if any(word in body for word in _ADDS_A_PROMPT) else 0
    if len(body) > _READ_BYTES:
        return (len(body) + 1) // 2 + TOOLS_PROMPT
    if b"base64" in body:
        return (len(body) + 1) // 2 + room
    if b"\\u" in body:
        body = _ESCAPED.sub(b"\xff", body)
    rest = body.translate(None, _SMALL)
    small = len(body) - len(rest)
    rest = rest.translate(None, _CONTINUED)
    others, quotes = len(rest.translate(None, _ONES)), rest.count(b'"')
    ones = len(rest) - others - quotes
    return (small + 4 * ones + 2 * quotes + 8 * others + 3) // 4 + room


def fits_surely(body_bytes: int, model: Model, *, media: bool = False) -> bool:
    """Whether a prompt fits the model's window for certain, by the size of its JSON body alone.

    No token of text is shorter than a byte, so fewer bytes than the window has tokens always fit, with room
    for what the provider adds. False means: count. It always is with ``media``, an image or document in the
    body, since a short address can stand for many tokens.
    """
    return not media and body_bytes + HIDDEN_PROMPT <= prompt_limit(model)


def _part_tokens(part: Part, count: Count) -> int:
    match part:
        case Text() | Thinking() | Refusal():
            return count(part.text)
        case RedactedThinking():
            return len(part.data) // 4 if count is count_text else 0  # only the provider can read it
        case Image():
            return IMAGE_TOKENS if count is count_text else 0
        case Document():
            return _document_tokens(part, count)
        case ToolCall():
            return MESSAGE_OVERHEAD + count(part.name) + count(part.arguments)
        case ToolResult():
            return MESSAGE_OVERHEAD + sum(_part_tokens(inner, count) for inner in part.parts)


def _document_tokens(document: Document, count: Count) -> int:
    source = document.source
    text = count(document.title) + count(document.context)
    if source.kind == "text":
        return text + count(source.data)
    if count is not count_text:
        return text
    if source.kind == "base64":
        return text + len(source.data) // BASE64_PER_TOKEN
    return text + REFERENCED_DOCUMENT_TOKENS


def _tool_tokens(tool: Tool, count: Count) -> int:
    schema = _encode(tool.parameters).decode()
    return MESSAGE_OVERHEAD + count(tool.name) + count(tool.description) + count(schema)
