"""Tool calls on the Anthropic wire, where ``input`` is an object and ids have an alphabet of their own."""

from __future__ import annotations

import re

import msgspec

INVALID = "_invalid_json"
"""Key under which arguments that are no JSON object are handed on, so that nothing is lost."""

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_FOREIGN = re.compile(r"[^a-zA-Z0-9_-]")
_EMPTY = msgspec.Raw(b"{}")


def arguments_to_input(arguments: str) -> msgspec.Raw:
    """The ``input`` of a ``tool_use``: the same bytes where they are a JSON object, ``{}`` for nothing, and
    ``{"_invalid_json": text}`` for anything else (models do write broken JSON).
    """
    if not arguments or arguments.isspace():
        return _EMPTY
    try:
        _object.decode(arguments)
        return msgspec.Raw(arguments.encode())
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
        return msgspec.Raw(msgspec.json.encode({INVALID: arguments.encode("utf-8", "replace").decode()}))


def input_to_arguments(raw: msgspec.Raw) -> str | None:
    """The arguments' JSON text as it was sent; None where ``input`` is not an object. Absent means none."""
    text = bytes(raw).decode()
    if not text or text == "null":
        return "{}"
    return text if text[0] == "{" else None


def wire_id(call_id: str) -> str:
    """The id of a call with every character that Anthropic refuses replaced; the same for call and result."""
    return _FOREIGN.sub("_", call_id) or "toolu_0"
