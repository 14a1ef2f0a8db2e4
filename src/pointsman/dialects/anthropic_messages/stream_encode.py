"""Hub events, as the SSE stream that an Anthropic client reads.

Anthropic's blocks never overlap, while parts of the hub may: OpenAI can interleave the fragments of parallel
calls. One block is open at a time. Text gives way to whatever comes next (and goes on in a new block of its
own); a tool call does not, because its arguments must stay together: what comes while it is open waits until
it is closed.
"""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.chat import (
    PartEnd,
    RedactedThinkingPart,
    RefusalDelta,
    StreamEnd,
    StreamEvent,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallStart,
)

from .arguments import wire_id
from .encode_response import message_head
from .stops import encode_stop
from .usage import encode_usage

_json = msgspec.json.encode
_Content = TextDelta | RefusalDelta | ThinkingDelta | RedactedThinkingPart | ToolCallStart | ToolCallDelta


class StreamEncoder:
    """Implements ``pointsman.dialects.base.StreamEncoder``."""

    def __init__(self) -> None:
        self._blocks = 0
        """Blocks that were started; the last of them has index ``_blocks - 1``."""
        self._open: int | None = None
        """Index in the hub of the part whose block is open."""
        self._open_kind = ""
        self._waiting: dict[int, list[_Content]] = {}
        """Content of other parts while a tool call is open, in the order of their arrival."""
        self._finished: set[int] = set()
        """Waiting parts whose end has come."""
        self._refused = False

    def encode(self, event: StreamEvent) -> bytes:
        if isinstance(event, StreamStart):
            return _start(event)
        if isinstance(event, StreamEnd):
            return self._end(event)
        if isinstance(event, PartEnd):
            return self._part_end(event.index)
        if event.index != self._open and self._open_kind == "tool_use":
            self._waiting.setdefault(event.index, []).append(event)
            return b""
        return self._content(event)

    def _content(self, event: _Content) -> bytes:
        match event:
            case TextDelta(text=text):
                if not text:
                    return b""
                return self._enter(event.index, "text", _TEXT) + self._delta(b'text_delta","text":', text)
            case RefusalDelta(text=text):
                self._refused = True
                if not text:
                    return b""
                return self._enter(event.index, "text", _TEXT) + self._delta(b'text_delta","text":', text)
            case ToolCallDelta(arguments=arguments):
                if not arguments:
                    return b""
                return self._delta(b'input_json_delta","partial_json":', arguments)
            case ToolCallStart():
                block = {"type": "tool_use", "id": wire_id(event.id), "name": event.name, "input": {}}
                return self._enter(event.index, "tool_use", _json(block))
            case ThinkingDelta():
                return self._thinking(event)
            case RedactedThinkingPart():
                block = {"type": "redacted_thinking", "data": event.data}
                return self._enter(event.index, "redacted_thinking", _json(block))

    def _thinking(self, event: ThinkingDelta) -> bytes:
        out = self._enter(event.index, "thinking", _THINKING)
        if event.text:
            out += self._delta(b'thinking_delta","thinking":', event.text)
        if event.signature:
            out += self._delta(b'signature_delta","signature":', event.signature)
        return out

    def _enter(self, part: int, kind: str, block: bytes) -> bytes:
        """Open a block for ``part``, unless its block is open."""
        if part == self._open and kind == self._open_kind:
            return b""
        out = self._close()
        self._open, self._open_kind = part, kind
        index = self._blocks
        self._blocks += 1
        return out + _BLOCK_START % (index, block)

    def _delta(self, head: bytes, text: str) -> bytes:
        return _BLOCK_DELTA % (self._blocks - 1, head, _json(text))

    def _close(self) -> bytes:
        if self._open is None:
            return b""
        self._open, self._open_kind = None, ""
        return _BLOCK_STOP % (self._blocks - 1)

    def _part_end(self, part: int) -> bytes:
        if part == self._open:
            return self._close() + self._release()
        if part in self._waiting:
            self._finished.add(part)
        return b""

    def _release(self) -> bytes:
        """Write what has waited, up to the first tool call that is not at its end."""
        out = b""
        while self._waiting and self._open_kind != "tool_use":
            part = next(iter(self._waiting))
            out += b"".join([self._content(event) for event in self._waiting.pop(part)])
            if part in self._finished:
                self._finished.discard(part)
                if self._open == part:
                    out += self._close()
        return out

    def _end(self, event: StreamEnd) -> bytes:
        out = b""
        while self._open is not None or self._waiting:
            out += self._close() + self._release()
        delta = {
            "type": "message_delta",
            "delta": {
                "stop_reason": encode_stop(event.stop, refused=self._refused),
                "stop_sequence": event.stop_sequence,
            },
            "usage": encode_usage(event.usage),
        }
        return out + _named(delta) + _STOP


def _start(event: StreamStart) -> bytes:
    message = message_head(event.id, event.model) | {
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": encode_usage(event.usage),
    }
    return _named({"type": "message_start", "message": message})


def _named(event: dict[str, Any]) -> bytes:
    name: str = event["type"]
    return b"event: %b\ndata: %b\n\n" % (name.encode(), _json(event))


_BLOCK_START = (
    b'event: content_block_start\ndata: {"type":"content_block_start","index":%d,"content_block":%b}\n\n'
)
_BLOCK_DELTA = (
    b'event: content_block_delta\ndata: {"type":"content_block_delta","index":%d,"delta":{"type":"%b%b}}\n\n'
)
_BLOCK_STOP = b'event: content_block_stop\ndata: {"type":"content_block_stop","index":%d}\n\n'
_TEXT = b'{"type":"text","text":""}'
_THINKING = b'{"type":"thinking","thinking":"","signature":""}'
_STOP = _named({"type": "message_stop"})
