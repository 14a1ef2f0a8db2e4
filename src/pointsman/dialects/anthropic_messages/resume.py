"""A request for the rest of an answer that broke off."""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.dialects.base import Peek
from pointsman.dialects.prefill import with_answer
from pointsman.dialects.splice import splice

_config = msgspec.json.Decoder(dict[str, Any] | None)
_NULL = msgspec.Raw(b"null")
_NO_THINKING = b'{"type":"disabled"}'
"""A model that shall think cannot be given the beginning of its answer."""


def resume(body: bytes, peek: Peek, said: str, max_output: int | None) -> bytes | None:
    """Implements ``pointsman.dialects.base.Dialect.resume``."""
    fields = peek.fields
    if fields.get("output_format", _NULL) != _NULL or _has_format(fields.get("output_config", _NULL)):
        return None
    edits: dict[str, bytes] = {}
    if max_output is not None:
        edits["max_tokens"] = b"%d" % max_output
    if said:
        messages = with_answer(fields["messages"], said)
        if messages is None:
            return None
        edits["messages"] = messages
        if "thinking" in fields:
            edits["thinking"] = _NO_THINKING
    return splice(body, fields, edits)


def _has_format(raw: msgspec.Raw) -> bool:
    try:
        config = _config.decode(raw)
    except msgspec.DecodeError:
        return True
    return config is not None and config.get("format") is not None
