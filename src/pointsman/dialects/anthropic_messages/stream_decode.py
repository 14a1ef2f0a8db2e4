"""The events of one stream of ``POST /v1/messages``, into the hub.

    message_start (content_block_start content_block_delta* content_block_stop)* message_delta message_stop

``ping`` may come anywhere. Events, blocks and deltas of unknown types are passed over, because Anthropic adds
such within one API version.
"""

from __future__ import annotations

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

from .decode_response import call_arguments, malformed
from .errors import decode_stream_error
from .problems import describe
from .stops import decode_stop
from .usage import decode_usage, merge
from .wire import WireBlock, WireDelta, WireEvent, WireUsage

_event = msgspec.json.Decoder(WireEvent)


class _TypeOnly(msgspec.Struct):
    type: str = ""


_type = msgspec.json.Decoder(_TypeOnly)
_KNOWN = frozenset(
    {
        "message_start",
        "content_block_start",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
        "error",
    }
)


class StreamDecoder:
    """Implements ``pointsman.dialects.base.StreamDecoder``."""

    def __init__(self) -> None:
        self._ended = False
        self._parts = 0
        self._index_of: dict[int, int] = {}
        """Index in the hub of each open block that the hub has a word for."""
        self._initial: dict[int, str] = {}
        """Arguments told with the start of a call, by block, until a fragment replaces them."""
        self._start: WireUsage | None = None
        self._usage: WireUsage | None = None
        self._last = WireDelta()

    @property
    def ended(self) -> bool:
        return self._ended

    def feed(self, event: str, data: bytes) -> list[StreamEvent]:
        try:
            kind = event or _type.decode(data).type
            if kind not in _KNOWN:
                return []
            if kind == "error":
                raise decode_stream_error(data)
            return self._decode(kind, _event.decode(data))
        except msgspec.ValidationError as error:
            path, what = describe(error)
            raise malformed(f"in the event {event!r}: {path}: {what}") from None
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            raise malformed(f"the data of the event {event!r} is not valid JSON") from None

    def _decode(self, kind: str, wire: WireEvent) -> list[StreamEvent]:
        match kind:
            case "content_block_delta":
                return self._delta(wire.index, wire.delta or WireDelta())
            case "content_block_start":
                return self._block(wire.index, wire.content_block or WireBlock(""))
            case "content_block_stop":
                return self._stop(wire.index)
            case "message_start":
                if wire.message is None:
                    raise malformed("message_start has no message")
                self._start = wire.message.usage
                early = decode_usage(self._start, partial=True)
                return [StreamStart(wire.message.id, wire.message.model, early)]
            case "message_delta":
                self._last = wire.delta or self._last
                self._usage = merge(self._start, wire.usage) or self._usage
                return []
            case _:
                return self._end()

    def _block(self, index: int, block: WireBlock) -> list[StreamEvent]:
        if block.type not in ("text", "thinking", "tool_use", "redacted_thinking"):
            return []
        part = self._index_of[index] = self._parts
        self._parts += 1
        match block.type:
            case "text":
                return [TextDelta(part, block.text)] if block.text else []
            case "thinking":
                said = block.thinking or block.signature
                return [ThinkingDelta(part, block.thinking or "", block.signature or "")] if said else []
            case "tool_use":
                self._initial[index] = call_arguments(block.input)
                return [ToolCallStart(part, block.id or "", block.name or "")]
            case _:
                return [RedactedThinkingPart(part, block.data or "")]

    def _delta(self, index: int, delta: WireDelta) -> list[StreamEvent]:
        part = self._index_of.get(index)
        if part is None:
            return []
        if delta.text:
            return [TextDelta(part, delta.text)]
        if delta.partial_json:
            self._initial.pop(index, None)
            return [ToolCallDelta(part, delta.partial_json)]
        if delta.thinking:
            return [ThinkingDelta(part, text=delta.thinking)]
        if delta.signature:
            return [ThinkingDelta(part, signature=delta.signature)]
        return []

    def _stop(self, index: int) -> list[StreamEvent]:
        part = self._index_of.pop(index, None)
        if part is None:
            return []
        arguments = self._initial.pop(index, None)
        if arguments is None:
            return [PartEnd(part)]
        return [ToolCallDelta(part, arguments), PartEnd(part)]

    def _end(self) -> list[StreamEvent]:
        self._ended = True
        events: list[StreamEvent] = []
        for index in list(self._index_of):
            events += self._stop(index)
        last = self._last
        if last.stop_reason == "refusal" and last.stop_details is not None and last.stop_details.explanation:
            events += [RefusalDelta(self._parts, last.stop_details.explanation), PartEnd(self._parts)]
        stop = decode_stop(last.stop_reason)
        events.append(StreamEnd(stop, decode_usage(self._usage), last.stop_sequence))
        return events
