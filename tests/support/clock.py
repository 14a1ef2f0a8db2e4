"""A clock that moves only when it is told to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Unix time in microseconds, exactly."""
    return (moment - EPOCH) // MICROSECOND


class FakeClock:
    """Starts at ``start`` with the monotonic clock at 1,000 seconds."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)) -> None:
        self._us = to_us(start)
        self._monotonic_us = 1_000_000_000

    def now_us(self) -> int:
        return self._us

    def monotonic(self) -> float:
        return self._monotonic_us / 1_000_000

    def today(self) -> date:
        return (EPOCH + self._us * MICROSECOND).date()

    def advance(self, seconds: float) -> None:
        """Let time pass, on both clocks."""
        if seconds < 0:
            raise ValueError("time does not run backwards; to set the wall clock use jump()")
        step = round(seconds * 1_000_000)
        self._us += step
        self._monotonic_us += step

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back; the monotonic clock does not notice."""
        self._us += round(seconds * 1_000_000)
