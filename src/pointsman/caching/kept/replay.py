"""Whole answers as events, and events as whole answers. Pure.

An answer that was told whole is told as a stream with each part in one piece.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

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

_SOME_WORDS = re.compile(r"(?:\s*\S{1,16}){1,4}\s*|\s+")
"""Four words; of scripts that part none, and of long ones, a few syllables for each."""


def events_of(response: Response) -> Iterator[StreamEvent]:
    """What a decoder of a stream would have said of it, each part in one piece."""
    yield StreamStart(response.id, response.model, response.usage, response.created)
    for index, part in enumerate(response.parts):
        said = list(_part(index, part))
        yield from said
        if said:
            yield PartEnd(index)
    yield StreamEnd(response.stop, response.usage, response.stop_sequence)


def response_of(events: Iterable[StreamEvent]) -> Response | None:
    """The answer that they tell; None where its beginning or its end is missing."""
    start: StreamStart | None = None
    end: StreamEnd | None = None
    parts: dict[int, _Growing] = defaultdict(_Growing)
    at, text = -1, _Growing().text
    for event in events:
        if isinstance(event, TextDelta):  # nearly all of them are, and most go on with the same part
            if event.index != at:
                at = event.index
                text = parts[at].text
            text.append(event.text)
        elif isinstance(event, StreamStart):
            start = start or event
        elif isinstance(event, StreamEnd):
            end = event
        elif not isinstance(event, PartEnd):
            parts[event.index].take(event)
    if start is None or end is None:
        return None
    return Response(
        start.id,
        start.model,
        tuple([part for _, growing in sorted(parts.items()) for part in growing.parts()]),
        end.stop,
        end.usage,
        end.stop_sequence,
        start.created,
    )


def in_pieces(events: Iterable[StreamEvent]) -> Iterator[StreamEvent]:
    """The same with long texts in pieces of some words, as a model tells them."""
    for event in events:
        match event:
            case TextDelta(index=index, text=text):
                yield from [TextDelta(index, words) for words in _SOME_WORDS.findall(text)]
            case RefusalDelta(index=index, text=text):
                yield from [RefusalDelta(index, words) for words in _SOME_WORDS.findall(text)]
            case ThinkingDelta(index=index, text=text, signature=signature):
                yield from [ThinkingDelta(index, words) for words in _SOME_WORDS.findall(text)]
                yield ThinkingDelta(index, "", signature)
            case _:
                yield event


def paced(events: Iterable[tuple[bytes, bool]], per_second: float) -> Iterator[tuple[float, bytes]]:
    """Each event with the seconds to wait before it, for clients that cannot take all at once.

    Args:
        events: each with whether it says something; what only begins or ends comes without a wait.
    """
    gap, first = 1.0 / per_second, True
    for event, content in events:
        yield (gap if content and not first else 0.0), event
        first = first and not content


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


class _Growing:
    """One part, as its events come. OpenAI's decoder may tell text and a refusal under one index."""

    __slots__ = ("_arguments", "_call", "_redacted", "_refusal", "_signature", "_thoughts", "text")

    def __init__(self) -> None:
        self.text: list[str] = []
        self._refusal: list[str] = []
        self._thoughts: list[str] | None = None
        self._signature: list[str] = []
        self._arguments: list[str] = []
        self._call: ToolCallStart | None = None
        self._redacted: str | None = None

    def take(self, event: StreamEvent) -> None:
        """Anything but text."""
        match event:
            case RefusalDelta(text=text):
                self._refusal.append(text)
            case ThinkingDelta(text=text, signature=signature):
                self._thoughts = self._thoughts or []
                self._thoughts.append(text)
                self._signature.append(signature)
            case ToolCallDelta(arguments=text):
                self._arguments.append(text)
            case ToolCallStart():
                self._call = event
            case RedactedThinkingPart(data=data):
                self._redacted = data
            case _:
                return

    def parts(self) -> Iterator[Part]:
        if self._thoughts is not None:
            yield Thinking("".join(self._thoughts), "".join(self._signature))
        if self._redacted is not None:
            yield RedactedThinking(self._redacted)
        if self.text:
            yield Text("".join(self.text))
        if self._refusal:
            yield Refusal("".join(self._refusal))
        if self._call is not None:
            yield ToolCall(self._call.id, self._call.name, "".join(self._arguments) or "{}")
