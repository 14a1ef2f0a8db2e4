"""Puts the events of a stream together to a whole answer. Pure."""

from __future__ import annotations

from pointsman.caching.kept.replay import response_of
from pointsman.chat import Response, StreamEvent, TextDelta, ThinkingDelta, ToolCallDelta, ToolCallStart

from .result import ChatChunk


class Gathered:
    """What has come so far."""

    def __init__(self) -> None:
        self._events: list[StreamEvent] = []

    def add(self, event: StreamEvent) -> ChatChunk | None:
        """The chunk to show for it; None for what only matters to the whole."""
        self._events.append(event)
        match event:
            case TextDelta():
                return ChatChunk(text=event.text) if event.text else None
            case ThinkingDelta():
                return ChatChunk(thinking=event.text) if event.text else None
            case ToolCallStart():
                return ChatChunk(tool=event.name)
            case ToolCallDelta():
                return ChatChunk(arguments=event.arguments) if event.arguments else None
        return None

    def response(self) -> Response | None:
        """None until the stream has come to its end."""
        return response_of(self._events)
