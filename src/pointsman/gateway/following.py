"""An answer as it comes, for any number of clients who each get all of it: the past, then the live part."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable

from pointsman.errors import PointsmanError
from pointsman.http1 import Leave

from .values import Answer, HeaderList

_BEHIND = 1 << 20
"""Bytes by which the slowest client may be behind an answer that is not kept as a whole."""


class Held:
    """How many bytes are in memory for all answers under way."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.bytes = 0


class Seat:
    """One client's place."""

    __slots__ = ("at", "gone")

    def __init__(self) -> None:
        self.at = 0
        """Number of the next piece."""
        self.gone = False


class Following:
    """One answer under way. Whoever makes it calls ``begin``, ``put`` and ``end``.

    Args:
        most: bytes of it that are held, besides what ``held`` allows; beyond, only who is there already
            gets the rest of it, and nobody can come later (``over``).
        deserted: called when the last client has left before the end, or rather its seat.
    """

    def __init__(self, most: int, held: Held, deserted: Callable[[], None]) -> None:
        self.status = 0
        self.headers: HeaderList = []
        self.streamed = False
        self.error: PointsmanError | None = None
        """Instead of an answer."""
        self.broken: BaseException | None = None
        """A bug ended it."""
        self.begun = self.over = self.done = False
        self._most = most
        self._held = held
        self._deserted = deserted
        self._seats: set[Seat] = set()
        self._pieces: list[bytes] = []
        self._trimmed = 0
        """How many pieces are not held any more."""
        self._size = 0
        """Bytes of the pieces."""
        self._changed = asyncio.Event()

    @property
    def seats(self) -> int:
        return len(self._seats)

    # -- for whoever makes it

    def begin(self, status: int, headers: HeaderList, *, streamed: bool) -> None:
        self.status, self.headers, self.streamed = status, list(headers), streamed
        self.begun = True
        self.wake()

    def put(self, piece: bytes) -> None:
        if not piece:
            return
        self._pieces.append(piece)
        self._count(len(piece))
        if self.streamed and (self._size > self._most or self._held.bytes > self._held.most):
            self.over = True
        if self.over:
            self._trim()
        self.wake()

    async def room(self) -> None:
        """Wait until nobody is far behind, where that matters."""
        while self.over and self._size > _BEHIND and self._seats:
            await self._changed.wait()

    def end(self, error: PointsmanError | None = None) -> None:
        self.error = error
        self.done = True
        self.wake()

    def whole(self) -> bytes | None:
        """All of it; None if that is not held."""
        if self.over or self._size > self._most:
            return None
        return b"".join(self._pieces)

    def release(self) -> None:
        """It is not given to anybody else any more."""
        self._held.bytes -= self._size
        self._held = Held(0)

    # -- for who follows

    def sit(self, leave: Leave) -> Seat:
        """A client is there, until ``leave`` says otherwise or its seat is given back."""
        seat = Seat()
        self._seats.add(seat)
        leave.child().listen(lambda: self.give_back(seat))
        return seat

    def give_back(self, seat: Seat) -> None:
        if seat.gone:
            return
        seat.gone = True
        self._seats.discard(seat)
        if self.over:
            self._trim()
        self.wake()
        if not self._seats and not self.done:
            self._deserted()

    async def until(self, ready: Callable[[], bool]) -> None:
        while not ready():
            await self._changed.wait()

    def misses(self, seat: Seat) -> bool:
        """The past is not held any more."""
        return seat.at < self._trimmed

    async def ended(self) -> None:
        await self.until(lambda: self.done)

    async def answer(self, seat: Seat, more: HeaderList) -> Answer:
        """The answer, with more headers, once its head (or, if it is no stream, all of it) is there; nothing,
        with status 499, for a client that has left.

        Raises:
            PointsmanError: it ended with an error instead.
        """
        try:
            await self.until(lambda: seat.gone or self.done or (self.begun and self.streamed))
            if seat.gone:
                return Answer(499, [], b"")
            if self.error is not None:
                raise self.error
            if not self.streamed:
                whole = b"".join(self._pieces)
                self.give_back(seat)
                return Answer(self.status, self.headers + more, whole)
            body = self._read(seat)
            await anext(body)  # begun: closing it gives the seat back, even if nobody comes to read it
            return Answer(self.status, self.headers + more, body)
        except BaseException:
            self.give_back(seat)
            raise

    async def _read(self, seat: Seat) -> AsyncGenerator[bytes, None]:
        try:
            yield b""
            while not seat.gone:
                new = self._pieces[seat.at - self._trimmed :]
                if new:
                    seat.at += len(new)
                    if self.over:
                        self._trim()
                        self.wake()
                    yield new[0] if len(new) == 1 else b"".join(new)
                elif self.broken is not None:
                    raise self.broken
                elif self.done:
                    return
                else:
                    await self._changed.wait()
        finally:
            self.give_back(seat)

    # -- within

    def wake(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()

    def _count(self, size: int) -> None:
        self._size += size
        self._held.bytes += size

    def _trim(self) -> None:
        """Let go of what everybody has."""
        end = self._trimmed + len(self._pieces)
        behind = min((seat.at for seat in self._seats), default=end) - self._trimmed
        if behind > 0:
            self._count(-sum(map(len, self._pieces[:behind])))
            del self._pieces[:behind]
            self._trimmed += behind
