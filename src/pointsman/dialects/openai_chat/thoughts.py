"""Gemini's thought signatures, kept inside of a tool call's id while they are in a client's hands.

Gemini 3 and later refuse a turn whose tool calls come back without the ``thought_signature`` that they were
given with, and no other dialect has a place for it. Every client sends a call's id back as it was, so the
signature travels in it: ``ID__thought__BASE64URL``.
"""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from . import wire

_MARK = "__thought__"


def signature_of(call: wire.ToolCall) -> str:
    """The signature of a call as Gemini's compatible API sends it; "" if it has none."""
    extra: Any = call.extra_content
    google = extra.get("google") if isinstance(extra, dict) else None
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    return signature if isinstance(signature, str) else ""


def hide(call_id: str, signature: str) -> str:
    """The id that the client gets."""
    if not signature:
        return call_id
    return call_id + _MARK + urlsafe_b64encode(signature.encode()).decode().rstrip("=")


def reveal(call_id: str) -> tuple[str, str]:
    """The id and signature that the provider gave; any other id is returned as it is, with ""."""
    plain, mark, hidden = call_id.rpartition(_MARK)
    if not mark:
        return call_id, ""
    try:
        signature = urlsafe_b64decode(hidden + "=" * (-len(hidden) % 4)).decode()
    except (binascii.Error, ValueError):
        return call_id, ""
    return (plain, signature) if signature else (call_id, "")


def extra_content(signature: str) -> dict[str, Any]:
    """Where Gemini's compatible API looks for the signature."""
    return {"google": {"thought_signature": signature}}
