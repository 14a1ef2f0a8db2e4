"""An answer as it comes, for any number of clients who each get all of it: the past, then the live part."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing

from pointsman.errors import InternalError, PointsmanError, StreamBroken
from pointsman.gateway.call.values import Answer, HeaderList
from pointsman.http1 import Leave

from .event_ids import RESUMABLE, EventId, EventIds, place_behind
from .held import Held

BEHIND = 1 << 20
"""Bytes by which the quickest client may be behind what has come, and any other behind an answer that is not
kept as a whole."""


PIECE_BYTES = 48
"""What a piece takes besides its content."""
STREAM_BYTES = 3_000
"""What a stream with a task of its own takes besides its pieces."""


def fell_behind() -> StreamBroken:
    return StreamBroken(
        f"This answer is shared with others, and was read more than {BEHIND >> 20} MB behind the quickest of "
        "them, which is more than is kept of it. Ask again, and read it faster.",
        code="fell_behind",
    )


def _nothing() -> None:
    """To do."""


class Seat:
    """One client's place."""

    __slots__ = ("at", "gone", "late", "skips", "taken")

    def __init__(self) -> None:
        self.at = 0
        """Number of the next piece."""
        self.skips = 0
        """Bytes of that piece that it has."""
        self.taken = 0
        """Bytes of all that it has."""
        self.gone = False
        self.late = False
        """It was given back because it was too far behind."""


