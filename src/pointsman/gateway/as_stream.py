"""A whole answer as the stream that its client asked for. Pure."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator

from pointsman.chat import (
    Part,
    PartEnd,
    RedactedThinking,
    RedactedThinkingPart,
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
from pointsman.dialects.base import StreamEncoder


async def as_stream(response: Response, encoder: StreamEncoder) -> AsyncGenerator[bytes, None]:
    """In the encoder's dialect."""
    for event in events_of(response):
        if piece := encoder.encode(event):
            yield piece


def events_of(response: Response) -> Iterator[StreamEvent]:
    """What a decoder of a stream would have said of it, each part in one piece."""
    yield StreamStart(response.id, response.model, response.usage, response.created)
    for index, part in enumerate(response.parts):
        said = list(_part(index, part))
        yield from said
        if said:
            yield PartEnd(index)
    yield StreamEnd(response.stop, response.usage, response.stop_sequence)


def _part(index: int, part: Part) -> Iterator[StreamEvent]:
    """Nothing for what only a request has."""
    match part:
        case Text(text=text):
            yield TextDelta(index, text)
        case Thinking(text=text, signature=signature):
            yield ThinkingDelta(index, text, signature)
        case RedactedThinking(data=data):
            yield RedactedThinkingPart(index, data)
        case Refusal(text=text):
            yield RefusalDelta(index, text)
        case ToolCall(id=ident, name=name, arguments=arguments):
            yield ToolCallStart(index, ident, name)
            yield ToolCallDelta(index, arguments)
        case _:
            return
