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

from .autopilot import Placement
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
    """The body with its breakpoints, and their number; one that cannot stand where it should is left out.

    Args:
        fields: of ``body``.
    """
    prompt = placement.sight.prompt
    edits: dict[str, Pieces] = {}
    count = 0
    if placement.tools and (marked := mark_tools(bytes(prompt.tools), placement.tools)) is not None:
        edits["tools"] = [marked]
        count += 1
    if placement.system and (marked := mark_end(bytes(prompt.system), placement.system)) is not None:
        edits["system"] = [marked]
        count += 1
    pieces: Pieces = []
    at = 0
    for start, end, life, last in _spans(placement):
        if last == PLAIN:
            control, before = control_in(life)
            pieces += (prompt.messages[at : end - before], control)
            at = end - before
            count += 1
            continue
        marked = mark_message(bytes(prompt.messages[start:end]), life, last)
        if marked is not None:
            pieces += (prompt.messages[at:start], marked)
            at = end
            count += 1
    if pieces:
        edits["messages"] = [*pieces, prompt.messages[at:]]
    return (splice(body, fields, edits), count) if edits else (body, 0)


def _spans(placement: Placement) -> list[tuple[int, int, Ttl, str]]:
    """Of messages, from the first to the last; each with the type of its last block, where that is known."""
    now, alive = placement.sight.conversation, placement.alive
    spans: list[tuple[int, int, Ttl, str]] = []
    if placement.anchor and alive is not None:
        spans.append((alive.start, alive.end, placement.anchor, ""))
    if placement.tail:
        spans.append((now.start, now.length, placement.tail, now.last))
    return spans
