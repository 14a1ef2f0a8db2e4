"""Refuse what a model cannot do before it is sent. Cheap where the bytes already show that all is well."""

from __future__ import annotations

from collections.abc import Iterable

from pointsman.catalog import Model, check_request, prompt_limit
from pointsman.chat import Document, Image, Part, Request, ToolResult
from pointsman.dialects.base import Dialect, Peek
from pointsman.tokens import Learned, request_tokens

_SEEN_BYTES = (b'"image', b'"input_image', b'"file"', b'"document"', b'"tools"', b"\\u")
"""No image, document or tool can stand in a body without one of these (``\\u``: an escaped spelling)."""


def admit(
    model: Model, face: Dialect, peek: Peek, body: bytes, ratios: Learned, alternatives: Iterable[Model]
) -> None:
    """Check a request against what is known of its model.

    Raises:
        ContextWindowExceeded: the prompt is longer than the window.
        UnsupportedByModel: a part, a tool, or more output than the model has.
        InvalidRequest: only from decoding, where the body has to be looked at.
    """
    if not _needs_a_look(model, body):
        check_request(model, max_output=peek.max_output, alternatives=alternatives)
        return
    request = face.decode_request(body)
    kinds = {type(part) for part in _all_parts(request)}
    tokens = None
    if _may_be_too_long(model, body):
        tokens = ratios.expected(model.id, request_tokens(request))
    check_request(
        model,
        max_output=peek.max_output,
        prompt_tokens=tokens,
        alternatives=alternatives,
        has_image=Image in kinds,
        has_document=Document in kinds,
        has_tools=bool(request.tools),
        forced_tool=request.tool_choice is not None and request.tool_choice.mode in ("required", "tool"),
    )


def _needs_a_look(model: Model, body: bytes) -> bool:
    if _may_be_too_long(model, body):
        return True
    can = model.capabilities
    if can.vision is False or can.pdf is False or can.tools is False or can.forced_tool_choice is False:
        return any(mark in body for mark in _SEEN_BYTES)
    return False


def _may_be_too_long(model: Model, body: bytes) -> bool:
    """No token is shorter than a byte, so a body of fewer bytes than the window has tokens always fits."""
    return len(body) > prompt_limit(model)


def _all_parts(request: Request) -> list[Part]:
    parts: list[Part] = []
    for message in request.messages:
        for part in message.parts:
            parts.append(part)
            if isinstance(part, ToolResult):
                parts.extend(part.parts)
    return parts
