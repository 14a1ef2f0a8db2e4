"""A request with its breakpoints put in; every other byte is as it was."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman.dialects.anthropic_messages.marks import Ttl, mark_end, mark_message
from pointsman.dialects.splice import splice

from .autopilot import Placement
from .sight import Prompt

_SETTINGS = ("tool_choice", "thinking", "output_config")
"""What Anthropic's cache of messages does not survive."""


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
        bytes(fields["messages"]),
        b"" if tools is None else bytes(tools),
        b"" if system is None else bytes(system),
        hash(tuple(given)),
        tools is not None and (choice is None or b'"auto"' in bytes(choice)),
    )


def apply(placement: Placement, body: bytes, fields: Mapping[str, msgspec.Raw]) -> tuple[bytes, int]:
    """The body with its breakpoints, and their number; one that cannot stand where it should is left out.

    Args:
        fields: of ``body``.
    """
    prompt = placement.sight.prompt
    edits: dict[str, bytes] = {}
    count = 0
    if placement.tools and (marked := mark_end(prompt.tools, placement.tools)) is not None:
        edits["tools"] = marked
        count += 1
    if placement.system and (marked := mark_end(prompt.system, placement.system)) is not None:
        edits["system"] = marked
        count += 1
    messages, more = _messages(placement, prompt.messages)
    if more:
        edits["messages"] = messages
    return (splice(body, fields, edits), count + more) if edits else (body, 0)


def _messages(placement: Placement, messages: bytes) -> tuple[bytes, int]:
    pieces: list[bytes] = []
    at = 0
    for start, end, life in _spans(placement):
        marked = mark_message(messages[start:end], life)
        if marked is not None:
            pieces += (messages[at:start], marked)
            at = end
    pieces.append(messages[at:])
    return b"".join(pieces), len(pieces) // 2


def _spans(placement: Placement) -> list[tuple[int, int, Ttl]]:
    """From the first to the last."""
    now, alive = placement.sight.conversation, placement.alive
    spans: list[tuple[int, int, Ttl]] = []
    if placement.anchor and alive is not None:
        spans.append((alive.start, alive.end, placement.anchor))
    if placement.tail:
        spans.append((now.start, now.length, placement.tail))
    return spans
