"""An answer whose head has arrived, and the part of its body that nobody has read yet."""

from __future__ import annotations

from asyncio import CancelledError
from collections.abc import AsyncIterator, Awaitable
from typing import Protocol

from pointsman.errors import PointsmanError, UpstreamMalformed, UpstreamUnreachable
from pointsman.http1.inflate import Inflater

HIGH_WATER = 256 << 10
"""Unread bytes at which the socket is no longer read, until the reader has taken them."""
READ_MAX = 256 << 20
"""Bytes that ``read`` collects at most."""
DRAIN_MAX = 16 << 20
"""Bytes that ``close`` collects at most."""


class Source(Protocol):
    """The connection, as far as its answer needs to know it."""

    def wait(self, until: float | None = None) -> Awaitable[object]:
        """Done when more of the body, its end or an error has come, or at that time of the loop's clock.

        To be awaited at once. If that is cancelled, the response must be given up.
        """
        ...

    def resume(self) -> None: ...

    def finish_sending(self) -> bool:
        """Close our side only. False if this kind of connection cannot."""
        ...

    def now(self) -> float: ...

    def abort(self) -> None: ...


class Response:
    """Implements ``HttpResponse``. The connection pushes, one reader takes."""

    __slots__ = ("_error", "_inflater", "_pieces", "_size", "_source", "headers", "status")

    def __init__(self, status: int, headers: dict[str, str], source: Source) -> None:
        self.status = status
        self.headers = headers
        self._source: Source | None = source
        """None as soon as the connection has nothing more to do with this answer."""
        self._pieces: list[bytes] = []
        self._size = 0
        self._error: PointsmanError | None = None
        self._inflater: Inflater | None = None
        encoding = headers.get("content-encoding")
        if encoding and encoding.lower() != "identity":
            self._inflater = Inflater(encoding)
            del headers["content-encoding"]
            headers.pop("content-length", None)

    # -- the connection's side

    def push(self, data: bytes) -> None:
        if self._inflater is not None:
            data = self._inflater.feed(data)
            if not data:
                return
        self._pieces.append(data)
        self._size += len(data)

    @property
    def unread(self) -> int:
        """Bytes that the reader has not taken."""
        return self._size

    def complete(self) -> None:
        """The body is whole; the connection goes its own way."""
        self._source = None
        if self._inflater is not None:
            try:
                self._inflater.end()
            except UpstreamMalformed as error:
                self._error = error

    def fail(self, error: PointsmanError) -> None:
        """The body will not be whole. What came of it can still be read before the error is raised."""
        if self._source is not None:
            self._source = None
            self._error = error

    # -- the reader's side

    async def read(self) -> bytes:
        """The whole body; see ``HttpResponse``."""
        while (source := self._source) is not None:
            if self._size > HIGH_WATER:
                return await self._read_large()
            await self._wait(source)
        if self._error is not None:
            raise self._error
        return self._take()

    async def _read_large(self) -> bytes:
        pieces: list[bytes] = []
        size = 0
        async for piece in self:
            pieces.append(piece)
            size += len(piece)
            if size > READ_MAX:
                self.give_up()
                raise UpstreamMalformed(f"The upstream's answer is larger than {READ_MAX} bytes.")
        return b"".join(pieces)

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives; see ``HttpResponse``."""
        return self

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        while not self._pieces:
            if self._source is None:
                if self._error is not None:
                    raise self._error
                raise StopAsyncIteration
            try:
                await self._source.wait()
            except CancelledError:
                self.give_up()
                raise
        return self._take()

    async def _wait(self, source: Source, until: float | None = None) -> None:
        try:
            await source.wait(until)
        except CancelledError:
            self.give_up()
            raise

    async def close(self, *, drain: float = 0.0) -> bytes:
        """Give up the rest; see ``HttpResponse``."""
        if not drain:
            self._pieces.clear()
            self._size = 0
            self.give_up()
            return b""
        collected = [self._take()]
        source = self._source
        if source is not None and source.finish_sending():
            size, until = len(collected[0]), source.now() + drain
            # How it would have gone on is of no interest: an error ends the loop like the end of the body.
            while self._source is not None and size < DRAIN_MAX and source.now() < until:
                await self._wait(source, until)
                collected.append(self._take())
                size += len(collected[-1])
        self.give_up()
        return b"".join(collected)

    def give_up(self) -> None:
        """Close the connection, unless it already serves others."""
        if self._source is not None:
            source = self._source
            self.fail(UpstreamUnreachable("The answer was closed before its end was read."))
            source.abort()

    def _take(self) -> bytes:
        pieces = self._pieces
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        if self._size > HIGH_WATER and self._source is not None:
            self._source.resume()
        self._size = 0
        return data
