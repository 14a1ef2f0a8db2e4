"""A request in the hub, if the hub holds all of it. Pure.

Where nothing may be lost and nothing may be added: two bodies that are read to equal requests here ask for
the same, whatever dialect each is of.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from pointsman.chat import Request
from pointsman.errors import RequestError

from .anthropic_messages.shape import is_whole as _anthropic
from .base import Dialect
from .openai_chat.shape import is_whole as _openai

_any = msgspec.json.Decoder()
_WHOLE: Mapping[str, Callable[[dict[str, Any]], bool]] = {
    "openai_chat": _openai,
    "anthropic_messages": _anthropic,
}


def read_wholly(face: Dialect, body: bytes) -> Request | None:
    """None where the body cannot be read, or says something that the hub has no word for (other than whole
    fields at its top, which are in ``unmapped``)."""
    is_whole = _WHOLE.get(face.name)
    if is_whole is None:
        return None
    try:
        value = _any.decode(body)
        return face.decode_request(body) if isinstance(value, dict) and is_whole(value) else None
    except (RequestError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
