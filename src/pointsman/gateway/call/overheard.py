"""What a stream said, told in the hub's words from a copy of its bytes. Pure.

Only for routes that act on it (``refusal.py``, ``continuation.py``): all others never decode what passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from pointsman.chat import (
    PartEnd,
    RedactedThinkingPart,
    RefusalDelta,
    Stop,
    StreamEnd,
    StreamEvent,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from pointsman.dialects.base import CountTokens, Delivered, StreamDecoder
from pointsman.errors import PointsmanError
from pointsman.gateway.stream.pipes import Pipe
from pointsman.http1 import iter_events

from .values import Plan

_EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_KINDS = ("text", "thinking", "redacted_thinking")


def goes_on(plan: Plan | None) -> bool:
    """Whether another may go on with a stream that breaks."""
    return plan is not None and plan.retries is not None and plan.retries.continue_streams


class Heard:
    """What the client has been told of an answer so far, over one attempt or several."""

    def __init__(self) -> None:
        self.start: StreamStart | None = None
        self.parts: dict[int, str] = {}
        """Kinds, by index, in their order: text, thinking or redacted_thinking."""
        self.open: int | None = None
        """The part that goes on."""
        self.foreign = False
        """There is something that only the model which said it could go on with: a tool call, for one."""
        self.refused = False
        self.last = False
        """Why it stops has been told, and only the very end is missing."""
        self._texts: list[str] = []
        self.end: StreamEnd | None = None
        """Why it stops, where the provider had told that and the client does not know it yet."""
        self._thoughts: list[str] = []

    @property
    def text(self) -> str:
        return "".join(self._texts)

    @property
    def spoken(self) -> bool:
        """Something of the answer itself is there: text, thoughts, or a tool call."""
        return bool(self._texts or self._thoughts or self.foreign)

    @property
    def sound(self) -> bool:
        """Another model could go on with it: plain text so far, or nothing yet."""
        if self.foreign or self.refused or (self.open is not None and self.parts[self.open] != "text"):
            return False
        return not self._thoughts or bool(self.text.strip())

    def copy(self) -> Heard:
        other = Heard()
        other.start, other.parts, other.open = self.start, dict(self.parts), self.open
        other.foreign, other.refused = self.foreign, self.refused
        other.last, other.end = self.last, self.end
        other._texts, other._thoughts = list(self._texts), list(self._thoughts)
        return other

    def tokens(self, count: CountTokens) -> int:
        """How many there are; each delta is at least one."""
        return sum(max(1, count(text)) for text in (*self._texts, *self._thoughts))

    def see(self, event: StreamEvent) -> None:
        match event:
            case TextDelta(index=index, text=text):
                self.enter(index, "text")
                self._texts.append(text)
            case ThinkingDelta(index=index, text=text):
                self.enter(index, "thinking")
                self._thoughts.append(text)
            case StreamStart():
                self.start = self.start or event
            case PartEnd(index=index):
                self.leave(index)
            case StreamEnd(stop=stop):
                self.refused = self.refused or stop is Stop.REFUSAL
                self.last = True
            case RefusalDelta():
                self.refused = True
            case RedactedThinkingPart(index=index):
                self.enter(index, "redacted_thinking")
                self._thoughts.append("")
            case _:
                self.foreign = True

    def enter(self, index: int, kind: str) -> None:
        """A part begins, or goes on."""
        if kind not in _KINDS:
            self.foreign = True
        if index != self.open:
            self.parts.setdefault(index, kind)
            self.open = index

    def leave(self, index: int) -> None:
        if index == self.open:
            self.open = None


class _Type(msgspec.Struct, frozen=True):
    type: str = ""


class _Block(msgspec.Struct, frozen=True):
    """``content_block_start`` and ``content_block_stop`` of Anthropic's dialect."""

    index: int = 0
    content_block: _Type = _Type()


_block = msgspec.json.Decoder(_Block)


class Overheard:
    """A pipe around another one: what that says goes on to the client, and ``heard`` knows it.

    Args:
        decoder: reads the provider's dialect; None where ``heard`` learns of the events by itself.
        raw: the bytes go on as they are, so that the client knows blocks which no event of the hub tells of.
        withholds: the provider's error event does not reach the client; it is kept in ``withheld``.
    """

    def __init__(
        self, inner: Pipe, heard: Heard, decoder: StreamDecoder | None, *, raw: bool, withholds: bool
    ) -> None:
        self.heard = heard
        self.withheld = b""
        self._inner = inner
        self._decoder = decoder
        self._raw = raw
        self._withholds = withholds
        self._stops = False
        """The event that tells why an answer stops has come, of the dialect that has one more behind it."""

    @property
    def usage(self) -> Usage | None:
        return self._inner.usage

    @property
    def model(self) -> str:
        return self._inner.model

    @property
    def upstream_id(self) -> str:
        return self._inner.upstream_id

    @property
    def ended(self) -> bool:
        return self._inner.ended

    @property
    def error(self) -> PointsmanError | None:
        return self._inner.error

    def feed(self, events: bytes) -> bytes:
        shown: list[bytes] = []
        for event in _one_by_one(events) if self._withholds else (events,):
            out = self._inner.feed(event)
            if self._inner.error is not None and self._withholds:
                self.withheld = out
                break
            shown.append(out)
            if self._decoder is not None:
                self._listen(event, self._decoder)
        return b"".join(shown)

    def delivered(self) -> Delivered:
        return self._inner.delivered()

    def stop_listening(self) -> None:
        self._decoder = None

    def listen_to_the_end(self) -> None:
        """It broke off. Whether all was said by then, and only the words that end a stream are missing."""
        decoder, heard = self._decoder, self.heard
        if decoder is None or heard.last or heard.foreign:
            return
        end = ("message_stop", b'{"type":"message_stop"}') if self._stops else ("", b"[DONE]")
        try:
            said = decoder.feed(*end)
        except PointsmanError:
            return  # of a dialect that has no such words
        heard.end = next((event for event in said if isinstance(event, StreamEnd)), None)

    def _listen(self, events: bytes, decoder: StreamDecoder) -> None:
        heard = self.heard
        for name, data in iter_events(events):
            try:
                if name == "message_delta":
                    self._stops, heard.last = True, self._raw
                elif self._raw and name.startswith("content_block_st"):
                    self._note(name, data)
                for event in decoder.feed(name, data):
                    heard.see(event)
            except (PointsmanError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
                heard.foreign = True  # the client may understand it; we do not
                self._decoder = None
                return

    def _note(self, name: str, data: bytes) -> None:
        block = _block.decode(data)
        if name == "content_block_start":
            self.heard.enter(block.index, block.content_block.type)
        else:
            self.heard.leave(block.index)


def _one_by_one(events: bytes) -> Iterable[bytes]:
    """Each event of a block by itself, with its blank line; comments count as events."""
    at = 0
    for end in _EVENT_END.finditer(events):
        yield events[at : end.end()]
        at = end.end()
    if at < len(events):
        yield events[at:]
