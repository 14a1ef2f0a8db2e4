"""Find out how many calls at once a deployment takes.

A limit on calls at once shows itself by refusals at one and the same number of them, however many were sent
within the minute. It is suspected where most of what was sent within the minute is still under way, for then
a rate has not been tried yet.
"""

from __future__ import annotations

from pointsman.limits.values.limit import MINUTE_US

from .history import History

FEWEST = 2
STRIKES = 2
"""Refusals at clearly fewer calls than were taken before: it is not their number that is limited."""
CLEARLY = 0.95
SAME, OTHERWISE = 0.03, 0.15
"""Two refusals at the same number of calls under way, though many more or fewer were sent before."""
PAUSE_US = 500_000
LONGEST_PAUSE_US = 4_000_000
"""Doubled with each refusal, until a call has gone through."""
HOLD_US = 120_000_000
"""Time without a refusal before one more is tried. Doubled each time that it is refused …"""
LONGEST_HOLD_US = 3_600_000_000
GROW_US = 60_000_000
"""… and where it is not, another follows after a minute."""


class Places:
    """What is believed of one deployment's calls at once."""

    __slots__ = (
        "_acted_us",
        "_best",
        "_grow_us",
        "_hold_us",
        "_later",
        "_refusals",
        "_seen",
        "_strikes",
        "_top",
        "old",
    )

    def __init__(self) -> None:
        self._top: int | None = None
        self._later = False
        """A call was refused that was sent after the first refusal was known."""
        self._best = 0
        """So many were taken at once when it was first believed."""
        self._strikes = 0
        self._acted_us = -1
        self._grow_us = 0
        self._refusals = 0
        self._hold_us = HOLD_US
        self._seen = (0, 0)
        """Calls under way at the last refusal, and sent within the minute before."""
        self.old = 0
        """Calls under way that no bucket of ours counts, since they were sent before there was one."""

    def amount(self) -> int | None:
        """Calls at once that may be counted; None while nothing is believed."""
        return None if self._top is None else max(1, self._top - self.old)

    def suspects(self, in_flight: int, history: History, sent_us: int) -> bool:
        """Whether a refusal at so many calls under way looks like it."""
        if self._strikes >= STRIKES or in_flight < FEWEST:
            return False
        if self._top is not None:
            return True
        sent = history.within(0, sent_us - MINUTE_US, sent_us)
        before, sent_before, self._seen = *self._seen, (in_flight, sent)
        same = abs(before - in_flight) <= SAME * in_flight
        return sent <= 2 * in_flight or (same and abs(sent - sent_before) > OTHERWISE * sent)

    def refuse(self, in_flight: int, sent_us: int, now_us: int, *, counted: bool = False) -> int | None:
        """A call was refused while so many others were under way. Microseconds to pause; None: it cannot be
        their number after all.

        Args:
            counted: there is a bucket already that counts the calls under way.
        """
        if self._top is None:
            self._top = self._best = in_flight
            self.old = 0 if counted else in_flight
        elif sent_us > self._acted_us:
            self._hold_us = min(2 * self._hold_us, LONGEST_HOLD_US)
            self._strikes += in_flight < CLEARLY * self._best - 1
        elif not self._later:
            self._best = min(self._best, in_flight)
        if self._strikes >= STRIKES:
            self._top, self.old = None, 0
            return None
        self._top = max(1, min(self._top, in_flight))
        if sent_us > self._acted_us:
            self._later = self._acted_us >= 0
            self._refusals += 1
        self._acted_us = now_us
        self._grow_us = now_us + self._hold_us
        return min(PAUSE_US << min(self._refusals - 1, 8), LONGEST_PAUSE_US)

    @property
    def unsure(self) -> bool:
        """Whether no call has gone through since the last refusal: then they are tried one by one, lest it be
        something else that is limited."""
        return self._top is not None and self._refusals > 0

    def accept(self, sent_us: int) -> bool:
        """A call went through. Whether that ends being unsure."""
        if sent_us <= self._acted_us or not self._refusals:
            return False
        self._refusals = 0
        return True

    def end(self, sent_us: int) -> bool:
        """A call is over. Whether that changes ``amount``."""
        if sent_us > self._acted_us or not self.old:
            return False
        self.old -= 1
        return True

    def grow(self, now_us: int) -> bool:
        """Let time pass. Whether that changes ``amount``."""
        if self._top is None or now_us < self._grow_us:
            return False
        self._top += max(1, self._top // 50)
        self._grow_us = now_us + GROW_US
        return True
