"""Puts the events of a stream together to a whole answer. Pure."""

from __future__ import annotations

from pointsman.chat import (
    Part,
    Refusal,
    RefusalDelta,
    Response,
    StreamEnd,
    StreamEvent,
    StreamStart,
    Text,
    TextDelta,
    Thinking,
    ThinkingDelta,
    ToolCall,
    ToolCallDelta,
    ToolCallStart,
)

from .result import ChatChunk


class Gathered:
    """What has come so far."""

    def __init__(self) -> None:
        self._start: StreamStart | None = None
        self._end: StreamEnd | None = None
        self._text: list[str] = []
        self._thinking: list[str] = []
        self._refusal: list[str] = []
        self._calls: dict[int, tuple[str, str, list[str]]] = {}

    def add(self, event: StreamEvent) -> ChatChunk | None:
        """The chunk to show for it; None for what only matters to the whole."""
        match event:
            case TextDelta():
                self._text.append(event.text)
                return ChatChunk(text=event.text) if event.text else None
            case ThinkingDelta():
                self._thinking.append(event.text)
                return ChatChunk(thinking=event.text) if event.text else None
            case ToolCallStart():
                self._calls[event.index] = (event.id, event.name, [])
                return ChatChunk(tool=event.name)
            case ToolCallDelta():
                self._calls[event.index][2].append(event.arguments)
                return ChatChunk(arguments=event.arguments) if event.arguments else None
            case RefusalDelta():
                self._refusal.append(event.text)
            case StreamStart():
                self._start = event
            case StreamEnd():
                self._end = event
        return None

    def response(self) -> Response | None:
        """None until the stream has come to its end."""
        if self._start is None or self._end is None:
            return None
        parts: list[Part] = []
        if thinking := "".join(self._thinking):
            parts.append(Thinking(thinking))
        if text := "".join(self._text):
            parts.append(Text(text))
        if refusal := "".join(self._refusal):
            parts.append(Refusal(refusal))
        parts += [
            ToolCall(ident, name, "".join(pieces) or "{}") for ident, name, pieces in self._calls.values()
        ]
        end = self._end
        return Response(
            self._start.id, self._start.model, tuple(parts), end.stop, end.usage, end.stop_sequence
        )
