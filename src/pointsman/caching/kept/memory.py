"""Answers kept in this process, within a bound of bytes. Pure: told what time it is.

W-TinyLFU (Einziger, Eytan, Friedman and Manes 2021): what is new goes through a small window by recency. What
leaves the window gets a place only if it was asked for more often than what it would push out, so a scan of
requests that come once pushes out nothing. The rest is a segmented LRU: who is asked for again while on
probation is protected. For answers of unlike size the candidate must outweigh all that it would push out,
taken together (Einziger et al., "Lightweight Robust Size Aware Cache Management", 2021).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from sys import getsizeof

import msgspec

from .sketch import Sketch

_WINDOW = 0.01
_PROTECTED = 0.8
_LARGEST = 0.1
"""Share of the bound that one answer may take."""
_PER_COUNTER = 256
"""Bytes of the bound for each counter of a row: 1.6 % of it are counters."""
_SAMPLE = 20
"""Requests after which counts are halved, for each answer that is kept. With more the popular are told apart
more surely, and it takes longer to notice that others are popular now (``python -m bench.cache``)."""
_WORTH = 8
"""Counters of a row for each request, before which to halve them all would cost more than it tells: while
there is room for everything, nothing is decided by them."""
_TABLES = 2.25
"""What the tables are counted for: when one grows, its old and its new form are there at once, and what is
left of the old one is not all used again. Measured by the kernel's count: ``python -m bench.cache``."""
_ALLOCATOR = 56
"""Bytes of allocations beside what objects say of themselves: rounding, and headers of large blocks."""
_FRAGMENTS = 24
"""Of so many bytes of a body one is counted besides, for what lies idle between blocks of unlike sizes: with
sizes from 0.3 to 8 KB, of which a third grow later, the process else takes 108 % of the bound."""


class Kept(msgspec.Struct, gc=False):
    """One entry."""

    body: bytes
    size: int
    """Bytes that it takes, with all that belongs to it."""
    stored: float
    expires: float
    tenant: str
    route: str
    tags: tuple[str, ...]


class MemoryStats(msgspec.Struct, frozen=True):
    entries: int
    bytes: int
    """All of it: entries, tables and sketch."""
    max_bytes: int
    hits: int
    misses: int
    stored: int
    rejected: int
    """Not admitted, or pushed out of the window."""
    evicted: int
    expired: int


