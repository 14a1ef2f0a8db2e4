"""Read and change the few top-level fields that policy needs; the rest of the body is never decoded."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pointsman.dialects.base import Peek
from pointsman.dialects.splice import read_fields, splice
from pointsman.errors import InvalidRequest

_string = msgspec.json.Decoder(str)
_integer = msgspec.json.Decoder(int)
_ABSENT = msgspec.Raw(b"null")
_WIRE_NAMES = {"temperature": "temperature", "top_p": "top_p", "top_k": "top_k", "max_output": "max_tokens"}
_OPEN_BRACKET = ord("[")


def peek(body: bytes) -> Peek:
    """Peek at a request for ``/v1/messages``. ``max_tokens`` may be 0, which only warms the prompt cache.

    Raises:
        InvalidRequest: not a JSON object, or one of the fields is missing or of the wrong type.
    """
    fields = read_fields(body)
    raw = fields.get("max_tokens")
    if raw is None:
        raise _missing("max_tokens")
    return _peek(fields, _max_tokens(raw))


def peek_count(body: bytes) -> Peek:
    """Peek at a request for ``/v1/messages/count_tokens``, which needs no ``max_tokens``."""
    fields = read_fields(body)
    raw = fields.get("max_tokens", _ABSENT)
    return _peek(fields, None if raw == _ABSENT else _max_tokens(raw))


def rewrite(body: bytes, peeked: Peek, *, model: str, defaults: Mapping[str, Any]) -> bytes:
    """The same request with another model, and ``defaults`` (by hub name) for fields that are absent."""
    edits: dict[str, bytes] = {}
    if model != peeked.model:
        edits["model"] = msgspec.json.encode(model)
    for name, value in defaults.items():
        wire_name = _WIRE_NAMES[name]
        if wire_name not in peeked.fields:
            edits[wire_name] = msgspec.json.encode(value)
    return splice(body, peeked.fields, edits) if edits else body


def _peek(fields: dict[str, msgspec.Raw], max_output: int | None) -> Peek:
    model = _model(fields.get("model"))
    messages = fields.get("messages")
    if messages is None:
        raise _missing("messages")
    if memoryview(messages)[0] != _OPEN_BRACKET:
        raise InvalidRequest("messages: Input should be a valid array", param="messages")
    return Peek(
        model=model,
        stream=_stream(fields["stream"]) if "stream" in fields else False,
        max_output=max_output,
        wants_stream_usage=True,
        fields=fields,
    )


def _missing(name: str) -> InvalidRequest:
    return InvalidRequest(f"{name}: Field required", param=name)


def _model(raw: msgspec.Raw | None) -> str:
    if raw is None:
        raise _missing("model")
    try:
        model = _string.decode(raw)
    except msgspec.DecodeError:
        raise InvalidRequest("model: Input should be a valid string", param="model") from None
    if not model:
        raise InvalidRequest("model: String should have at least 1 character", param="model")
    return model


def _max_tokens(raw: msgspec.Raw) -> int:
    try:
        value = _integer.decode(raw)
    except msgspec.DecodeError:
        raise InvalidRequest("max_tokens: Input should be a valid integer", param="max_tokens") from None
    if value < 0:
        raise InvalidRequest("max_tokens: Input should be greater than or equal to 0", param="max_tokens")
    return value


def _stream(raw: msgspec.Raw) -> bool:
    value = bytes(raw)
    if value == b"true":
        return True
    if value in (b"false", b"null"):
        return False
    raise InvalidRequest("stream: Input should be a valid boolean", param="stream")
