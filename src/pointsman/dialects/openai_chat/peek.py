"""Requests that pass through: read the few fields that policy needs, change only those that it must."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from pointsman.dialects.base import Peek
from pointsman.dialects.splice import read_fields, splice
from pointsman.errors import InvalidRequest

from .problems import invalid, invalid_value, missing_parameter
from .wire import StreamOptions

_text = msgspec.json.Decoder(str)
_flag = msgspec.json.Decoder(bool | None)
_count = msgspec.json.Decoder(int | None)
_options = msgspec.json.Decoder(StreamOptions | None)
_encode = msgspec.json.Encoder().encode
_FALSE = msgspec.Raw(b"false")
_NULL = msgspec.Raw(b"null")
_ARRAY = ord("[")
_MAX_OUTPUT = 2**31 - 1
_ASK_FOR_USAGE = {"include_usage": b"true"}


def peek(body: bytes) -> Peek:
    """Raises InvalidRequest, which names the field."""
    fields = read_fields(body)
    field = "model"
    try:
        raw = fields.get("model")
        if raw is None or raw == _NULL:
            raise missing_parameter("model")
        model = _text.decode(raw)
        field = "stream"
        stream = bool(_flag.decode(fields["stream"])) if "stream" in fields else False
        field = "max_completion_tokens"
        max_output = _count.decode(fields[field]) if field in fields else None
        if max_output is None and "max_tokens" in fields:
            field = "max_tokens"
            max_output = _count.decode(fields[field])
        if max_output is not None and not 1 <= max_output <= _MAX_OUTPUT:
            raise _out_of_range(field, max_output)
        field = "stream_options"
        options = _options.decode(fields[field]) if field in fields else None
    except msgspec.ValidationError as error:
        raise invalid(error, field) from None
    if not model:
        raise invalid_value("model", "the name of a model is needed, but the string is empty")
    messages = fields.get("messages")
    if messages is None:
        raise missing_parameter("messages")
    if memoryview(messages)[0] != _ARRAY:
        raise InvalidRequest(
            "Invalid type for 'messages': expected an array of messages.",
            param="messages",
            code="invalid_type",
        )
    return Peek(model, stream, max_output, options is not None and options.include_usage is True, fields)


def _out_of_range(field: str, value: int) -> InvalidRequest:
    side, bound = ("below min", ">= 1") if value < 1 else ("above max", f"<= {_MAX_OUTPUT}")
    return InvalidRequest(
        f"Invalid '{field}': integer {side}imum value. Expected a value {bound}.",
        param=field,
        code=f"integer_{side.replace(' ', '_')}_value",
    )


def rewrite(body: bytes, peek: Peek, *, model: str, defaults: Mapping[str, Any], force_usage: bool) -> bytes:
    """The same request with policy's changes; ``body`` itself where there are none.

    ``max_output`` becomes ``max_completion_tokens``, unless the caller gave either of its two names.
    """
    fields = peek.fields
    edits: dict[str, bytes] = {}
    if model != peek.model:
        edits["model"] = _encode(model)
    for name, value in defaults.items():
        if name == "max_output":
            if peek.max_output is None:
                edits["max_completion_tokens"] = _encode(value)
        elif fields.get(name, _NULL) == _NULL:
            edits[name] = _encode(value)
    if force_usage and peek.stream and not peek.wants_stream_usage:
        options = fields.get("stream_options", _NULL)
        if options == _NULL:
            edits["stream_options"] = b'{"include_usage":true}'
        else:
            edits["stream_options"] = splice(bytes(options), read_fields(bytes(options)), _ASK_FOR_USAGE)
    return splice(body, fields, edits) if edits else body
