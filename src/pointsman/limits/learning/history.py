"""What was sent to a deployment in the last ten minutes, in fifths of a second.

From how much was taken, and when, follows what a limit can be that refused the next call.
"""

from __future__ import annotations

from array import array

from pointsman.limits.values.limit import MINUTE_US

SLOT_US = 200_000
SLOTS = 3_000
_MINUTE_SLOTS = MINUTE_US // SLOT_US


class History:
    """Requests and tokens by the time at which they were sent. Of one size, however much is sent."""

    __slots__ = ("_first", "_last", "_rows", "largest")

    def __init__(self, now_us: int) -> None:
        self._rows = (array("q", bytes(8 * SLOTS)), array("q", bytes(8 * SLOTS)))
        self._first = self._last = now_us // SLOT_US
        """The slots in which the first and the newest lie."""
        self.largest = [1, 1]
        """Most that one call took, by row: no limit is smaller, or it would not have been sent."""

    def add(self, requests: int, tokens: int, at_us: int) -> None:
        """Count, or with negative numbers take back."""
        slot = at_us // SLOT_US
        if slot > self._last:
            self._go_on_to(slot)
        elif slot <= self._last - SLOTS or slot < self._first:
            return
        if tokens > self.largest[1]:
            self.largest[1] = tokens
        requests_row, tokens_row = self._rows
        at = slot % SLOTS
        tokens_row[at] += tokens
        if requests:
            requests_row[at] += requests

    def _go_on_to(self, slot: int) -> None:
        """That is the newest one now; those between saw nothing."""
        for row in self._rows:
            for gone in range(max(self._last + 1, slot - SLOTS + 1), slot + 1):
                row[gone % SLOTS] = 0
        self._last = slot

    def within(self, row: int, since_us: int, until_us: int) -> int:
        """What was sent between two times, to the slot. ``row``: 0 for requests, 1 for tokens."""
        values = self._rows[row]
        start = max(since_us // SLOT_US + 1, self._first, self._last - SLOTS + 1)
        end = min(until_us // SLOT_US, self._last) + 1
        if start >= end:
            return 0
        start, end = start % SLOTS, (end - 1) % SLOTS + 1
        return sum(values[start:end]) if start < end else sum(values[start:]) + sum(values[:end])

    def proven(self, row: int, until_us: int, extra: float) -> float:
        """The least that a limit a minute can be that let all of this through, and ``extra`` more.

        A bucket of C that refills at C a minute lets through at most C · (1 + T) within T minutes, a rolling
        window less: so C is at least what went through within T, divided by 1 + T, for every T.
        """
        values = self._rows[row]
        best, total = 0.0, extra
        end = min(until_us // SLOT_US, self._last)
        for slot in range(end, max(self._first, self._last - SLOTS + 1) - 1, -1):
            total += values[slot % SLOTS]
            best = max(best, total / (1 + (end - slot) / _MINUTE_SLOTS))
        return best

    def drained_us(self, row: int, now_us: int, amount: float) -> int:
        """Microseconds until no rolling minute would exceed ``amount``, were it taken evenly from then on."""
        values = self._rows[row]
        end = now_us // SLOT_US
        start = max(end - _MINUTE_SLOTS + 1, self._first)
        sent = [(slot, values[slot % SLOTS]) for slot in range(start, min(end, self._last) + 1)]
        left = sum(amount for _, amount in sent)
        wait = 0
        for slot, gone in sent:  # until a slot leaves the window, what is sent must fit beside the rest
            room = max(0.0, amount - left)
            wait = max(wait, slot + _MINUTE_SLOTS - end - int(room / amount * _MINUTE_SLOTS))
            left -= gone
        return max(0, wait) * SLOT_US
