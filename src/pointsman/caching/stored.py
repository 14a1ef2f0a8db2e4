"""What is kept of an answer, and its bytes at rest. Pure."""

from __future__ import annotations

import msgspec

from pointsman.chat import Response, StreamEvent, Usage

from .replay import events_of, response_of

_VERSION = b"\x01"


class Stored(msgspec.Struct, frozen=True):
    """An answer that was whole, and where it came from."""

    said: Response | tuple[StreamEvent, ...]
    """As it came: an answer, or the events of a stream."""
    model: str
    """The catalog's name of the model that answered."""
    provider: str
    stored_us: int
    """Unix time in microseconds."""
    cost: int | None = None
    """What it cost when it was made, in millionths of a millionth of a dollar; None: not known."""
    request_id: str = ""
    """Of the request that paid for it."""
    tags: tuple[str, ...] = ()

    @property
    def response(self) -> Response:
        """For a caller who wants it whole."""
        if isinstance(self.said, Response):
            return self.said
        whole = response_of(self.said)
        assert whole is not None, "only streams with beginning and end are stored"
        return whole

    @property
    def events(self) -> tuple[StreamEvent, ...]:
        """For a caller who wants a stream: event for event as it came, if it came as one."""
        return tuple(events_of(self.said)) if isinstance(self.said, Response) else self.said

    @property
    def usage(self) -> Usage | None:
        """As the provider told it; None where it did not."""
        if isinstance(self.said, Response):
            return self.said.usage
        return getattr(self.said[-1], "usage", None) if self.said else None

    def age(self, now_us: int) -> int:
        """Whole seconds since it was stored, for ``Age``; never below zero."""
        return max(0, (now_us - self.stored_us) // 1_000_000)


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Stored).decode


def pack(stored: Stored) -> bytes:
    """Its bytes; ``envelope.py`` makes them smaller where they leave the process."""
    return _VERSION + _encode(stored)


def unpack(packed: bytes) -> Stored | None:
    """None for bytes that are not of this version, or not whole: whoever finds them asks the provider."""
    if packed[:1] != _VERSION:
        return None
    try:
        return _decode(memoryview(packed)[1:])
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
