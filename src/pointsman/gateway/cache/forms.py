"""The forms of a kept answer: which one a request wants, and how one is worked out from another. Pure.

Where only usage is to be left out of a stream, it is, as where a stream passes through. All else goes through
the hub, as it would on the way from a provider of another dialect.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from pointsman.caching.kept.replay import events_of, in_pieces, response_of
from pointsman.caching.kept.stored import Form, Stored
from pointsman.chat import Response, StreamEnd, StreamEvent, StreamStart, Usage
from pointsman.dialects import get_dialect
from pointsman.dialects.base import Dialect
from pointsman.errors import UpstreamMalformed
from pointsman.gateway.call.call import Call
from pointsman.gateway.flights.retelling import as_streamed
from pointsman.http1 import EventSplitter, iter_events
from pointsman.tokens import count_text

_AT_ONCE = 16_384
"""Bytes of a stream that are read in one go."""

Said = Response | tuple[StreamEvent, ...]


def form_of(call: Call) -> Form:
    """The form in which it wants its answer."""
    peek, dialect = call.peek, call.arrival.face.name
    assert peek is not None
    if not call.streams:
        return Form(dialect)
    options = peek.fields.get("stream_options")
    padded = options is None or b'"include_obfuscation"' not in bytes(options)
    return Form(dialect, True, peek.wants_stream_usage, padded)


def in_form(stored: Stored, form: Form, call: Call, *, cut: bool = False) -> bytes:
    """The answer in a form in which it is not there, for ``call``, who wants that.

    Args:
        cut: of what came whole, a stream has some words at a time.

    Raises:
        PointsmanError: it cannot be read, as where a later version has written it.
    """
    made, said = stored.first
    source, face = get_dialect(made.dialect), call.arrival.face
    if form.streams and made == msgspec.structs.replace(form, tells_usage=True):
        return source.tap(strip_usage=True, count_tokens=count_text).feed(said)
    heard = completed(read(source, made, (said,)), stored.stored_us // 1_000_000, stored.usage)
    if form.streams:
        events = events_of(heard) if isinstance(heard, Response) else heard
        events = in_pieces(events) if cut else events
        return b"".join(map(face.stream_encoder(as_streamed(call)).encode, events))
    whole = whole_of(heard)
    if whole is None:
        raise UpstreamMalformed("The answer that is kept has no beginning or no end.")
    return face.encode_response(whole)


def read(source: Dialect, form: Form, pieces: Iterable[bytes]) -> Said:
    """What an answer says, in the hub.

    Raises:
        PointsmanError: it cannot be read.
    """
    if not form.streams:
        return source.decode_response(b"".join(pieces))
    return tuple([event for part in parts(source, pieces) for event in part])


def parts(source: Dialect, pieces: Iterable[bytes]) -> Iterator[list[StreamEvent]]:
    """What a stream says, a bit at a time: some hundred events at most.

    Raises:
        PointsmanError: it cannot be read.
    """
    decoder, splitter = source.stream_decoder(), EventSplitter()

    def heard(block: bytes) -> list[StreamEvent]:
        return [event for name, data in iter_events(block) for event in decoder.feed(name, data)]

    for piece in pieces:
        for at in range(0, len(piece), _AT_ONCE):
            yield heard(splitter.feed(piece[at : at + _AT_ONCE]))
    yield heard(splitter.rest())


def whole_of(said: Said) -> Response | None:
    """None where it has no beginning or no end."""
    return said if isinstance(said, Response) else response_of(said)


def completed(said: Said, created: int, usage: Usage | None) -> Said:
    """With what not every client is told: when it was made, and what a stream used."""
    replace = msgspec.structs.replace
    if isinstance(said, Response):
        return replace(said, created=said.created or created, usage=usage or said.usage)
    return tuple(
        [
            replace(event, created=event.created or created)
            if isinstance(event, StreamStart)
            else replace(event, usage=usage or event.usage)
            if isinstance(event, StreamEnd)
            else event
            for event in said
        ]
    )
