"""Breakpoints of Anthropic's prompt cache, put into a body that is otherwise left as it was.

``cache_control`` stands on the last block of ``tools``, of ``system`` or of a message; what is a plain string
has to become a block first. Everything here works on the raw JSON of such a value. Nothing below a block is
decoded or written anew.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from pointsman.dialects.marking import last_block, with_field
from pointsman.dialects.splice import splice

Ttl = Literal["5m", "1h"]

CONTROLS: dict[Ttl, bytes] = {
    "5m": b'"cache_control":{"type":"ephemeral"}',
    "1h": b'"cache_control":{"type":"ephemeral","ttl":"1h"}',
}
_OWN = b'"cache_control"'
_DEFERRED = re.compile(rb'"defer_loading"\s*:\s*true')
_SPACE = b" \t\r\n"
_CANNOT = frozenset({"thinking", "redacted_thinking"})
"""Blocks that cannot bear a mark themselves."""
_SURELY = frozenset({"tool_result", "tool_use", "image", "document"})
"""Those that can, whatever is in them. An empty text cannot."""


class _Block(msgspec.Struct, gc=False):
    type: str = ""


class _Message(msgspec.Struct, gc=False):
    role: str
    content: str | list[_Block]


class _Text(msgspec.Struct, gc=False):
    type: str = ""
    text: str | None = None


class Turn(msgspec.Struct, frozen=True, gc=False):
    """What is to be known of a message in order to place breakpoints."""

    role: str
    blocks: int
    last: str
    """Type of its last block."""
    size: int
    """Bytes."""
    plain: bool = False
    """It ends with its last block, which can surely bear a breakpoint: :func:`control_in` puts one there."""


class _OnlyMessage(_Message, forbid_unknown_fields=True, gc=False):
    """With no other field."""


_message = msgspec.json.Decoder(_Message)
_only_message = msgspec.json.Decoder(_OnlyMessage)
_BEGIN, _END = b'{"role":"user","content":[', b"}]}"
_array = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_text = msgspec.json.Decoder(_Text)


def has_own(raw: bytes) -> bool:
    """Whether the caller has placed breakpoints here, or something that looks like it. Within a text the name
    stands between escaped quotation marks, and is not taken for one."""
    return _OWN in raw


def read_turns(rest: bytes) -> list[Turn] | None:
    """The messages in what follows the ``end_of`` an earlier array: ``, {…}, {…} ]``; or in a whole one.
    None where they are not messages."""
    rest = rest.lstrip(_SPACE)
    if rest[:1] == b",":
        rest = b"[" + rest[1:]
    elif rest[:1] == b"]":
        return []
    try:
        raws = _array.decode(rest)
        turns = [_turn(raw) for raw in raws[:-1]]
        if raws:
            turns.append(_plain_turn(raws[-1]) or _turn(raws[-1]))
    except msgspec.DecodeError:
        return None
    return turns


def control_in(ttl: Ttl) -> tuple[bytes, int]:
    """What makes a breakpoint of the end of a plain message, and how many bytes before that end it stands."""
    return b"," + CONTROLS[ttl], len(_END)


def _plain_turn(raw: msgspec.Raw) -> Turn | None:
    """Of a message as SDKs write them. None for any other."""
    view = memoryview(raw)
    if view[: len(_BEGIN)] != _BEGIN or view[-len(_END) :] != _END:
        return None
    try:
        content = _only_message.decode(raw).content
    except msgspec.DecodeError:
        return None
    last = content[-1].type if isinstance(content, list) and content else ""
    if last not in _SURELY or isinstance(content, str):
        return None
    return Turn("user", len(content), last, len(raw), plain=True)


def _turn(raw: msgspec.Raw) -> Turn:
    message = _message.decode(raw)
    content = message.content
    if isinstance(content, str):
        return Turn(message.role, 1, "text", len(raw))
    return Turn(message.role, len(content), content[-1].type if content else "", len(raw))


def mark_message(message: bytes, ttl: Ttl, last: str = "") -> bytes | None:
    """With a breakpoint at its end; None where its last block cannot bear one.

    Args:
        last: type of its last block, where that is known.
    """
    fields = _object.decode(message)
    content = fields.get("content")
    marked = None if content is None else mark_end(bytes(content), ttl, last)
    return None if marked is None else splice(message, fields, {"content": marked})


def mark_end(value: bytes, ttl: Ttl, last: str = "") -> bytes | None:
    """A string, or an array of blocks or tools, with a breakpoint at its end; None where none can be.

    Args:
        last: type of its last block, where that is known.
    """
    if last not in _SURELY and (raw := last_block(value)) is not None:
        block = _text.decode(raw)
        if block.type in _CANNOT or (block.type == "text" and not block.text):
            return None
    return with_field(value, CONTROLS[ttl])


def mark_tools(value: bytes, ttl: Ttl) -> bytes | None:
    """An array of tools, with a breakpoint on the last one that is not deferred: one that is, Anthropic keeps
    out of its cache, and refuses it with a breakpoint. None where there is none."""
    if _DEFERRED.search(value) is None:
        return mark_end(value, ttl)
    end = found = 0
    for tool in _array.decode(value):
        start = value.index(tool, end)  # nothing but commas and white space lies between two
        end = start + len(tool)
        if _DEFERRED.search(tool) is None:
            found = end
    return None if not found else _joined(mark_end(value[:found] + b"]", ttl), value[found:])


def _joined(marked: bytes | None, rest: bytes) -> bytes | None:
    return None if marked is None else marked[:-1] + rest
