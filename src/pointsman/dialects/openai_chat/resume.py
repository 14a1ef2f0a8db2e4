"""A request for the rest of an answer that broke off."""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.dialects.base import Peek
from pointsman.dialects.prefill import with_answer
from pointsman.dialects.splice import splice

_any = msgspec.json.Decoder()
_NULL = msgspec.Raw(b"null")
_CAPS = ("max_completion_tokens", "max_tokens")


def resume(body: bytes, peek: Peek, said: str, max_output: int | None) -> bytes | None:
    """Implements ``pointsman.dialects.base.Dialect.resume``."""
    fields = peek.fields
    if _value(fields, "n") not in (None, 1) or _value(fields, "logprobs") or _value(fields, "audio"):
        return None
    wanted = _value(fields, "response_format")
    if wanted is not None and not (isinstance(wanted, dict) and wanted.get("type") == "text"):
        return None
    edits: dict[str, bytes] = {}
    if max_output is not None:
        given = [name for name in _CAPS if fields.get(name, _NULL) != _NULL] or _CAPS[:1]
        edits = dict.fromkeys(given, b"%d" % max_output)
    if said:
        messages = with_answer(fields["messages"], said)
        if messages is None:
            return None
        edits["messages"] = messages
        if fields.get("reasoning_effort", _NULL) != _NULL:
            edits["reasoning_effort"] = b'"none"'
    return splice(body, fields, edits)


def _value(fields: dict[str, msgspec.Raw], name: str) -> Any:
    return _any.decode(fields.get(name, _NULL))


def with_prefix(body: bytes) -> bytes:
    """The body of such a request as DeepSeek wants it: the last message says that it is only a beginning, and
    the model, which thinks unless told otherwise, does not."""
    request: dict[str, Any] = _any.decode(body)
    request.pop("reasoning_effort", None)
    request["thinking"] = {"type": "disabled"}
    request["messages"][-1]["prefix"] = True
    return msgspec.json.encode(request)
