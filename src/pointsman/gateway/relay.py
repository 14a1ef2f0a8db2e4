"""Relay a stream from the provider to the client, event by event, and know in the end what it was."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable

from pointsman.dialects.base import Dialect
from pointsman.errors import PointsmanError, StreamBroken, UpstreamError, UpstreamMalformed
from pointsman.http1 import EventSplitter, HttpResponse, Leave

from .pipes import Pipe


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
    ) -> None:
        self.pipe = pipe
        self.error: PointsmanError | None = None
        """Why the stream did not come to its end; None if it did, or if the client left."""
        self.ending: PointsmanError | None = None
        """What ended the bytes; None if the provider itself did, so that all it sent has been seen."""
        self.cut = False
        """The client left before the end."""
        self._response = response
        self._chunks = response.chunks()
        self._splitter = EventSplitter()
        self._face = face
        self._request_id = request_id
        self._leave = leave
        self._settle = settle

    async def open(self) -> bytes:
        """The first bytes for the client. Until they are sent another attempt could still take over.

        Raises:
            UpstreamError: the stream failed, or told of an error, before its first event.
        """
        if not self._response.headers.get("content-type", "").startswith("text/event-stream"):
            await self._response.read()
            raise UpstreamMalformed(
                "The provider answered a streaming request with something else than a stream."
            )
        async for chunk in self._chunks:
            block = self._splitter.feed(chunk)
            if not block:
                continue
            out = self.pipe.feed(block)
            if self.pipe.error is not None:
                await self._response.close()
                raise self.pipe.error
            if out:
                return out
        raise StreamBroken("The provider closed the stream before its first event.")

    async def rest(self, first: bytes) -> AsyncGenerator[bytes, None]:
        """Everything for the client, ``first`` included. Settles the call whichever way this ends."""
        finished = False
        try:
            yield first
            try:
                async for chunk in self._chunks:
                    block = self._splitter.feed(chunk)
                    if block and (out := self.pipe.feed(block)):
                        yield out
                    if self.pipe.error is not None:
                        break
                self.error = self.pipe.error or self._verdict(None)
            except UpstreamError as error:
                self.ending = error
                self.error = self._verdict(error)
            finished = True
            if self.error is not None and self.pipe.error is None:
                yield self._face.encode_stream_error(self.error, self._request_id)
        finally:
            self.cut = (not finished or self._leave.gone) and not self.pipe.ended
            if not finished:
                self.ending = StreamBroken("The client closed the stream.")
                await self._response.close()
            self._settle(self)

    def _verdict(self, error: UpstreamError | None) -> PointsmanError | None:
        """What the end of the bytes means. A stream is whole after its terminal event, whatever comes."""
        if self.pipe.ended or self._leave.gone:
            return None
        return error or StreamBroken(
            "The provider closed the stream before its end; what came is incomplete."
        )
