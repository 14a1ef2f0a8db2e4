"""The events of a provider's stream, into the hub."""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.chat import (
    PartEnd,
    RefusalDelta,
    Stop,
    StreamEnd,
    StreamEvent,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from pointsman.errors import UpstreamMalformed

from . import wire
from .arguments import mint_call_id
from .errors import decode_stream_error
from .stops import decode_stop
from .thoughts import hide, signature_of
from .usage import decode_usage

_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_chunk = msgspec.json.Decoder(wire.Chunk)

_Deltas = type[TextDelta] | type[ThinkingDelta] | type[RefusalDelta]


class _Call:
    """A tool call under way. It starts once its name is known; fragments that come earlier wait."""

    __slots__ = ("id", "index", "name", "open", "pieces", "shown_id")

    def __init__(self, call_id: str, signature: str) -> None:
        self.id = call_id
        self.shown_id = hide(call_id, signature)
        self.name = ""
        self.index = -1
        self.open = True
        self.pieces: list[str] = []

    @property
    def complete(self) -> bool:
        """The arguments are a whole JSON object."""
        try:
            _object.decode("".join(self.pieces))
        except (msgspec.DecodeError, RecursionError):
            return False
        return True


class OpenAIChatStreamDecoder:
    """One per stream. Copes with servers that send a call whole, repeat or leave out its id, or its index."""

    def __init__(self) -> None:
        self.ended = False
        self._started = False
        self._id = ""
        self._next = 0
        self._open: int | None = None
        self._kind: _Deltas | None = None
        """What the open part takes; None where it is a tool call, or none is open."""
        self._call: _Call | None = None
        self._calls: dict[int, _Call] = {}
        self._count = 0
        self._finish: str | None = None
        self._usage: Usage | None = None

    def feed(self, event: str, data: bytes) -> list[StreamEvent]:
        """Raises the error of an error event, or UpstreamMalformed."""
        if self.ended or not data or data.isspace():
            return []
        if data.strip() == b"[DONE]":
            return self._end() if self._finish is not None else []
        try:
            chunk = _chunk.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise UpstreamMalformed(f"The provider's stream holds what is no chunk: {error}.") from None
        if chunk.error is not None:
            raise decode_stream_error(chunk.error)
        events: list[StreamEvent] = []
        if not self._started:
            self._start(chunk, events)
        for choice in chunk.choices or ():
            if choice.index:  # others exist only with n > 1, which the hub does not know
                continue
            if choice.delta is not None:
                self._delta(choice.delta, events)
            if choice.finish_reason:
                self._finish = choice.finish_reason
                self._close(events)
        if chunk.usage is not None:
            self._usage = decode_usage(chunk.usage, chunk.service_tier) or self._usage
        if self._finish is not None and self._usage is not None:
            events += self._end()
        return events

    def _start(self, chunk: wire.Chunk, events: list[StreamEvent]) -> None:
        self._started = True
        self._id = chunk.id or ""
        events.append(StreamStart(self._id, chunk.model or "", created=int(chunk.created or 0)))

    def _end(self) -> list[StreamEvent]:
        self.ended = True
        stop: Stop = decode_stop(self._finish, has_tool_calls=self._count > 0)
        return [StreamEnd(stop, self._usage)]

    def _delta(self, delta: wire.Message, events: list[StreamEvent]) -> None:
        thinking = delta.thinking
        if thinking:
            events.append(ThinkingDelta(self._part(ThinkingDelta, events), thinking))
        content = delta.content
        if content:
            if not isinstance(content, str):
                content = "".join(part.text or "" for part in content)
            # White space amid a call's fragments (vLLM) says nothing, and would tear the call apart.
            if content and not (self._call is not None and content.isspace()):
                events.append(TextDelta(self._part(TextDelta, events), content))
        if delta.refusal:
            events.append(RefusalDelta(self._part(RefusalDelta, events), delta.refusal))
        for fragment in delta.tool_calls or ():
            self._fragment(fragment, events)
        if delta.function_call is not None:
            self._fragment(wire.ToolCall(index=0, function=delta.function_call), events)

    def _part(self, kind: _Deltas, events: list[StreamEvent]) -> int:
        """Index of the open part of this kind; opens one, and ends the part before it, where need be."""
        if self._kind is not kind or self._open is None:
            self._close(events)
            self._kind = kind
            self._open = self._next
            self._next += 1
        return self._open

    def _close(self, events: list[StreamEvent]) -> None:
        call = self._call
        if call is not None:
            if not call.name:
                raise UpstreamMalformed("The provider's stream holds a tool call without a function name.")
            call.open = False
            self._call = None
        if self._open is not None:
            events.append(PartEnd(self._open))
        self._open = None
        self._kind = None

    def _fragment(self, fragment: wire.ToolCall, events: list[StreamEvent]) -> None:
        function = fragment.function
        name = (function.name if function else None) or ""
        call = self._call_of(fragment, name)
        if call is None:
            self._close(events)
            known_id = fragment.id or mint_call_id(self._id, self._count, name)
            call = _Call(known_id, signature_of(fragment))
            self._calls[self._count if fragment.index is None else fragment.index] = call
            self._call = call
            self._count += 1
        text = _text(function.arguments if function else None)
        if not call.open:
            if text:
                raise UpstreamMalformed("The provider's stream mixes the fragments of two parts.")
            return
        call.pieces.append(text)
        if not call.name:
            if not name:
                return
            call.name = name
            text = "".join(call.pieces)
            call.index = self._open = self._next
            self._next += 1
            events.append(ToolCallStart(call.index, call.shown_id, name))
        if text:
            events.append(ToolCallDelta(call.index, text))

    def _call_of(self, fragment: wire.ToolCall, name: str) -> _Call | None:
        """The call that a fragment goes on with; None where it begins one.

        Gemini's compatible API has sent every call of a turn with index 0, and Ollama's with no id:
        another id together with a name is another call, whatever the index says, and so is a name
        without an id behind arguments that are whole.
        """
        known = self._call if fragment.index is None else self._calls.get(fragment.index)
        if known is None or not known.name or not name:
            return known
        if fragment.id:
            return known if fragment.id == known.id else None
        return None if known.complete else known


def _text(arguments: str | dict[str, Any] | None) -> str:
    if isinstance(arguments, dict):
        return msgspec.json.encode(arguments).decode()
    return arguments or ""
