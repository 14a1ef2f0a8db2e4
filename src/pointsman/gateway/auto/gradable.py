"""Which requests shadows can grade. What they cannot, no label of theirs speaks of, and so no certificate."""

from __future__ import annotations

from typing import Literal

from pointsman.dialects.base import Peek
from pointsman.routing.sample import Sample

Ungradable = Literal["tools", "media", "choices"]

_TOOLS = ("tools", "functions", "web_search_options", "mcp_servers", "container")
_NONE = (b"null", b"[]")
_MEDIA = (b'"document"', b'"file"', b'"input_audio"', b'"container_upload"')


def ungradable(peek: Peek, sample: Sample, body: bytes) -> Ungradable | None:
    """Why its answers cannot be compared as text; None if they can."""
    fields = peek.fields
    if any(name in fields and bytes(fields[name]) not in _NONE for name in _TOOLS):
        return "tools"
    if sample.images or "audio" in fields or any(mark in body for mark in _MEDIA):
        return "media"
    if "n" in fields and bytes(fields["n"]) not in (b"1", b"null"):
        return "choices"
    return None
