"""How much of a limit is taken: a bucket that fills continuously, or everything of the last sixty seconds.

Time is a number of microseconds, an argument; levels are integers, so that nothing is lost to rounding.
"""

from __future__ import annotations

from collections import deque
from typing import Protocol

MINUTE_US = 60_000_000


class Level(Protocol):
    """``per_minute`` units, and how many of them are taken."""

    per_minute: int
    total: int
    """Units taken since the beginning."""
    peak: int
    """Most units that were taken at any moment; above ``per_minute`` where some had to be taken on credit."""

    def used(self, now: int) -> int:
        """Units that are taken, a begun one in full."""
        ...

    def remaining(self, now: int) -> int:
        """Whole units there; 0 while it is in debt."""
        ...

    def take(self, amount: int, now: int) -> None:
        """Take without asking; may leave a debt."""
        ...

    def waste(self, now: int) -> None:
        """Count a request that was refused. It is not part of ``total`` and ``peak``."""
        ...

    def wait(self, amount: int, now: int) -> int | None:
        """Microseconds until ``amount`` is there, if nothing else is taken: 0 now, None never."""
        ...

    def until_full(self, now: int) -> int:
        """Microseconds until nothing is taken."""
        ...


class Bucket:
    """All units are there at first, and flow back evenly over a minute, as Anthropic describes it."""

    __slots__ = ("_at", "_level", "peak", "per_minute", "total")

    def __init__(self, per_minute: int, now: int) -> None:
        self.per_minute = per_minute
        self.total = self.peak = 0
        self._level = per_minute * MINUTE_US
        self._at = now

    def _fill(self, now: int) -> int:
        if now > self._at:
            full = self.per_minute * MINUTE_US
            self._level = min(full, self._level + (now - self._at) * self.per_minute)
            self._at = now
        return self._level

    def used(self, now: int) -> int:
        return self.per_minute - self._fill(now) // MINUTE_US

    def remaining(self, now: int) -> int:
        return max(0, self._fill(now) // MINUTE_US)

    def take(self, amount: int, now: int) -> None:
        self._level = self._fill(now) - amount * MINUTE_US
        self.total += amount
        self.peak = max(self.peak, self.used(now))

    def waste(self, now: int) -> None:
        """Takes one unit, or the part of one that is there: a refused request leaves no debt."""
        level = self._fill(now)
        self._level = min(level, max(0, level - MINUTE_US))

    def wait(self, amount: int, now: int) -> int | None:
        if amount > self.per_minute:
            return None
        missing = amount * MINUTE_US - self._fill(now)
        return max(0, -(-missing // self.per_minute))

    def until_full(self, now: int) -> int:
        missing = self.per_minute * MINUTE_US - self._fill(now)
        return -(-missing // self.per_minute)


class Window:
    """The sum over any sixty seconds is bounded: what was taken comes back a minute later, all at once."""

    __slots__ = ("_log", "_sum", "peak", "per_minute", "total")

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self.total = self.peak = 0
        self._log: deque[tuple[int, int]] = deque()
        self._sum = 0

    def used(self, now: int) -> int:
        log = self._log
        while log and log[0][0] + MINUTE_US <= now:
            self._sum -= log.popleft()[1]
        return self._sum

    def remaining(self, now: int) -> int:
        return max(0, self.per_minute - self.used(now))

    def take(self, amount: int, now: int) -> None:
        self.total += amount
        self._add(amount, now)
        self.peak = max(self.peak, self.used(now))

    def waste(self, now: int) -> None:
        self._add(1, now)

    def _add(self, amount: int, now: int) -> None:
        if amount:
            self._log.append((now, amount))
            self._sum += amount

    def wait(self, amount: int, now: int) -> int | None:
        if amount > self.per_minute:
            return None
        over = self.used(now) + amount - self.per_minute
        if over <= 0:
            return 0
        for at, units in self._log:
            over -= units
            if over <= 0:
                return at + MINUTE_US - now
        raise AssertionError("the log holds all that is used")

    def until_full(self, now: int) -> int:
        self.used(now)
        return self._log[-1][0] + MINUTE_US - now if self._log else 0
