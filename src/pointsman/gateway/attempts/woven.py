"""The rest of an answer, from another model, as a continuation of what the client has. Pure.

The client sees one answer: no second beginning, text that goes on in the part where it broke off, one end,
and the usage that the whole would have had if nothing had happened.
"""

from __future__ import annotations

import msgspec

from pointsman.chat import (
    PartEnd,
    RedactedThinkingPart,
    Request,
    Stop,
    StreamEnd,
    StreamEvent,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    Usage,
)
from pointsman.dialects.base import CountTokens, Dialect, StreamEncoder
from pointsman.gateway.call.overheard import Heard


class Woven:
    """Implements ``pointsman.dialects.base.StreamEncoder``.

    Args:
        encoder: in the state in which the client was left (``at_the_break``).
        heard: what the client has; kept up to date.
        echo: white space at its end that the model does not know of, and may say once more.
        count: the tokens of a text.
    """

    def __init__(self, encoder: StreamEncoder, heard: Heard, echo: str, count: CountTokens) -> None:
        self._encoder = encoder
        self._heard = heard
        self._echo = echo
        self._before = heard.tokens(count)
        self._begun = heard.start is not None
        self._places: dict[int, int] = {}
        self._next = max(heard.parts, default=-1) + 1

    def encode(self, event: StreamEvent) -> bytes:
        if isinstance(event, StreamStart):
            if self._begun:
                return b""
        elif isinstance(event, StreamEnd):
            event = StreamEnd(event.stop, self._whole(event.usage), event.stop_sequence)
        elif isinstance(event, PartEnd):
            if event.index not in self._places:
                return b""
            event = PartEnd(self._places[event.index])
        else:
            if isinstance(event, TextDelta) and self._echo:
                event = TextDelta(event.index, self._without_echo(event.text))
                if not event.text:
                    return b""
            event = msgspec.structs.replace(event, index=self._place(event))
        self._heard.see(event)
        return self._encoder.encode(event)

    def _place(self, event: StreamEvent) -> int:
        """Index of a part for the client: text first goes on where it broke off."""
        assert not isinstance(event, StreamStart | StreamEnd), "they have none"
        place = self._places.get(event.index)
        if place is None:
            opened = self._heard.open
            if not self._places and opened is not None and isinstance(event, TextDelta):
                place = opened
            else:
                place = self._next
                self._next += 1
            self._places[event.index] = place
        return place

    def _without_echo(self, text: str) -> str:
        same = 0
        while same < min(len(text), len(self._echo)) and text[same] == self._echo[same]:
            same += 1
        self._echo = self._echo[same:] if same == len(text) else ""
        return text[same:]

    def _whole(self, usage: Usage | None) -> Usage | None:
        """As of one answer: the prompt as the caller sent it, and all that was said."""
        if usage is None:
            return None
        start = self._heard.start
        told = None if start is None or not self._begun else start.usage
        prompt = told or msgspec.structs.replace(usage, input=max(0, usage.input - self._before))
        return msgspec.structs.replace(
            prompt, output=self._before + usage.output, reasoning=usage.reasoning, tier=usage.tier
        )


def at_the_break(face: Dialect, request: Request, heard: Heard, created: int) -> StreamEncoder:
    """An encoder that has said what the client has.

    Args:
        created: what the client was told as the time of the answer, where its provider did not say.
    """
    encoder, start = face.stream_encoder(request), heard.start
    if start is not None:
        encoder.encode(StreamStart(start.id, start.model, start.usage, start.created or created))
    for index, kind in heard.parts.items():
        if kind == "text":
            encoder.encode(TextDelta(index, "…"))
        elif kind == "thinking":
            encoder.encode(ThinkingDelta(index, "…"))
        else:
            encoder.encode(RedactedThinkingPart(index, "…"))
        if index != heard.open:
            encoder.encode(PartEnd(index))
    return encoder


def the_end(encoder: StreamEncoder, heard: Heard, count: CountTokens) -> bytes:
    """What is missing where nothing more is to be said: all of it was there, or the output cap is reached."""
    if heard.last:
        whole = encoder.encode(StreamEnd(Stop.END))
        return whole[whole.rindex(b"\n\n", 0, -2) + 2 :]
    if heard.end is not None:
        return encoder.encode(heard.end)
    usage = None if heard.start is None else heard.start.usage
    if usage is not None:
        usage = msgspec.structs.replace(usage, output=heard.tokens(count))
    return encoder.encode(StreamEnd(Stop.LENGTH, usage))
