"""Watches a stream that passes through to a client of the same dialect.

The common event costs a few searches for marks that cannot stand inside of a JSON string: in a string
every quote has a backslash before it, so ``"usage":`` with bare quotes is always a key. Only events with a
mark are parsed.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec

from pointsman.chat import Usage
from pointsman.dialects.base import CountTokens, Delivered
from pointsman.errors import PointsmanError

from . import wire
from .errors import decode_stream_error
from .usage import decode_usage

_HOLD = 65_536
"""Bytes of events that are kept unread, for ``delivered``."""

_NULL_USAGE = re.compile(rb',\s*"usage"\s*:\s*null|(?<=\{)\s*"usage"\s*:\s*null\s*,')
_USAGE = re.compile(rb'"usage"\s*:\s*\{')
_FINISH = re.compile(rb'"finish_reason"\s*:\s*"')
_EVENT = re.compile(rb".*?(?:\r\n\r\n|\n\n|\Z)", re.DOTALL)
_DATA = re.compile(rb"^data:(.*)", re.MULTILINE)


class _ToolText(msgspec.Struct, frozen=True):
    function: wire.Function | None = None


class _Delta(msgspec.Struct, frozen=True):
    content: Any = None
    reasoning_content: Any = None
    reasoning: Any = None
    refusal: Any = None
    tool_calls: list[_ToolText] | None = None


class _Choice(msgspec.Struct, frozen=True):
    delta: _Delta | None = None


class _Deltas(msgspec.Struct, frozen=True):
    choices: list[_Choice] | None = None


class _Marked(msgspec.Struct, frozen=True):
    """What matters of an event with a mark."""

    id: str | None = None
    model: str | None = None
    choices: list[msgspec.Raw] | None = None
    usage: wire.Usage | None = None
    service_tier: str | None = None
    error: Any = None


_deltas = msgspec.json.Decoder(_Deltas)
_marked = msgspec.json.Decoder(_Marked)


class OpenAIChatTap:
    """One per stream. A finish reason ends the answer; ``[DONE]`` without one is a broken stream."""

    def __init__(self, *, strip_usage: bool, count_tokens: CountTokens) -> None:
        self.usage: Usage | None = None
        self.model = ""
        self.upstream_id = ""
        self.ended = False
        self.error: PointsmanError | None = None
        self._strip = strip_usage
        self._count = count_tokens
        self._held: list[bytes] = []
        self._size = 0
        self._tokens = 0
        self._head = b"\0"
        self._finish = b'"finish_reason":"'

    def feed(self, events: bytes) -> bytes:
        """What the client shall see: ``events`` itself, or without the usage that it did not ask for."""
        self._held.append(events)
        self._size += len(events)
        if self._size > _HOLD:
            self._fold()
        # The events of a stream begin alike: what stands there is known to hold no mark.
        known = events.startswith(self._head)
        rest = events[len(self._head) :] if known else events
        if not known:
            self._learn_head(events)
        if self._finish in rest or b'"error"' in rest or not (self.model or self.upstream_id):
            return self._inspect(events)
        if b'"usage"' not in rest:
            return events
        if not self._strip:
            return self._inspect(events) if _USAGE.search(rest) else events
        rest = rest.replace(b',"usage":null', b"")
        return self._inspect(events) if b'"usage"' in rest else self._head + rest

    def delivered(self) -> Delivered:
        self._fold()
        return Delivered(self._tokens, self.usage)

    def _inspect(self, events: bytes) -> bytes:
        """Read each event; leave out the one that only tells the usage. The rest keep their bytes."""
        if self._strip and b'"usage"' in events:
            events = _NULL_USAGE.sub(b"", events)
        shown: list[bytes] = []
        for event in _EVENT.findall(events):
            if event and not self._read(event):
                shown.append(event)
        joined = b"".join(shown)
        return events if joined == events else joined

    def _learn_head(self, events: bytes) -> None:
        head, choices, _ = events.partition(b'"choices":')
        if choices and b'"error"' not in head and b'"usage"' not in head:
            self._head = head
            if b'": ' in head:  # a serialiser that puts a space behind its colons
                self._finish = b'"finish_reason": "'

    def _read(self, event: bytes) -> bool:
        """Take what matters from one event. True: it is to be hidden from the client."""
        data = b"\n".join(_DATA.findall(event)).strip()
        if not data.startswith(b"{"):
            return False
        try:
            chunk = _marked.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return False  # not ours to judge: it passes, and the client sees what the provider sent
        self.model = self.model or chunk.model or ""
        self.upstream_id = self.upstream_id or chunk.id or ""
        if chunk.error is not None:
            self.error = decode_stream_error(chunk.error)
        if chunk.choices and _FINISH.search(data):
            self.ended = True
        usage = decode_usage(chunk.usage, chunk.service_tier)
        if usage is not None:
            self.usage = usage
        return self._strip and chunk.usage is not None and chunk.choices == []

    def _fold(self) -> None:
        """Count what is held and let go of it."""
        for data in _DATA.findall(b"".join(self._held)):
            try:
                chunk = _deltas.decode(data)
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            for choice in chunk.choices or ():
                if choice.delta is not None:
                    self._tokens += sum(max(1, self._count(text)) for text in _texts(choice.delta))
        self._held.clear()
        self._size = 0


def _texts(delta: _Delta) -> list[str]:
    """Every piece of text that the provider bills, none of them empty."""
    found = [delta.content, delta.reasoning_content or delta.reasoning, delta.refusal]
    for call in delta.tool_calls or ():
        if call.function is not None:
            arguments = call.function.arguments
            found += (call.function.name, arguments)
    return [text for text in found if isinstance(text, str) and text]
