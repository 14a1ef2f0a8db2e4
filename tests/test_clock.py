from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from pointsman.clock import Clock, SystemClock
from tests.support.clock import FakeClock, to_us


def test_the_system_clock_tells_unix_time_in_microseconds() -> None:
    clock = SystemClock()
    before = to_us(datetime.now(UTC))
    now = clock.now_us()
    after = to_us(datetime.now(UTC))
    assert before <= now <= after


def test_the_system_clock_tells_the_date_in_utc() -> None:
    before = datetime.now(UTC).date()
    today = SystemClock().today()
    assert before <= today <= datetime.now(UTC).date()


def test_the_monotonic_clock_never_runs_backwards() -> None:
    clock = SystemClock()
    readings = [clock.monotonic() for _ in range(100)]
    assert readings == sorted(readings)


def test_a_fake_clock_stands_still_until_it_is_advanced() -> None:
    clock = FakeClock(datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC))
    start, started = clock.now_us(), clock.monotonic()
    assert clock.now_us() == start
    assert clock.today() == date(2026, 11, 30)
    clock.advance(1.5)
    assert clock.now_us() == start + 1_500_000
    assert clock.monotonic() == started + 1.5
    assert clock.today() == date(2026, 12, 1)


def test_a_jump_moves_only_the_wall_clock() -> None:
    clock = FakeClock()
    start, started = clock.now_us(), clock.monotonic()
    clock.jump(-3600)
    assert clock.now_us() == start - 3_600_000_000
    assert clock.monotonic() == started


def test_a_fake_clock_refuses_to_run_backwards() -> None:
    with pytest.raises(ValueError, match="backwards"):
        FakeClock().advance(-1)


@pytest.mark.parametrize("clock", [SystemClock(), FakeClock()])
def test_both_are_clocks(clock: Clock) -> None:
    assert clock.now_us() > 0
    assert clock.monotonic() > 0
    assert clock.today() >= date(2020, 1, 1)
