"""Buckets that are not full yet, but that nobody has asked for of late: packed, a million in 80 MB.

Where a million keys are used once each within a minute, their buckets flow back by themselves and are looked
at by nobody. Only those are packed of which nothing is held. A bucket's mark is ``full_us · amount - rest``,
with the microsecond from which on it is full: so three numbers of 64 bits say exactly what it was.
"""

from __future__ import annotations

from hashlib import blake2b
from struct import Struct, error

from pointsman.shelves import SHELVES, Shelves

from .bucket import Refill

_WIDTH = 16
_ROW = Struct(">qqq")
_FULL = Struct(">q")


class Cold:
    """Packed buckets, by the ids of their limits."""

    __slots__ = ("_due", "_next", "_rows")

    def __init__(self) -> None:
        self._rows = Shelves(_WIDTH)
        self._next = 0
        self._due = 0

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, name: str, bucket: Refill) -> bool:
        """Keep a bucket. False: something is held of it, or its numbers are too large to be packed."""
        if bucket.held:
            return False
        full_us = -(-bucket.mark // bucket.amount)
        try:
            row = _ROW.pack(full_us, bucket.amount, full_us * bucket.amount - bucket.mark)
        except error:
            return False
        self._rows.put(_key(name), row)
        return True

    def pop(self, name: str) -> Refill | None:
        """Give a bucket out."""
        return _unpacked(self._rows.pop(_key(name))) if self._rows else None

    def get(self, name: str) -> Refill | None:
        """A bucket to look at, which stays where it is."""
        return _unpacked(self._rows.get(_key(name))) if self._rows else None

    def forget(self, now: int, count: int) -> None:
        """Look at the next ``count``, on average, and forget those that are full."""
        self._due += count
        while self._due > 0 and self._rows:
            place, self._next = self._next, (self._next + 1) % SHELVES
            rows = list(self._rows.rows(place))
            kept = [row for row in rows if _FULL.unpack_from(row[1])[0] > now]
            if len(kept) < len(rows):
                self._rows.fill(place, kept)
            self._due -= max(1, len(rows))
        self._due = min(self._due, 0)


def _key(name: str) -> bytes:
    return blake2b(name.encode("utf-8", "surrogatepass"), digest_size=_WIDTH).digest()


def _unpacked(row: bytes | None) -> Refill | None:
    if row is None:
        return None
    full_us, amount, rest = _ROW.unpack(row)
    return Refill(amount, full_us * amount - rest)
