"""What a process that leads has to tell the others, in batches. Pure: told what time it is (seconds).

A batch that was not answered is sent again as it was, under its number; who takes it in twice knows. While
there is nothing to tell, an empty one now and then says that the leader lives.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from .flights import End, Head, Item, Queued

MOST_BATCH = 256 << 10
"""Bytes of pieces in one batch, if it has more than one piece."""
_BEATS = 4
"""Batches in the time of a lease, at least."""


class GaveUp(msgspec.Struct, frozen=True, tag="g", array_like=True):
    """The leader stops, and others may lead."""


Told = Queued | Head | bytes | End | GaveUp
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(list[Told]).decode


def pack_batch(items: Sequence[Told]) -> bytes:
    return _encode(items)


def unpack_batch(packed: bytes) -> list[Told] | None:
    """None for what is of another version, or not whole."""
    try:
        return _decode(packed)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


class Batch(msgspec.Struct, frozen=True):
    number: int
    """From 1 on."""
    items: tuple[Told, ...]
    last: bool
    """Nothing comes after it."""
    lingers: bool
    """The answer is kept: the lead stays taken for a moment, so that who comes meanwhile gets it."""
    joinable: bool
    """Who comes now may still follow: the past is all there."""
    first_shut: bool
    """It is the first that is not joinable: until now the lead was held."""


class Telling:
    """
    Args:
        lease: seconds after which a leader that is not heard is taken for dead.
        most_waiting: bytes that may wait to be told; beyond, it is lost.
        most_past: bytes that are kept for those who come later; beyond, nobody may join any more.
    """

    def __init__(
        self, now: float, lease: float, *, most_waiting: int = 4 << 20, most_past: int = 16 << 20
    ) -> None:
        self.lost = False
        self.over = False
        """All is told that ever will be, or it is lost."""
        self._lease = lease
        self._heard = now
        """When the last batch was begun that was heard."""
        self._begun = now
        self._most_waiting = most_waiting
        self._most_past = most_past
        self._waiting: list[Told] = []
        self._bytes = 0
        self._past = 0
        self._hurry = False
        self._closed = False
        self._lingers = False
        self._shut = False
        self._number = 0
        self._under_way: Batch | None = None

    @property
    def shut(self) -> bool:
        """Nobody may join any more, since too much was told: it leads no longer, though it is followed."""
        return self._shut

    @property
    def more(self) -> bool:
        """Something waits to be told."""
        return bool(self._waiting) or self._hurry

    def add(self, item: Item | GaveUp) -> None:
        if self._closed or self.lost:
            return
        self._waiting.append(item)
        if isinstance(item, bytes):
            self._bytes += len(item)
            if self._bytes > self._most_waiting:
                self.lose()
        elif isinstance(item, End | GaveUp):
            self._closed = True
            self._lingers = isinstance(item, End) and item.stored

    def hurry(self) -> None:
        """Tell now, even if there is nothing."""
        self._hurry = True

    def lose(self) -> None:
        self.lost = self.over = True
        self._waiting.clear()
        self._hurry = False

    def batch(self, now: float) -> Batch | None:
        """What is to be sent now: one that was not answered yet, or the next; None if there is nothing."""
        if self.over:
            return None
        if self._under_way is not None:
            return self._under_way
        if not (self._waiting or self._hurry) and now - self._begun < self._lease / _BEATS:
            return None
        self._begun, self._hurry = now, False
        self._number += 1
        items = self._take()
        was_shut = self._shut
        self._shut = was_shut or self._past > self._most_past
        self._under_way = Batch(
            self._number,
            items,
            last=self._closed and not self._waiting,
            lingers=self._lingers,
            joinable=not self._shut,
            first_shut=self._shut and not was_shut,
        )
        return self._under_way

    def _take(self) -> tuple[Told, ...]:
        size = taken = 0
        for item in self._waiting:
            size += len(item) if isinstance(item, bytes) else 0
            if taken and size > MOST_BATCH:
                break
            taken += 1
        items = tuple(self._waiting[:taken])
        del self._waiting[:taken]
        told = sum(len(item) for item in items if isinstance(item, bytes))
        self._bytes -= told
        self._past += told
        return items

    def heard(self) -> None:
        """The batch was."""
        batch, self._under_way = self._under_way, None
        assert batch is not None, "one is under way"
        self._heard = self._begun
        self.over = self.over or batch.last

    def unheard(self, now: float) -> None:
        """It was not, or nobody knows. It is sent again, until the lease must have lapsed."""
        if now - self._heard > self._lease:
            self.lose()
