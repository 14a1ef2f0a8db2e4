"""An answer that is shared, for a client who wants it in another dialect or form than it was made in: as a
stream or whole, with or without usage. Through the hub."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

import msgspec

from pointsman.caching.kept.replay import events_of, response_of
from pointsman.chat import Request, Response, StreamEnd, StreamEvent, StreamStart, Usage
from pointsman.dialects.base import Dialect
from pointsman.errors import PointsmanError, StreamBroken, UpstreamMalformed
from pointsman.gateway.call.call import Call
from pointsman.http1 import EventSplitter, iter_events

UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""What a decoder raises besides PointsmanError."""


class Ending(msgspec.Struct):
    """What is known of a stream once it is over."""

    usage: Usage | None = None
    failure: PointsmanError | None = None
    """Why it is not whole."""


class Reading:
    """The events of a stream, read from its bytes as they come. Its end is held back: only the books know
    what it used, where its first client did not want to be told."""

    def __init__(self, source: Dialect, created: int) -> None:
        self._decoder = source.stream_decoder()
        self._splitter = EventSplitter()
        self._created = created
        self._end: StreamEnd | None = None

    def feed(self, piece: bytes) -> list[StreamEvent]:
        """Raises PointsmanError: an error event, or what cannot be read."""
        return self._read(self._splitter.feed(piece))

    def rest(self, ending: Ending) -> list[StreamEvent]:
        """Raises PointsmanError: it did not come to its end."""
        events = self._read(self._splitter.rest())
        if self._end is None:
            raise ending.failure or StreamBroken("The answer ended before its end; what came is incomplete.")
        return [*events, msgspec.structs.replace(self._end, usage=ending.usage or self._end.usage)]

    def _read(self, block: bytes) -> list[StreamEvent]:
        events: list[StreamEvent] = []
        try:
            for name, data in iter_events(block):
                for event in self._decoder.feed(name, data):
                    if isinstance(event, StreamEnd):
                        self._end = event
                    elif isinstance(event, StreamStart) and not event.created:
                        events.append(msgspec.structs.replace(event, created=self._created))
                    else:
                        events.append(event)
        except UNREADABLE:
            raise _unreadable() from None
        return events


async def streamed(
    pieces: AsyncGenerator[bytes, None], source: Dialect, call: Call, ending: Callable[[], Ending | None]
) -> AsyncGenerator[bytes, None]:
    """A stream for ``call``, behind an empty piece; it ends with an error event where it is not whole.

    Args:
        pieces: of a stream in the dialect ``source``.
        ending: asked once they are over; None where the client has left.
    """
    arrival = call.arrival
    reading, encode = Reading(source, arrival.at_us // 1_000_000), _encoder(call)
    try:
        yield b""
        try:
            async for piece in pieces:
                if out := b"".join(map(encode, reading.feed(piece))):
                    yield out
            if (over := ending()) is not None:
                yield b"".join(map(encode, reading.rest(over)))
        except PointsmanError as error:
            why = await _failure(pieces, ending) or error
            yield arrival.face.encode_stream_error(why, arrival.request_id)
    finally:
        await pieces.aclose()


async def gathered(
    pieces: AsyncGenerator[bytes, None], source: Dialect, call: Call, ending: Callable[[], Ending | None]
) -> bytes | None:
    """The whole answer that a stream tells; None where the client has left. Raises PointsmanError."""
    reading = Reading(source, call.arrival.at_us // 1_000_000)
    events: list[StreamEvent] = []
    try:
        async for piece in pieces:
            events += reading.feed(piece)
    except PointsmanError as error:
        raise await _failure(pieces, ending) or error from None
    finally:
        await pieces.aclose()
    over = ending()
    if over is None:
        return None
    response = response_of([*events, *reading.rest(over)])
    if response is None:
        raise _unreadable()
    return call.arrival.face.encode_response(response)


def retold(body: bytes, source: Dialect, call: Call) -> bytes:
    """A whole answer, for ``call``; if that streams, all of the stream. Raises PointsmanError."""
    arrival = call.arrival
    if source is arrival.face and not call.streams:
        return body
    try:
        response: Response = source.decode_response(body)
    except UNREADABLE:
        raise _unreadable() from None
    if not response.created:
        response = msgspec.structs.replace(response, created=arrival.at_us // 1_000_000)
    if not call.streams:
        return arrival.face.encode_response(response)
    return b"".join(map(_encoder(call), events_of(response)))


def same_form(call: Call, other: Call) -> bool:
    """The bytes of a stream for the one will do for the other."""
    if call.arrival.face is not other.arrival.face or call.streams is not other.streams:
        return False
    peek, theirs = call.peek, other.peek
    return not call.streams or (
        peek is not None and theirs is not None and peek.wants_stream_usage == theirs.wants_stream_usage
    )


def as_streamed(call: Call) -> Request:
    """As much of the request as the shape of a stream depends on: a prompt is not read for it."""
    peek = call.peek
    assert peek is not None
    return Request(peek.model, (), stream=True, stream_usage=peek.wants_stream_usage)


def _encoder(call: Call) -> Callable[[StreamEvent], bytes]:
    return call.arrival.face.stream_encoder(as_streamed(call)).encode


async def _failure(
    pieces: AsyncGenerator[bytes, None], ending: Callable[[], Ending | None]
) -> PointsmanError | None:
    """Why a stream that ends with an error event did so, as it was known before it was made one."""
    async for _ in pieces:
        continue
    over = ending()
    return None if over is None else over.failure


def _unreadable() -> UpstreamMalformed:
    return UpstreamMalformed("The answer that this request shares cannot be read in its own dialect.")
