from __future__ import annotations

from typing import Literal

import pytest

from pointsman.limits import Scope, make_limit
from pointsman.limits.forecast.coming import Coming
from pointsman.limits.forecast.eta import Estimate, drift_of, estimate, wait_us
from pointsman.limits.turns.scheduler import Scheduler
from pointsman.limits.turns.seen import Seen
from pointsman.limits.values.limit import MINUTE_US, Level
from pointsman.limits.values.ticket import Ticket

SCOPE = Scope("deployment", "acme/model")
RPM = make_limit(SCOPE, "rpm", 60)
SLOTS = make_limit(SCOPE, "concurrency", 4)
SECOND = 1_000_000


def level(window: Literal["refill", "rolling"], used: int, free_at_s: float) -> Level:
    return Level(make_limit(SCOPE, "rpm", 60, window=window), used, 0, round(free_at_s * SECOND))


@pytest.mark.parametrize(
    ("at", "before", "own", "seconds"),
    [
        (level("refill", 0, 0), 0, 1, 0),
        (level("refill", 60, 60), 0, 1, 1),
        (level("refill", 60, 60), 9, 1, 10),
        (level("refill", 59, 59), 0, 1, 0),
        (level("refill", 90, 90), 0, 1, 31),
        (level("refill", 30, 30), 0, 60, 30),
        (level("refill", 60, 60), 0, 0, 0),
        (level("rolling", 0, 0), 59, 1, 0),
        (level("rolling", 60, 60), 29, 1, 30),
        (level("rolling", 60, 60), 60 + 29, 1, 90),
        (level("rolling", 0, 0), 60, 1, 60),
    ],
)
def test_one_limit(at: Level, before: float, own: int, seconds: float) -> None:
    found = wait_us(at, before, own, Seen())
    assert found == pytest.approx(seconds * SECOND, abs=1)


def test_a_store_that_can_be_asked_knows_when_a_window_opens() -> None:
    asked = []

    def wait_for(limit: object, amount: int) -> int:
        asked.append(amount)
        return 7 * SECOND

    assert wait_us(level("rolling", 60, 60), 100, 10, Seen(), wait_for) == 7 * SECOND + MINUTE_US
    assert asked == [50]


def test_calls_at_once_are_free_when_calls_have_ended() -> None:
    seen = Seen()
    assert wait_us(Level(SLOTS, 4, 4, 0), 0, 1, seen) is None
    assert wait_us(Level(SLOTS, 3, 3, 0), 0, 1, seen) == 0
    seen.hold(SLOTS, 8 * SECOND)
    assert wait_us(Level(SLOTS, 4, 4, 0), 0, 1, seen) == 2 * SECOND
    assert wait_us(Level(SLOTS, 4, 4, 0), 5, 1, seen) == 12 * SECOND


def test_who_comes_later_and_is_owed_more_is_counted_on() -> None:
    """b sends twice a second; by the order between keys one of its requests goes before each of a's."""
    scheduler, coming = Scheduler(Seen()), Coming()
    for number in range(4):
        scheduler.join(a_ticket())
        coming.see("lane", "b", 10**15 // 60, (1.0, 0, 0, 0, 0, 0, 1), number * SECOND // 2)
    full, mine = [Level(RPM, 60, 0, MINUTE_US)], a_ticket()
    alone = estimate(scheduler, mine, full, Seen())
    assert (alone.wait_us, alone.careful_us) == (5 * SECOND, 5 * SECOND)
    found = estimate(scheduler, mine, full, Seen(), None, coming, 2 * SECOND)
    assert found.wait_us == pytest.approx(9 * SECOND, rel=0.2)
    assert found.wait_us is not None
    assert found.careful_us is not None
    assert found.careful_us > found.wait_us
    assert found.ahead == alone.ahead == 4


def a_ticket() -> Ticket:
    return Ticket((RPM,), (1, 0, 0, 0, 0, 0, 1), key="a", lane="lane", at_us=0, deadline_us=10**12)


@pytest.mark.parametrize(
    ("found", "factor"),
    [
        (Estimate(3, 1_000, make_limit(Scope("model", "m"), "rpm", 9)), 1.21),
        (Estimate(3, 1_000, make_limit(Scope("model", "m"), "rpm", 9, window="rolling")), 1.1),
        (Estimate(0, 1_000, make_limit(Scope("model", "m"), "rpm", 9)), 1),  # nobody before it: exact
        (Estimate(3, None, None), 1),
        (Estimate(3, 0, None), 1),
    ],
)
def test_an_estimate_is_corrected_by_what_came_of_those_before(found: Estimate, factor: float) -> None:
    assert drift_of(found, 1.21) == pytest.approx(factor)
