"""Limits in this process.

A bucket is made when it is first asked for, and forgotten once it is full again and holds nothing: it is
then as good as a new one. New buckets, and calls where there are many, each look at a few old ones, so that
the work of forgetting is spread evenly and a million keys that were seen once do not stay. Where there are
many, those that are not full yet are packed (``cold.py``). And the buckets are in many small tables, since
a large one would stop everything for as long as it takes to grow.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from pointsman.limits.values.limit import NEVER, UNKNOWN, Amounts, Level, Limit, Shortage
from pointsman.limits.values.port import Reservation

from .bucket import Refill
from .cold import Cold
from .rolling import Rolling
from .slots import Slots

_Bucket = Refill | Rolling | Slots
_NEW: dict[str, Callable[[Limit, int], _Bucket]] = {
    "refill": Refill.new,
    "rolling": Rolling.new,
    "slots": Slots.new,
}

_TABLES = 512
"""A power of two. With 100,000 calls under way each table has some hundred buckets: it grows in 0.1 ms."""
_LAST = _TABLES - 1
_LOOKS = 2
"""Old buckets looked at for each new one: with 1, as many as were ever alive at once could stay."""


class MemoryLimits:
    """A store of this process alone: ``port.LocalLimits``. For one thread, or one event loop.

    Args:
        few: so many buckets are worth no search for idle ones with each call.
        many: beyond so many, those that nobody has asked for of late are packed.
    """

    __slots__ = ("_cold", "_crowded", "_few", "_many", "_now", "_ring", "_tables")

    def __init__(self, few: int = 1_024, many: int = 65_536) -> None:
        self._few = few
        self._many = many
        self._crowded = False
        """There are enough buckets that each call should look at some."""
        self._cold = Cold()
        self._tables: list[dict[str, _Bucket]] = [{} for _ in range(_TABLES)]
        self._ring: deque[str] = deque()
        """The id of every bucket that is not packed, once, in the order in which they are looked at."""
        self._now = 0

    def __len__(self) -> int:
        """How many buckets are remembered."""
        return len(self._ring) + len(self._cold)

    def reserve(self, limits: tuple[Limit, ...], amounts: Amounts, now_us: int) -> Reservation | Shortage:
        """Take ``amounts`` from all of the limits, or from none and say what for and how long to wait."""
        if now_us > self._now:
            self._now = now_us
        else:
            now_us = self._now
        if self._crowded:
            self._look(1)
        tables = self._tables
        for limit in limits:
            name = limit.id
            bucket = tables[hash(name) & _LAST].get(name) or self._open(limit)
            wait = bucket.take(limit, amounts[limit.place], now_us)
            if wait:
                return self._shortage(limits, amounts, limit, wait)
        return Reservation(limits, amounts, now_us)

    def settle(self, reservation: Reservation, used: Amounts, now_us: int) -> None:
        """Replace what was reserved by what was used. A second time does nothing."""
        if reservation.settled:
            return
        reservation.settled = True
        if now_us > self._now:
            self._now = now_us
        else:
            now_us = self._now
        tables = self._tables
        amounts = reservation.amounts
        at_us = reservation.at_us
        for limit in reservation.limits:
            name = limit.id
            place = limit.place
            bucket = tables[hash(name) & _LAST].get(name)
            if bucket is None:  # nothing was reserved from it, or it would be there
                if not used[place]:
                    continue
                bucket = self._open(limit)
            bucket.settle(amounts[place], used[place], at_us, now_us)

    def charge(self, limit: Limit, amount: int, now_us: int) -> None:
        """Take without asking. Slots are left alone, since nobody would give them back."""
        self._now = max(self._now, now_us)
        if amount:  # who takes nothing brings no new limit either
            (self._find(limit) or self._open(limit)).charge(limit, amount, self._now)

    def levels(self, limits: Sequence[Limit], now_us: int) -> list[Level]:
        """How each of them stands, in their order."""
        self._now = max(self._now, now_us)
        levels = []
        for limit in limits:
            bucket = self._find(limit) or self._cold.get(limit.id)
            levels.append(Level(limit, 0, 0, 0) if bucket is None else bucket.level(limit, self._now))
        return levels

    def _find(self, limit: Limit) -> _Bucket | None:
        return self._tables[hash(limit.id) & _LAST].get(limit.id)

    def _open(self, limit: Limit) -> _Bucket:
        self._look(_LOOKS)
        bucket = self._cold.pop(limit.id) or _NEW[limit.window](limit, self._now)
        self._tables[hash(limit.id) & _LAST][limit.id] = bucket
        self._ring.append(limit.id)
        self._crowded = len(self._ring) > self._few or len(self._cold) > 0
        return bucket

    def _look(self, count: int) -> None:
        """Forget those of the next ``count`` buckets that are idle, and pack others where there are many."""
        ring, now, many = self._ring, self._now, self._many
        for _ in range(min(count, len(ring))):
            name = ring.popleft()
            table = self._tables[hash(name) & _LAST]
            bucket = table[name]
            if bucket.idle(now) or (
                len(ring) >= many and type(bucket) is Refill and self._cold.put(name, bucket)
            ):
                del table[name]
            else:
                ring.append(name)
        if self._cold:
            self._cold.forget(now, count)
        self._crowded = len(ring) > self._few or len(self._cold) > 0

    def _shortage(self, limits: tuple[Limit, ...], amounts: Amounts, first: Limit, longest: int) -> Shortage:
        """Give back what was taken before ``first``, and find the limit to wait for longest."""
        now, short, before = self._now, first, True
        for limit in limits:
            amount = amounts[limit.place]
            if limit is first:
                before = False
            elif not before:
                wait = (self._find(limit) or self._open(limit)).wait_us(limit, amount, now)
                if wait > longest:
                    short, longest = limit, wait
            elif amount:
                bucket = self._find(limit)
                assert bucket is not None, "it holds something, and so is not forgotten"
                bucket.undo(amount, now)
        if longest >= UNKNOWN:
            return Shortage(short, None, never=longest == NEVER)
        return Shortage(short, longest)
