"""The only module that reads a clock. Everything else is told what time it is."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the time comes from."""

    def now_us(self) -> int:
        """Unix time in microseconds. It may jump when the machine's clock is set: never measure with it."""
        ...

    def monotonic(self) -> float:
        """Seconds since some moment in the past; never runs backwards."""
        ...

    def today(self) -> date:
        """The date in UTC, by which prices and retirements go."""
        ...


class SystemClock:
    """The clock of this machine."""

    __slots__ = ()

    monotonic = staticmethod(time.monotonic)

    def now_us(self) -> int:
        return time.time_ns() // 1000

    def today(self) -> date:
        return datetime.now(UTC).date()
