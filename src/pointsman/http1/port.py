"""The small port behind which the upstream client stands. Contract tests run against any implementation."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Protocol

import msgspec


class Timeouts(msgspec.Struct, frozen=True):
    """Seconds. None switches one off."""

    connect: float | None = 5.0
    """Name look-up, TCP, proxy and TLS handshake together."""
    first_byte: float | None = 120.0
    """From the request's last byte to the answer's first."""
    idle: float | None = 60.0
    """Between two reads of the answer's body."""
    total: float | None = 600.0
    """From the call to the end of the body."""


class HttpRequest(msgspec.Struct, frozen=True):
    """One request. ``headers`` are sent as they stand, names in lower case; host and content-length are
    added."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Leave(msgspec.Struct, eq=False):
    """Tells a call under way that nobody waits for its answer any more.

    The transport then tells the server at once (it closes its sending side) and goes on reading only for
    what is in flight: the answer ends early, or whole if all of it was under way. So what a provider had
    generated, and bills, is seen and can be counted. One object per call; ``now`` may be called at any time.
    One listens at a time: calls that are made for the same client side by side have a ``child`` each.
    """

    gone: bool = False
    _tell: Callable[[], None] | None = None
    _children: tuple[Leave, ...] = ()

    def now(self) -> None:
        """The client has gone. A second call does nothing."""
        if not self.gone:
            self.gone = True
            if self._tell is not None:
                self._tell()
            for child in self._children:
                child.now()

    def child(self) -> Leave:
        """Another one, that is told when this one is."""
        child = Leave()
        if self.gone:
            child.gone = True
        else:
            self._children += (child,)
        return child

    def listen(self, tell: Callable[[], None] | None) -> None:
        """For the transport: call ``tell`` when the client goes; None stops that."""
        self._tell = tell
        if self.gone and tell is not None:
            tell()


class HttpResponse(Protocol):
    """An answer whose head has arrived. Read it to its end or close it: either frees the connection."""

    status: int
    headers: dict[str, str]
    """Lower-case names; repeated headers joined by ", "."""

    async def read(self) -> bytes:
        """The whole body.

        Raises:
            UpstreamTimeout: idle or total time is over.
            UpstreamUnreachable: the connection broke before the body's end.
        """
        ...

    def chunks(self) -> AsyncIterator[bytes]:
        """The body as it arrives, nothing held back. Raises as ``read`` does."""
        ...

    async def close(self, *, drain: float = 0.0) -> bytes:
        """Give up the rest of the body and tell the server so.

        Args:
            drain: the server is told at once that nobody listens (the sending side is closed), but what it
                had already sent is still read, for at most this many seconds and until it closes too.

        Returns:
            The body bytes that were in flight and that no reader has seen; b"" without ``drain``.
        """
        ...


class Transport(Protocol):
    """Sends requests. Safe for any number of tasks of one event loop."""

    async def send(
        self, request: HttpRequest, timeouts: Timeouts, leave: Leave | None = None
    ) -> HttpResponse:
        """Send and wait for the head of the answer. Cancelling this, or a read of the answer, closes the
        connection: the server learns that nobody listens. ``leave`` is the gentle form of that.

        Raises:
            UpstreamTimeout: connect, first-byte or total time is over; the message says which.
            UpstreamUnreachable: no connection, TLS failure, or closed before an answer.
            UpstreamMalformed: what came is not HTTP/1.1.
        """
        ...

    async def close(self) -> None:
        """Close every connection. Calls under way fail with UpstreamUnreachable."""
        ...
