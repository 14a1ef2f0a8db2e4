"""Watches an Anthropic stream that passes through unchanged.

The common event (``content_block_delta``) must cost next to nothing: two searches for bytes that only the
rare events hold. A text that happens to hold them costs a closer look and is not mistaken for one, because
the closer look goes by the name of the event or the type in its JSON. All else about the stream is read
only if it is cut, from events held for that; when they grow too many, they are counted and let go.
"""

from __future__ import annotations

import re

import msgspec

from pointsman.chat import Usage
from pointsman.dialects.base import CountTokens, Delivered
from pointsman.errors import PointsmanError

from .errors import decode_stream_error
from .events import split_events
from .usage import decode_usage, merge
from .wire import WireEvent, WireUsage

HELD_BYTES = 128 * 1024
"""How much of a stream is held before it is counted: about 900 events. Most answers are never counted."""

_event = msgspec.json.Decoder(WireEvent)
_RARE = ("message_start", "message_delta", "message_stop", "error")


_OUTPUT = re.compile(rb'"(?:text|partial_json|thinking|name)": ?("(?!")[^"\\]*(?:\\.[^"\\]*)*")')
"""The strings of events that are output: what deltas bring, and the names of tools. A quote within a JSON
string is escaped, so that no text can look like one of these fields. One search over many events costs less
than half of decoding each."""
_string = msgspec.json.Decoder(str)


class StreamTap:
    """Implements ``pointsman.dialects.base.StreamTap``."""

    def __init__(self, count_tokens: CountTokens) -> None:
        self.usage: Usage | None = None
        self.model = ""
        self.upstream_id = ""
        self.ended = False
        self.error: PointsmanError | None = None
        self._count_tokens = count_tokens
        self._start: WireUsage | None = None
        self._held: list[bytes] = []
        self._held_bytes = 0
        self._counted = 0

    def feed(self, events: bytes) -> bytes:
        if b'"message_' in events or b'"error"' in events:
            self._look(events)
        self._held.append(events)
        self._held_bytes += len(events)
        if self._held_bytes > HELD_BYTES:
            self._fold()
        return events

    def delivered(self) -> Delivered:
        self._fold()
        return Delivered(self._counted, decode_usage(self._start, partial=True))

    def _look(self, block: bytes) -> None:
        """Find the rare events of a block, among many that are not."""
        if b"\r" in block:
            block = block.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        for event in block.split(b"\n\n"):
            if b'"message_' in event or b'"error"' in event:
                self._read(event)

    def _read(self, block: bytes) -> None:
        for name, data in split_events(block):
            if name and name not in _RARE:
                continue
            try:
                event = _event.decode(data)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                if name == "error":
                    self.error = decode_stream_error(data)
                continue
            match name or event.type:
                case "message_start" if event.message is not None:
                    self.model = event.message.model
                    self.upstream_id = event.message.id
                    self._start = event.message.usage
                case "message_delta":
                    usage = merge(self._start, event.usage)
                    if usage is not None:
                        self.usage = decode_usage(usage)
                case "message_stop":
                    self.ended = True
                case "error":
                    self.error = decode_stream_error(data)

    def _fold(self) -> None:
        """Count what is held and let it go."""
        held, self._held, self._held_bytes = b"".join(self._held), [], 0
        count = self._count_tokens
        self._counted += sum([max(1, count(_text(quoted))) for quoted in _OUTPUT.findall(held)])


def _text(quoted: bytes) -> str:
    if b"\\" not in quoted:
        return quoted[1:-1].decode("utf-8", "replace")
    try:
        return _string.decode(quoted)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return quoted.decode("utf-8", "replace")
