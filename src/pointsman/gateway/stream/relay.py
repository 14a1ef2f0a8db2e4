"""Relay a stream from the provider to the client, event by event, and know in the end what it was."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress

import msgspec

from pointsman.dialects.base import Dialect
from pointsman.errors import InternalError, PointsmanError, StreamBroken, UpstreamMalformed
from pointsman.http1 import EventSplitter, HttpResponse, Leave, iter_events

from .pipes import Pipe

_IN_BUFFERS = 0.02
"""Seconds for what the provider has sent and nobody has read."""
_json = msgspec.json.Decoder()
_log = logging.getLogger("pointsman.relay")


class Relay:
    """One stream under way. ``open`` first, then iterate ``rest`` to its end (or close it)."""

    def __init__(
        self,
        response: HttpResponse,
        pipe: Pipe,
        face: Dialect,
        request_id: str,
        leave: Leave,
        settle: Callable[[Relay], None],
        *,
        tells: bool = True,
    ) -> None:
        """
        Args:
            settle: called once the stream is over, if ``rest`` has begun.
            tells: an error ends what the client sees; otherwise that is left to whoever reads ``rest``.
        """
        self.pipe = pipe
        self.error: PointsmanError | None = None
        """Why the stream did not come to its end; None if it did, or if the client left."""
        self.ending: PointsmanError | None = None
        """What ended the bytes; None if the provider itself did, so that all it sent has been seen."""
        self.outcome = ""
        """As it was booked, where that does not end the request."""
        self.cut = False
        """The client left before the end was on its way to it. One that has the last event may hang up at
        once, as OpenAI's SDK does."""
        self._response = response
        self._chunks = response.chunks()
        self._splitter = EventSplitter()
        self._face = face
        self._request_id = request_id
        self._leave = leave
        self._settle = settle
        self._tells = tells

    async def open(self) -> bytes:
        """The first bytes for the client. Until they are sent another attempt could still take over.

        Raises:
            PointsmanError: the stream failed, or told of an error, before its first event.
        """
        try:
            if not self._response.headers.get("content-type", "").startswith("text/event-stream"):
                await self._response.read()
                raise UpstreamMalformed(
                    "The provider answered a streaming request with something else than a stream."
                )
            if first := await self._next():
                return first
            raise StreamBroken("The provider closed the stream before its first event.")
        except BaseException:
            await self._response.close()
            raise

    async def more(self) -> bytes:
        """What comes next, for who does not want to begin with what ``open`` gave; b"" at the end.

        Raises:
            PointsmanError: as ``open``.
        """
        try:
            return await self._next()
        except BaseException:
            await self._response.close()
            raise

    async def close(self) -> None:
        """Give it up before ``rest`` was begun. It is not settled then."""
        await self._response.close()

    async def _next(self) -> bytes:
        async for chunk in self._chunks:
            block = self._splitter.feed(chunk)
            if not block:
                continue
            out = self.pipe.feed(block)
            if self.pipe.error is not None:
                raise self.pipe.error
            if out:
                return out
        out = self._last()
        if self.pipe.error is not None:
            raise self.pipe.error
        return out

    async def rest(self, first: bytes) -> AsyncGenerator[bytes, None]:
        """Everything for the client, ``first`` included, after an empty piece that is there before anything
        is sent. Settles the call whichever way this ends, once that piece was taken."""
        finished = whole = False
        try:
            yield b""
            whole = self._is_over()
            yield first
            try:
                async for chunk in self._chunks:
                    block = self._splitter.feed(chunk)
                    if block and (out := self.pipe.feed(block)):
                        whole = whole or self._is_over()
                        yield out
                    if self.pipe.error is not None:
                        await self._response.close()
                        break
                if out := self._last():
                    whole = whole or self._is_over()
                    yield out
                self.error = self.pipe.error or self._verdict(None)
            except PointsmanError as error:
                self.ending = error
                self.error = self._verdict(error)
            except Exception:  # noqa: BLE001 - a bug of ours: an event for the client, the rest for the log
                _log.exception("request %s failed in the midst of its stream", self._request_id)
                self.ending = self.error = InternalError(f"Internal error; its id is {self._request_id}.")
            if self.ending is not None:
                await self._response.close()
            finished = True
            if self._tells and self.error is not None and self.pipe.error is None:
                yield self._face.encode_stream_error(self.error, self._request_id)
        finally:
            self.cut = (not finished or self._leave.gone) and not whole
            try:
                if not finished:
                    self.ending = StreamBroken("The client closed the stream.")
                    await self._see_unread()
            finally:
                self._settle(self)

    def _is_over(self) -> bool:
        """What is handed out next has the end, and the client is there to be told."""
        return self.pipe.ended and not self._leave.gone

    async def _see_unread(self) -> None:
        """Give up. What a slow client has left in our buffers is billed like the rest."""
        unread = await self._response.close(drain=_IN_BUFFERS)
        with suppress(PointsmanError):
            if block := self._splitter.feed(unread):
                self.pipe.feed(block)

    def _last(self) -> bytes:
        """Some providers leave out the blank line behind their last event. One that was cut is not it."""
        left = self._splitter.rest()
        events = [data for _, data in iter_events(left)]
        if self.pipe.error is None and events and all(map(_is_whole, events)):
            return self.pipe.feed(left + b"\n\n")
        return b""

    def _verdict(self, error: PointsmanError | None) -> PointsmanError | None:
        """What the end of the bytes means. A stream is whole after its terminal event, whatever comes."""
        if self.pipe.ended or self._leave.gone:
            return None
        return error or StreamBroken(
            "The provider closed the stream before its end; what came is incomplete."
        )


def _is_whole(data: bytes) -> bool:
    if data == b"[DONE]":
        return True
    try:
        _json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False
    return True