class MemoryStore:
    """
    Args:
        max_bytes: of all that the store holds.
        monotonic: seconds.
    """

    def __init__(self, max_bytes: int, monotonic: Callable[[], float]) -> None:
        self._max = max_bytes
        self._now = monotonic
        width = 1 << max(8, (max(1, max_bytes // _PER_COUNTER) - 1).bit_length())
        self._sketch = Sketch(width)
        self._many = width // _WORTH
        self._window: OrderedDict[bytes, Kept] = OrderedDict()
        self._probation: OrderedDict[bytes, Kept] = OrderedDict()
        self._protected: OrderedDict[bytes, Kept] = OrderedDict()
        self._in_window = self._in_probation = self._in_protected = 0
        self._room = 0
        self._measure()
        self._hits = self._misses = self._stored = self._rejected = self._evicted = self._expired = 0

    def get(self, key: bytes) -> Kept | None:
        """What is kept under ``key``, a digest; None if nothing is, or it has expired. To ask for it counts
        either way: that is what earns it a place."""
        sketch = self._sketch
        sketch.touch(key)
        if sketch.touches >= self._many and sketch.touches >= _SAMPLE * (64 + len(self)):
            sketch.age()
        kept = self._protected.get(key)
        if kept is not None:
            self._protected.move_to_end(key)
        elif (kept := self._probation.get(key)) is not None:
            self._promote(key, kept)
        elif (kept := self._window.get(key)) is not None:
            self._window.move_to_end(key)
        else:
            self._misses += 1
            return None
        if kept.expires <= self._now():
            self._remove(key)
            self._expired += 1
            self._misses += 1
            return None
        self._hits += 1
        return kept

    def put(
        self,
        key: bytes,
        body: bytes,
        *,
        ttl: float,
        tenant: str,
        route: str,
        tags: tuple[str, ...] = (),
        age: float = 0.0,
    ) -> bool:
        """Keep ``body`` for ``ttl`` seconds; False if it is too large for the bound. That it is kept does not
        mean for how long: others may be asked for more.

        Args:
            age: seconds since it was stored elsewhere.
        """
        self._remove(key)
        now = self._now()
        kept = Kept(body, 0, now - age, now + ttl, tenant, route, tags)
        kept.size = _size(key, kept)
        if ttl <= 0 or kept.size > self._max * _LARGEST:
            self._rejected += 1
            return False
        self._stored += 1
        self._window[key] = kept
        self._in_window += kept.size
        self._measure()
        most = self._room * _WINDOW
        while self._in_window > most:
            self._admit(*self._pop_window())
        self._fit()
        return True

    def amend(self, key: bytes, body: bytes) -> bool:
        """Put ``body`` in the place of what is kept under ``key``, for as long as that is. Whether it is
        there, and small enough."""
        kept = self._protected.get(key) or self._probation.get(key) or self._window.get(key)
        if kept is None:
            return False
        changed = msgspec.structs.replace(kept, body=body)
        changed.size = _size(key, changed)
        if changed.size > self._max * _LARGEST:
            return False
        grown = changed.size - kept.size
        if key in self._protected:
            self._protected[key] = changed
            self._in_protected += grown
        elif key in self._probation:
            self._probation[key] = changed
            self._in_probation += grown
        else:
            self._window[key] = changed
            self._in_window += grown
        self._fit()
        return True

    def purge(
        self,
        *,
        tag: str | None = None,
        tenant: str | None = None,
        route: str | None = None,
        older_than: float | None = None,
    ) -> int:
        """Forget what all of the conditions that are given hold for; returns how many that were.

        Args:
            older_than: seconds since it was stored.
        """
        now = self._now()
        gone = [
            key
            for segment in (self._window, self._probation, self._protected)
            for key, kept in segment.items()
            if (tag is None or tag in kept.tags)
            and (tenant is None or kept.tenant == tenant)
            and (route is None or kept.route == route)
            and (older_than is None or now - kept.stored > older_than)
        ]
        for key in gone:
            self._remove(key)
        return len(gone)

    def stats(self) -> MemoryStats:
        return MemoryStats(
            entries=len(self),
            bytes=self._max - self._room + self._in_window + self._in_probation + self._in_protected,
            max_bytes=self._max,
            hits=self._hits,
            misses=self._misses,
            stored=self._stored,
            rejected=self._rejected,
            evicted=self._evicted,
            expired=self._expired,
        )

    def __len__(self) -> int:
        return len(self._window) + len(self._probation) + len(self._protected)

    def __contains__(self, key: bytes) -> bool:
        return key in self._window or key in self._probation or key in self._protected

    def _measure(self) -> None:
        """What the tables leave of the bound. They grow by leaps, so they are asked each time."""
        tables = getsizeof(self._window) + getsizeof(self._probation) + getsizeof(self._protected)
        self._room = self._max - int(_TABLES * tables) - self._sketch.size

    def _promote(self, key: bytes, kept: Kept) -> None:
        size = kept.size
        del self._probation[key]
        self._in_probation -= size
        self._protected[key] = kept
        self._in_protected += size
        most = self._room * (1 - _WINDOW) * _PROTECTED
        while self._in_protected > most and len(self._protected) > 1:
            down, other = self._protected.popitem(last=False)
            self._in_protected -= other.size
            self._probation[down] = other
            self._in_probation += other.size

    def _pop_window(self) -> tuple[bytes, Kept]:
        key, kept = self._window.popitem(last=False)
        self._in_window -= kept.size
        return key, kept

    def _admit(self, key: bytes, kept: Kept) -> None:
        """A place in the main part, if it was asked for more than all that must leave for it."""
        most = self._room * (1 - _WINDOW)
        excess = self._in_probation + self._in_protected + kept.size - most
        if excess > 0:
            victims = self._victims(excess, self._sketch.estimate(key))
            if victims is None:
                self._rejected += 1
                return
            for victim in victims:
                self._remove(victim)
            self._evicted += len(victims)
        self._probation[key] = kept
        self._in_probation += kept.size

    def _victims(self, excess: float, wanted: int) -> list[bytes] | None:
        """The least recent, of at least ``excess`` bytes; None if together they are wanted as much."""
        now, found, weight = self._now(), [], 0
        for segment in (self._probation, self._protected):
            for key, kept in segment.items():
                if kept.expires > now:
                    weight += self._sketch.estimate(key)
                    if weight >= wanted:
                        return None
                found.append(key)
                excess -= kept.size
                if excess <= 0:
                    return found
        return found

    def _fit(self) -> None:
        """Down to the bound where a table has leapt."""
        while self._in_window + self._in_probation + self._in_protected > self._room and len(self):
            segment = self._probation or self._protected or self._window
            self._remove(next(iter(segment)))
            self._evicted += 1

    def _remove(self, key: bytes) -> None:
        if (kept := self._probation.pop(key, None)) is not None:
            self._in_probation -= kept.size
        elif (kept := self._protected.pop(key, None)) is not None:
            self._in_protected -= kept.size
        elif (kept := self._window.pop(key, None)) is not None:
            self._in_window -= kept.size


def _size(key: bytes, kept: Kept) -> int:
    """Bytes of an entry without its place in the tables. Names of tenants and routes are shared by many."""
    body = getsizeof(kept.body)
    own = getsizeof(kept) + getsizeof(key) + body + 2 * getsizeof(kept.stored) + _ALLOCATOR
    own += body // _FRAGMENTS
    return own + (getsizeof(kept.tags) + sum(map(getsizeof, kept.tags)) if kept.tags else 0)