class Following:
    """One answer under way. Whoever makes it calls ``begin``, ``put`` and ``end``.

    Args:
        most: bytes of it that are held, besides what ``held`` allows; beyond, only who is there already
            gets the rest of it, and nobody can come later (``over``).
        deserted: called when the last client has left before the end, or rather its seat; and when nobody is
            there as it turns ``over``, so that nobody can come back either.
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
        self._came = 0
        """Bytes of all pieces that ever came."""
        self._changed: asyncio.Event | None = None
        """What they wait on who wait."""

    @property
    def seats(self) -> int:
        return len(self._seats)

    @property
    def too_large(self) -> bool:
        """By itself, however much room there is."""
        return self._came > self._most

    # -- for whoever makes it

    def begin(self, status: int, headers: HeaderList, *, streamed: bool) -> None:
        self.status, self.headers, self.streamed = status, list(headers), streamed
        self.begun = True
        self._note()
        self.wake()

    def put(self, piece: bytes) -> None:
        if not piece:
            return
        self._pieces.append(piece)
        self._came += len(piece)
        self._count(len(piece), 1)
        if self.streamed and not self.over and (self._size > self._most or self._held.is_full()):
            self.outgrow()
        else:
            self._trim()
        self.wake()

    def outgrow(self) -> None:
        """There is no room for it. What nobody who is there needs is let go of at once."""
        self.over = True
        self._note()
        self._trim()
        if not self._seats:
            self._deserted()

    async def take(self, answer: Answer, request_id: str) -> None:
        """All of an answer. The events of a stream get ids; what it raises in its midst is passed on."""
        body = answer.body
        if isinstance(body, bytes):
            self.begin(answer.status, answer.headers, streamed=False)
            self.put(body)
            return
        self.begin(answer.status, [*answer.headers, RESUMABLE], streamed=True)
        mark = EventIds(request_id).mark
        try:
            async with aclosing(body) as pieces:
                async for piece in pieces:
                    self.put(mark(piece))
                    await self.room()
        except BaseException as error:
            self.broken = error
            raise

    async def made_by(self, work: Awaitable[None], request_id: str) -> None:
        """Do what makes it. An error of that is its end; a bug is passed on, and an error for its clients."""
        try:
            await work
        except PointsmanError as error:
            self.end(error)
        except BaseException:
            self.end(InternalError(f"Internal error; its id is {request_id}."))
            raise

    async def room(self) -> None:
        """Wait until somebody is nearly as far as it has come. Who is much slower than that does not get the
        rest, where it is not kept: it would hold up the others, or take any amount of memory."""
        if self._size <= BEHIND:
            return
        while self._seats and self._came - max([seat.taken for seat in self._seats]) > BEHIND:
            await self._change()
        if self.over:
            for seat in [seat for seat in self._seats if self._came - seat.taken > BEHIND]:
                seat.late = True
                self.give_back(seat)

    def end(self, error: PointsmanError | None = None) -> None:
        self.error = error
        self.done = True
        self._note()
        self.wake()

    def whole(self) -> bytes | None:
        """All of it; None if that is not held."""
        if self.over or self._size > self._most:
            return None
        return b"".join(self._pieces)

    def held(self) -> bytes:
        """What of it is held: all, where it is no stream."""
        return b"".join(self._pieces)

    def release(self) -> None:
        """It is not given to anybody else any more."""
        self._held.alone.pop(self, None)
        self._held.bytes -= self._size + PIECE_BYTES * len(self._pieces)
        self._held = Held(0)
        self._deserted = _nothing  # who is told knows this one: no collector has to find the two

    # -- for who follows

    def sit(self, leave: Leave) -> Seat:
        """A client is there, until ``leave`` says otherwise or its seat is given back."""
        seat = Seat()
        self._seats.add(seat)
        self._note()
        leave.child().listen(lambda: self.give_back(seat))
        return seat

    def give_back(self, seat: Seat) -> None:
        if seat.gone:
            return
        seat.gone = True
        self._seats.discard(seat)
        self._note()
        self._trim()
        self.wake()
        if not self._seats and not self.done:
            self._deserted()

    async def until(self, ready: Callable[[], bool]) -> None:
        while not ready():
            await self._change()

    def misses(self, seat: Seat) -> bool:
        """The past is not held any more."""
        return seat.at < self._trimmed

    def go_behind(self, seat: Seat, last: EventId) -> bool:
        """Begin behind an event of a stream that was marked (``event_ids``); False if it is not there."""
        place = place_behind(self._pieces, last)
        if place is None or (not last.number and self._trimmed):
            return False
        seat.at, seat.skips = self._trimmed + place[0], place[1]
        seat.taken = self._came - self._size + sum(map(len, self._pieces[: place[0]])) + place[1]
        return True

    def at_end(self, seat: Seat) -> bool:
        """It came to its end, and there is nothing of it that the client has not."""
        left = self._pieces[seat.at - self._trimmed :]
        return self.done and self.broken is None and sum(map(len, left)) == seat.skips

    def has_all(self, seat: Seat) -> bool:
        """Its client was given every byte of a stream, and may hang up whenever it likes."""
        return 0 < seat.taken == self._came

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
                self.give_back(seat)
                return Answer(self.status, self.headers + more, self.held())
            return Answer(self.status, self.headers + more, await self.read(seat))
        except BaseException:
            self.give_back(seat)
            raise

    async def read(
        self, seat: Seat, tell: Callable[[PointsmanError], bytes] | None = None
    ) -> AsyncGenerator[bytes, None]:
        """The pieces, the past in one. It is begun: closing it gives the seat back, even if nobody reads it.

        Args:
            tell: what to end it with if it is read too slowly; without, that is raised.
        """
        body = self._read(seat, tell)
        await anext(body)
        return body

    async def _read(
        self, seat: Seat, tell: Callable[[PointsmanError], bytes] | None
    ) -> AsyncGenerator[bytes, None]:
        try:
            yield b""
            while not seat.gone:
                new = self._pieces[seat.at - self._trimmed :]
                if new:
                    piece = new[0] if len(new) == 1 else b"".join(new)
                    if seat.skips:
                        piece, seat.skips = piece[seat.skips :], 0
                    seat.at += len(new)
                    seat.taken += len(piece)
                    if self.over or self._size > BEHIND:
                        self._trim()
                        self.wake()
                    if piece:
                        yield piece
                elif self.broken is not None:
                    raise self.broken
                elif self.done:
                    return
                else:
                    await self._change()
            if seat.late:
                if tell is None:
                    raise fell_behind()
                yield tell(fell_behind())
        finally:
            self.give_back(seat)

    # -- within

    def wake(self) -> None:
        changed, self._changed = self._changed, None
        if changed is not None:
            changed.set()

    async def _change(self) -> None:
        if self._changed is None:
            self._changed = asyncio.Event()
        await self._changed.wait()

    def _count(self, size: int, pieces: int) -> None:
        self._size += size
        self._held.bytes += size + PIECE_BYTES * pieces

    def _note(self) -> None:
        """Whether it is one of those that are ended first where room is wanting."""
        alone = self.begun and self.streamed and not (self._seats or self.over or self.done)
        if alone:
            self._held.alone[self] = None
        else:
            self._held.alone.pop(self, None)

    def _trim(self) -> None:
        """Let go of what everybody has, where it is not held for who comes later."""
        if not self.over:
            return
        end = self._trimmed + len(self._pieces)
        behind = min((seat.at for seat in self._seats), default=end) - self._trimmed
        if behind > 0:
            self._count(-sum(map(len, self._pieces[:behind])), -behind)
            del self._pieces[:behind]
            self._trimmed += behind
