"""Limits in this process.

A bucket is made when it is first asked for, and forgotten once it is full again and holds nothing: it is then
as good as a new one. New buckets, and calls where there are many, each look at a few old ones, so that the
work of forgetting is spread evenly and a million keys that were seen once do not stay.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from .bucket import Refill
from .limit import NEVER, UNKNOWN, Amounts, Level, Limit, Shortage
from .port import Reservation
from .rolling import Rolling
from .slots import Slots

_Bucket = Refill | Rolling | Slots
_KINDS: dict[str, type[Refill] | type[Rolling] | type[Slots]] = {
    "refill": Refill,
    "rolling": Rolling,
    "slots": Slots,
}

_FEW = 1_024
"""So many buckets are worth no search for idle ones with each call."""
_LOOKS = 2
"""Old buckets looked at for each new one: at 1, as many as were ever alive at once could stay."""


class MemoryLimits:
    """A store of this process alone: ``port.LocalLimits``. For one thread, or one event loop.

    The limits of one ``reserve`` are all different. A limit with the same id and another amount takes the
    place of the one before, from the ``reserve`` or ``charge`` that brings it; what was used stays used.
    """

    __slots__ = ("_buckets", "_now", "_ring")

    def __init__(self) -> None:
        self._buckets: dict[str, _Bucket] = {}
        self._ring: deque[str] = deque()
        """Every bucket's id once, in the order in which they are looked at."""
        self._now = 0

    def __len__(self) -> int:
        """How many buckets are remembered."""
        return len(self._buckets)

    def reserve(self, limits: tuple[Limit, ...], amounts: Amounts, now_us: int) -> Reservation | Shortage:
        """Take ``amounts`` from all of the limits, or from none and say what for and how long to wait."""
        if now_us > self._now:
            self._now = now_us
        else:
            now_us = self._now
        if len(self._ring) > _FEW:
            self._look(1)
        find = self._buckets.get
        for limit in limits:
            wait = (find(limit.id) or self._open(limit)).take(limit, amounts[limit.place], now_us)
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
        find = self._buckets.get
        amounts = reservation.amounts
        at_us = reservation.at_us
        for limit in reservation.limits:
            place = limit.place
            bucket = find(limit.id)
            if bucket is None:  # nothing was reserved from it, or it would be there
                if not used[place]:
                    continue
                bucket = self._open(limit)
            bucket.settle(amounts[place], used[place], at_us, now_us)

    def charge(self, limit: Limit, amount: int, now_us: int) -> None:
        """Take without asking. Slots are left alone, since nobody would give them back."""
        self._now = max(self._now, now_us)
        bucket = self._buckets.get(limit.id) or self._open(limit)
        bucket.charge(limit, amount, self._now)

    def levels(self, limits: Sequence[Limit], now_us: int) -> list[Level]:
        """How each of them stands, in their order."""
        self._now = max(self._now, now_us)
        found = [(limit, self._buckets.get(limit.id)) for limit in limits]
        return [
            Level(limit, 0, 0, 0) if bucket is None else bucket.level(limit, self._now)
            for limit, bucket in found
        ]

    def _open(self, limit: Limit) -> _Bucket:
        self._look(_LOOKS)
        bucket = self._buckets[limit.id] = _KINDS[limit.window](limit, self._now)
        self._ring.append(limit.id)
        return bucket

    def _look(self, count: int) -> None:
        """Forget those of the next ``count`` buckets that are idle."""
        ring, buckets = self._ring, self._buckets
        for _ in range(min(count, len(ring))):
            name = ring.popleft()
            if buckets[name].idle(self._now):
                del buckets[name]
            else:
                ring.append(name)

    def _shortage(self, limits: tuple[Limit, ...], amounts: Amounts, short: Limit, longest: int) -> Shortage:
        """Give back what was taken before ``short``, and find the limit to wait for longest."""
        now = self._now
        place = limits.index(short)
        for limit in limits[:place]:
            taken = amounts[limit.place]
            if taken:
                self._buckets[limit.id].undo(taken, now)
        for limit in limits[place + 1 :]:
            bucket = self._buckets.get(limit.id) or self._open(limit)
            wait = bucket.wait_us(limit, amounts[limit.place], now)
            if wait > longest:
                short, longest = limit, wait
        if longest >= UNKNOWN:
            return Shortage(short, None, never=longest == NEVER)
        return Shortage(short, longest)
