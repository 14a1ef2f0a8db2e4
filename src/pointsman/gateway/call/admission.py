"""Refuse what a model cannot do before it is sent. Cheap where the bytes already show that all is well."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import msgspec

from pointsman.catalog import Model, check_request, prompt_limit
from pointsman.chat import Document, Image, Part, Request, ToolResult
from pointsman.dialects.base import Dialect, Peek
from pointsman.errors import RequestError
from pointsman.tokens import HIDDEN_PROMPT, fits_surely, least_request_tokens

_SEEN_BYTES = (b'"image', b'"input_image', b'"file"', b'"document"', b'"tools"', b"\\u")
"""No image, document or tool can stand in a body without one of these (``\\u``: an escaped spelling)."""


class Gate(msgspec.Struct, frozen=True, gc=False):
    """What lets nearly every request to a model through at a glance. Worked out once for each model."""

    fits: int
    """A body of at most so many bytes surely fits the window."""
    most_output: int
    strict: bool
    """The model lacks something that a request can ask for, so that its parts matter."""

    def opens(self, peek: Peek, size: int) -> bool:
        """Nothing about the request can be wrong that :func:`admit` would find."""
        most = peek.max_output
        return size <= self.fits and not self.strict and (most is None or most <= self.most_output)


def make_gate(model: Model) -> Gate:
    can = model.capabilities
    needed = (can.vision, can.pdf, can.tools, can.forced_tool_choice)
    return Gate(
        fits=prompt_limit(model) - HIDDEN_PROMPT,
        most_output=sys.maxsize if model.max_output is None else model.max_output,
        strict=any(ability is False for ability in needed),
    )


def admit(model: Model, face: Dialect, peek: Peek, body: bytes, alternatives: Iterable[Model]) -> None:
    """Check a request against what is known of its model.

    Raises:
        ContextWindowExceeded: the prompt is longer than the window.
        UnsupportedByModel: a part, a tool, or more output than the model has.

    What the hub cannot read is not looked into: it may pass through to a provider that can.
    """
    request = _look(face, body) if _needs_a_look(model, body) else None
    if request is None:
        check_request(model, max_output=peek.max_output, alternatives=alternatives)
        return
    parts = _all_parts(request)
    check_request(
        model,
        max_output=peek.max_output,
        prompt_tokens=least_request_tokens(request) if _may_be_too_long(model, body) else None,
        alternatives=alternatives,
        has_image=any(isinstance(part, Image) for part in parts),
        has_document=any(isinstance(part, Document) and part.source.kind != "text" for part in parts),
        has_tools=bool(request.tools),
        forced_tool=request.tool_choice is not None and request.tool_choice.mode in ("required", "tool"),
    )


def _look(face: Dialect, body: bytes) -> Request | None:
    try:
        return face.decode_request(body)
    except RequestError:
        return None


def _needs_a_look(model: Model, body: bytes) -> bool:
    if _may_be_too_long(model, body):
        return True
    can = model.capabilities
    if can.vision is False or can.pdf is False or can.tools is False or can.forced_tool_choice is False:
        return any(mark in body for mark in _SEEN_BYTES)
    return False


def _may_be_too_long(model: Model, body: bytes) -> bool:
    return not fits_surely(len(body), model)


def _all_parts(request: Request) -> list[Part]:
    parts: list[Part] = []
    for message in request.messages:
        for part in message.parts:
            parts.append(part)
            if isinstance(part, ToolResult):
                parts.extend(part.parts)
    return parts
