"""Counters of calls that requests share. Plain numbers; whoever exports them reads them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

RIDERS = (1, 2, 5, 10, 20, 50, 100)
"""Upper bounds of the histogram."""


class FlightMetrics:
    def __init__(self) -> None:
        self.coalesced = 0
        """Requests that were let join a call under way."""
        self.handed_on = 0
        """Calls that were made for the next one, for a reason that was their maker's alone."""
        self.got_off = 0
        """Requests that could not wait as long as the call for room, and went their own way."""
        self.asked_again = 0
        """Requests for whole answers whose call was a stream that broke, and that were tried again."""
        self.under_way: Callable[[], int] = lambda: 0
        """Calls."""
        self.riding: Callable[[], int] = lambda: 0
        """Requests that wait for those, or read from them."""
        self.landed = [0] * (len(RIDERS) + 1)
        """Calls that are over, by how many requests had a part in them; the last place is for all above."""
        self.carried = 0
        """Those requests."""

    def land(self, riders: int) -> None:
        self.landed[bisect_left(RIDERS, riders)] += 1
        self.carried += riders
