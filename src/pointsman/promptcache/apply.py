"""A request with its breakpoints put in; every other byte is as it was."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman.dialects.anthropic_messages.marks import (
    Ttl,
    control_in,
    mark_end,
    mark_message,
    mark_tools,
)
from pointsman.dialects.splice import Pieces, splice

from .placement import Placement
from .sight import PLAIN, Prompt

_SETTINGS = ("tool_choice", "thinking", "output_config")
"""What Anthropic's cache of messages does not survive."""
_NONE = memoryview(b"")


def read_prompt(fields: Mapping[str, msgspec.Raw], deployment: str, partition: str) -> Prompt | None:
    """What a request in Anthropic's dialect asks for; None where the caller has one breakpoint for it all."""
    if "cache_control" in fields:
        return None
    tools = fields.get("tools")
    system = fields.get("system")
    choice = fields.get("tool_choice")
    given = [bytes(fields[name]) for name in _SETTINGS if name in fields]
    return Prompt(
        deployment,
        partition,
        memoryview(fields["messages"]),
        _NONE if tools is None else memoryview(tools),
        _NONE if system is None else memoryview(system),
        hash(tuple(given)),
        tools is not None and (choice is None or b'"auto"' in bytes(choice)),
    )


def apply(placement: Placement, body: bytes, fields: Mapping[str, msgspec.Raw]) -> tuple[bytes, int]:
    """The body with its breakpoints, and their number; one that cannot stand where it should, as at the end
    of an empty text, is left out, also of ``placement``.

    Args:
        fields: of ``body``.
    """
    prompt = placement.sight.prompt
    edits: dict[str, Pieces] = {}
    if placement.tools:
        marked = mark_tools(bytes(prompt.tools), placement.tools)
        if marked is None:
            placement.tools = ""
        else:
            edits["tools"] = [marked]
    if placement.system:
        marked = mark_end(bytes(prompt.system), placement.system)
        if marked is None:
            placement.system = ""
        else:
            edits["system"] = [marked]
    now, alive = placement.sight.conversation, placement.alive
    pieces: Pieces = []
    at = 0
    if placement.anchor:
        if alive is not None:
            at = _mark(pieces, prompt.messages, 0, (alive.start, alive.end), placement.anchor, "")
        if not at:
            placement.anchor = ""
    if placement.tail:
        end = _mark(pieces, prompt.messages, at, (now.start, now.length), placement.tail, now.last)
        if end == at:
            placement.tail = ""
        at = end
    if pieces:
        edits["messages"] = [*pieces, prompt.messages[at:]]
    return (splice(body, fields, edits), placement.count) if edits else (body, 0)


def _mark(pieces: Pieces, messages: memoryview, at: int, span: tuple[int, int], life: Ttl, last: str) -> int:
    """Add to ``pieces`` what stands from ``at`` to a breakpoint at the end of a message; returns up to where.

    Args:
        span: of the message.
        last: type of its last block, where that is known.
    """
    start, end = span
    if last == PLAIN:
        control, before = control_in(life)
        pieces += (messages[at : end - before], control)
        return end - before
    marked = mark_message(bytes(messages[start:end]), life, last)
    if marked is None:
        return at
    pieces += (messages[at:start], marked)
    return end
