"""``rolling``: what was taken within the last minute (and the limit's slack) counts, and then no more."""

from __future__ import annotations

from bisect import bisect_left

from pointsman.limits.values.limit import MINUTE_US, NEVER, Level, Limit

_COMPACT = 64
"""Forgotten events at the head of the lists, at least so many before the lists are cut."""


class Rolling:
    """One window: what was taken at which microsecond. ``now`` never runs backwards.

    An event at t counts as long as now - t is less than the window. A reservation is found again by its time,
    and what several took in the same microsecond is one event, of two numbers. Nothing taken is no event. So
    memory is bounded by the requests of one window that took something.
    """

    __slots__ = ("amounts", "head", "held", "times", "total", "window_us")

    def __init__(self, slack_us: int = 0) -> None:
        self.window_us = MINUTE_US + slack_us
        self.times: list[int] = []
        self.amounts: list[int] = []
        self.head = 0
        """The first event that counts still."""
        self.total = 0
        self.held = 0

    @classmethod
    def new(cls, limit: Limit, now: int) -> Rolling:
        """An empty one."""
        return cls(limit.slack_us)

    def wait_us(self, limit: Limit, amount: int, now: int) -> int:
        """Microseconds until ``amount`` fits, 0 if it does now, ``NEVER`` if it is more than the limit."""
        self._forget(limit.slack_us, now)
        return self._wait(limit.amount, amount, now)

    def take(self, limit: Limit, amount: int, now: int) -> int:
        """Take ``amount`` and answer 0; or take nothing, and answer as ``wait_us`` does."""
        self.window_us = window_us = MINUTE_US + limit.slack_us
        times = self.times
        head = self.head
        if head < len(times) and times[head] <= now - window_us:
            self._drop(head, now - window_us)
        total = self.total + amount
        if total > limit.amount:
            return self._wait(limit.amount, amount, now)
        if amount:
            if times and times[-1] == now:
                self.amounts[-1] += amount
            else:
                times.append(now)
                self.amounts.append(amount)
            self.total = total
            self.held += amount
        return 0

    def undo(self, amount: int, now: int) -> None:
        """Forget what was taken in this same microsecond."""
        self.held -= amount
        self.total -= amount
        self.amounts[-1] -= amount
        if not self.amounts[-1]:
            self.times.pop()
            self.amounts.pop()

    def settle(self, reserved: int, used: int, at_us: int, now: int) -> None:
        """Replace what was reserved by what was used, at the time of the reservation."""
        self.held -= reserved
        if used == reserved:
            return
        times = self.times
        place = bisect_left(times, at_us, self.head)
        if place < len(times) and times[place] == at_us:
            self.amounts[place] += used - reserved
            self.total += used - reserved
        elif not reserved and now - at_us < self.window_us:
            times.insert(place, at_us)
            self.amounts.insert(place, used)
            self.total += used

    def charge(self, limit: Limit, amount: int, now: int) -> None:
        """Take without asking; may be more than the limit."""
        self._forget(limit.slack_us, now)
        if amount:
            self._add(amount, now)

    def level(self, limit: Limit, now: int) -> Level:
        """How it stands."""
        self._forget(limit.slack_us, now)
        last = len(self.times) - 1
        while last >= self.head and not self.amounts[last]:
            last -= 1
        free_at_us = self.times[last] + self.window_us - now if last >= self.head else 0
        return Level(limit, self.total, min(self.held, self.total), free_at_us)

    def idle(self, now: int) -> bool:
        """Whether it is as good as new, and may be forgotten."""
        return not self.held and (not self.times or now - self.times[-1] >= self.window_us)

    def _wait(self, limit: int, amount: int, now: int) -> int:
        if amount > limit:
            return NEVER
        over = self.total + amount - limit
        if over <= 0:
            return 0
        place = self.head
        while True:
            over -= self.amounts[place]
            if over <= 0:
                return self.times[place] + self.window_us - now
            place += 1

    def _add(self, amount: int, now: int) -> None:
        if self.times and self.times[-1] == now:
            self.amounts[-1] += amount
        else:
            self.times.append(now)
            self.amounts.append(amount)
        self.total += amount

    def _forget(self, slack_us: int, now: int) -> None:
        """Leave behind what counts no more."""
        self.window_us = MINUTE_US + slack_us
        head = self.head
        if head < len(self.times) and self.times[head] <= now - self.window_us:
            self._drop(head, now - self.window_us)

    def _drop(self, head: int, until: int) -> None:
        """Leave the first that counts behind, and all others that were taken at ``until`` or before."""
        times, amounts, total = self.times, self.amounts, self.total
        total -= amounts[head]
        head += 1
        while head < len(times) and times[head] <= until:
            total -= amounts[head]
            head += 1
        self.total = total
        if head >= _COMPACT and 2 * head >= len(times):  # each event is moved at most once on average
            del times[:head]
            del amounts[:head]
            head = 0
        self.head = head
