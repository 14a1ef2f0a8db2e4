"""Watches a stream that passes through to a client of the same dialect.

The common event costs a few searches for marks that cannot stand inside of a JSON string: in a string
every quote has a backslash before it, so ``"usage":`` with bare quotes is always a key. Only events with a
mark are parsed. How the provider spells the marks (with a space behind the colon or without) is learned from
its events, so that a search for fixed bytes finds them; what is spelled in any other way is read event by
event.
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

HELD_BYTES = 128 * 1024
"""How much of a stream is held before it is counted: about 500 events. Most answers are never counted."""

_NULL_USAGE = re.compile(rb',\s*"usage"\s*:\s*null|(?<=\{)\s*"usage"\s*:\s*null\s*,')
_FINISH = re.compile(rb'"finish_reason"\s*:\s*"')
_EVENT = re.compile(rb".*?(?:\r?\n\r?\n|\Z)", re.DOTALL)
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


_COMPACT = (b'"finish_reason":"', b'"usage":null', b',"usage":null')
_UNKNOWN = (b'"finish_reason"', *_COMPACT[1:])
_SPACED = (b'"finish_reason": "', b'"usage": null', b', "usage": null')
"""How serialisers spell a finish, a usage that is null, and the latter as a member that is not the first."""

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
        self._finish, self._null, self._null_member = _UNKNOWN

    def feed(self, events: bytes) -> bytes:
        """What the client shall see: ``events`` itself, or without the usage that it did not ask for."""
        self._held.append(events)
        self._size += len(events)
        if self._size > HELD_BYTES:
            self._fold()
        # The events of a stream begin alike: what stands there is known to hold no mark.
        head = self._head
        if events.startswith(head):
            rest = events[len(head) :]
        else:
            head, rest = b"", events
            self._learn(events)
        if not self.upstream_id and not self.model:
            self._find_name(events)
        if self._finish in rest or b'"error"' in rest:
            return self._inspect(events)
        if not self._strip:
            return self._inspect(events) if self._tells_usage(rest) else events
        bare = rest.replace(self._null_member, b"")
        if b'"usage"' in bare:
            return self._inspect(events)
        return events if len(bare) == len(rest) else head + bare

    def delivered(self) -> Delivered:
        self._fold()
        return Delivered(self._tokens, self.usage)

    def _learn(self, events: bytes) -> None:
        """Where this stream's events begin to differ, and how it spells its marks."""
        head, choices, rest = events.partition(b'"choices"')
        if not choices or b'"error"' in head or b'"usage"' in head:
            return
        self._head = head
        if rest.startswith(b":["):
            self._finish, self._null, self._null_member = _COMPACT
        elif rest.startswith(b": ["):
            self._finish, self._null, self._null_member = _SPACED
        else:
            self._finish, self._null, self._null_member = _UNKNOWN

    def _tells_usage(self, text: bytes) -> bool:
        """Whether there is any usage but null. It may be null after all, if that is spelled oddly."""
        return text.count(b'"usage"') > text.count(self._null)

    def _inspect(self, events: bytes) -> bytes:
        """Read the events with a mark; leave out the one that only tells the usage."""
        bare = events.replace(self._null_member, b"") if self._strip else events
        pieces, joint = _split(bare)
        shown: list[bytes] = []
        for event in pieces:
            if b'"usage"' in event:
                if self._strip:
                    event = _NULL_USAGE.sub(b"", event)
                marked = self._tells_usage(event) or self._is_marked(event)
            else:
                marked = self._is_marked(event)
            if not (marked and self._read(event)):
                shown.append(event)
        joined = joint.join(shown)
        return events if joined == events else joined

    def _is_marked(self, text: bytes) -> bool:
        return self._finish in text or b'"error"' in text

    def _find_name(self, events: bytes) -> None:
        """Read events up to the first that tells an id or a model."""
        for event in _split(events)[0]:
            self._read(event)
            if self.model or self.upstream_id:
                break

    def _read(self, event: bytes) -> bool:
        """Take what matters from one event. True: it is to be hidden from the client."""
        data = _data(event)
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
        held, self._held, self._size = b"".join(self._held), [], 0
        count, tokens = self._count, 0
        for event in _split(held)[0]:
            try:
                chunk = _deltas.decode(_data(event))
            except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                continue
            for choice in chunk.choices or ():
                for text in _texts(choice.delta) if choice.delta is not None else ():
                    if isinstance(text, str) and text:
                        tokens += count(text) or 1
        self._tokens += tokens


def _split(block: bytes) -> tuple[list[bytes], bytes]:
    """The events of a block, and what to put between them to have it back."""
    if b"\r" not in block:
        return block.split(b"\n\n"), b"\n\n"
    if b"\n\n" not in block:
        return block.split(b"\r\n\r\n"), b"\r\n\r\n"
    return _EVENT.findall(block), b""


def _data(event: bytes) -> bytes:
    if event.startswith(b"data:") and b"\n" not in event:
        return event[5:].strip()
    return b"\n".join(_DATA.findall(event)).strip()


def _texts(delta: _Delta) -> list[Any]:
    """Every piece of text that the provider bills; what is empty or no text among them."""
    found = [delta.content, delta.reasoning_content or delta.reasoning, delta.refusal]
    if delta.tool_calls:
        for call in delta.tool_calls:
            if call.function is not None:
                found += (call.function.name, call.function.arguments)
    return found
