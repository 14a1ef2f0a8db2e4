"""What a stream passes through on its way from the provider to the client. Pure: bytes in, bytes out."""

from __future__ import annotations

from typing import Protocol

from pointsman.chat import (
    RefusalDelta,
    StreamEnd,
    StreamEvent,
    StreamStart,
    TextDelta,
    ThinkingDelta,
    ToolCallDelta,
    ToolCallStart,
    Usage,
)
from pointsman.dialects.base import CountTokens, Delivered, Dialect, StreamDecoder, StreamEncoder
from pointsman.errors import PointsmanError
from pointsman.http1 import iter_events


class Pipe(Protocol):
    """A ``StreamTap`` (same dialect), a ``Crossing`` (translated), or an ``Overheard`` around one of them."""

    @property
    def usage(self) -> Usage | None: ...

    @property
    def model(self) -> str: ...

    @property
    def upstream_id(self) -> str: ...

    @property
    def ended(self) -> bool: ...

    @property
    def error(self) -> PointsmanError | None:
        """The provider sent an error event. The client has been told of it by what ``feed`` returned."""

    def feed(self, events: bytes) -> bytes: ...

    def delivered(self) -> Delivered: ...


class Crossing:
    """Translates a stream through the hub, and counts what goes by."""

    def __init__(
        self,
        decoder: StreamDecoder,
        encoder: StreamEncoder,
        face: Dialect,
        request_id: str,
        count_tokens: CountTokens,
        *,
        created: int,
    ) -> None:
        self._decoder = decoder
        self._encoder = encoder
        self._face = face
        self._request_id = request_id
        self._count = count_tokens
        self._created = created
        self._texts: list[str] = []
        self._folded = 0
        self._early_usage: Usage | None = None
        self.usage: Usage | None = None
        self.model = ""
        self.upstream_id = ""
        self.ended = False
        self.error: PointsmanError | None = None

    def feed(self, events: bytes) -> bytes:
        out: list[bytes] = []
        for name, data in iter_events(events):
            try:
                decoded = self._decoder.feed(name, data)
            except PointsmanError as error:
                self.error = error
                out.append(self._face.encode_stream_error(error, self._request_id))
                break
            for event in decoded:
                self._note(event)
                if isinstance(event, StreamStart) and not event.created:
                    event = StreamStart(event.id, event.model, event.usage, self._created)
                out.append(self._encoder.encode(event))
        return b"".join(out)

    def delivered(self) -> Delivered:
        self._fold()
        return Delivered(output_tokens=self._folded, usage=self._early_usage)

    def _note(self, event: StreamEvent) -> None:
        match event:
            case TextDelta(text=text) | ThinkingDelta(text=text) | RefusalDelta(text=text):
                self._texts.append(text)
            case ToolCallDelta(arguments=text) | ToolCallStart(name=text):
                self._texts.append(text)
            case StreamStart():
                self.model, self.upstream_id, self._early_usage = event.model, event.id, event.usage
            case StreamEnd():
                self.usage = event.usage
                self.ended = True
            case _:
                return
        if len(self._texts) >= 4096:
            self._fold()

    def _fold(self) -> None:
        """Counting is put off until it is needed, but what waits for it is bounded."""
        self._folded += sum(max(1, self._count(text)) for text in self._texts if text)
        self._texts.clear()
