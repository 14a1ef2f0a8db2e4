from __future__ import annotations

from typing import Literal

import pytest

from pointsman.limits import Scope, make_limit
from pointsman.limits.eta import Estimate, ahead_of, corrected, estimate, wait_us
from pointsman.limits.limit import MINUTE_US, Level
from pointsman.limits.scheduler import Scheduler
from pointsman.limits.seen import Seen
from pointsman.limits.ticket import Ticket

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


def test_what_is_ahead_takes_as_much_as_calls_really_use() -> None:
    seen = Seen()
    seen.use(RPM, 10, 5)
    assert wait_us(Level(RPM, 60, 0, MINUTE_US), 20, 1, seen) == 11 * SECOND


def ticket(key: str, weight: float = 1.0, priority: int = 0, tokens: int = 0) -> Ticket:
    return Ticket(
        (RPM,),
        (1, tokens, 0, 0, 0, 0, 1),
        key=key,
        lane="lane",
        at_us=0,
        deadline_us=10**12,
        weight=weight,
        priority=priority,
    )


@pytest.mark.parametrize(
    ("waiting", "new", "ahead"),
    [
        ("", ticket("a"), 0),
        ("aaa", ticket("a"), 3),
        ("aaa", ticket("b"), 1),
        ("aaabbb", ticket("a"), 6),
        ("aaaab", ticket("a"), 5),
        ("aaaaabbbbb", ticket("c"), 2),
        ("aaaaabbbbbc", ticket("c"), 5),
        ("aaa", ticket("a", priority=-1), 0),
        ("aaa", ticket("a", priority=1), 3),
    ],
)
def test_what_is_before_a_new_one_follows_from_the_order(waiting: str, new: Ticket, ahead: int) -> None:
    scheduler = Scheduler(Seen())
    for key in waiting:
        scheduler.join(ticket(key))
    assert ahead_of(scheduler, new).count == ahead
    assert estimate(scheduler, new, [Level(RPM, 60, 0, MINUTE_US)], Seen()).wait_us == (ahead + 1) * SECOND


def test_what_is_before_one_that_waits() -> None:
    scheduler = Scheduler(Seen())
    tickets = [ticket("a", tokens=number) for number in range(5)]
    for each in tickets:
        scheduler.join(each)
    assert [ahead_of(scheduler, each).count for each in tickets] == [0, 1, 2, 3, 4]
    scheduler.leave(tickets[0])
    assert [ahead_of(scheduler, each).count for each in tickets[1:]] == [0, 1, 2, 3]


@pytest.mark.parametrize(
    ("found", "wait_us"),
    [
        (Estimate(3, 1_000, make_limit(Scope("model", "m"), "rpm", 9)), 1_210),
        (Estimate(3, 1_000, make_limit(Scope("model", "m"), "rpm", 9, window="rolling")), 1_100),
        (Estimate(0, 1_000, make_limit(Scope("model", "m"), "rpm", 9)), 1_000),  # nobody before it: exact
        (Estimate(3, None, None), None),
        (Estimate(3, 0, None), 0),
    ],
)
def test_an_estimate_is_corrected_by_what_came_of_those_before(found: Estimate, wait_us: int | None) -> None:
    assert corrected(found, 1.21).wait_us == wait_us
