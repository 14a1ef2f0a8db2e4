"""What OpenAI's newer models are told about their prompt cache: to keep nothing unasked, and what to keep."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman.dialects.marking import with_field
from pointsman.dialects.splice import Pieces, splice

OPTIONS = "prompt_cache_options"
OWN = (OPTIONS, "prompt_cache_retention")
_MARKS = (b'"prompt_cache_breakpoint"', b'"cache_control"')
_EXPLICIT = b'{"mode":"explicit"}'
_FIELD = b'"prompt_cache_breakpoint":' + _EXPLICIT
_INSTRUCTIONS = frozenset({"system", "developer"})
_SPACE = b" \t\r\n"
_array = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])


class Turn(msgspec.Struct, frozen=True, gc=False):
    """What is to be known of a message."""

    role: str
    size: int
    """Bytes."""

    @property
    def instructs(self) -> bool:
        return self.role in _INSTRUCTIONS


class _Role(msgspec.Struct, gc=False):
    role: str


_role = msgspec.json.Decoder(_Role)


def has_own(fields: Mapping[str, msgspec.Raw], messages: bytes) -> bool:
    """Whether the caller has said itself what is to be kept."""
    return any(name in fields for name in OWN) or any(mark in messages for mark in _MARKS)


def read_turns(messages: bytes) -> list[Turn] | None:
    """None where they are not messages."""
    try:
        return [Turn(_role.decode(raw).role, len(raw)) for raw in _array.decode(messages)]
    except msgspec.DecodeError:
        return None


def first_message(messages: bytes | memoryview, size: int) -> tuple[int, int]:
    """Where it stands, by its size."""
    start = 1
    while messages[start] in _SPACE:
        start += 1
    return start, start + size


def kept_explicitly(
    body: bytes, fields: Mapping[str, msgspec.Raw], first: tuple[int, int] | None
) -> tuple[bytes, int]:
    """The request with nothing kept but the prompt up to a message, and how many marks it bears.

    Args:
        first: where that message stands among the messages; None to keep nothing at all.
    """
    edits: dict[str, Pieces] = {OPTIONS: [_EXPLICIT]}
    marked = None
    if first is not None:
        messages = memoryview(fields["messages"])
        start, end = first
        marked = _marked(bytes(messages[start:end]))
        if marked is not None:
            edits["messages"] = [messages[:start], marked, messages[end:]]
    return splice(body, fields, edits), int(marked is not None)


def _marked(message: bytes) -> bytes | None:
    fields = _object.decode(message)
    content = fields.get("content")
    marked = None if content is None else with_field(bytes(content), _FIELD)
    return None if marked is None else splice(message, fields, {"content": marked})
