from __future__ import annotations

import pytest

from pointsman.limits import Scope, make_limit
from pointsman.limits.forecast.ahead import ahead_of
from pointsman.limits.forecast.eta import estimate
from pointsman.limits.turns.fair import PARTS
from pointsman.limits.turns.scheduler import Scheduler
from pointsman.limits.turns.seen import Seen
from pointsman.limits.values.limit import MINUTE_US, Level
from pointsman.limits.values.ticket import Ticket

RPM = make_limit(Scope("deployment", "acme/model"), "rpm", 60)
SECOND = 1_000_000


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


def test_those_before_take_what_they_are_likely_to_use() -> None:
    seen = Seen()
    tpm = make_limit(Scope("key", "a"), "tpm", 1_000)
    seen.use(tpm, 100, 60)
    scheduler = Scheduler(seen)
    amounts = (1, 0, 0, 100, 0, 0, 1)
    for _ in range(2):
        scheduler.join(Ticket((tpm,), amounts, key="a", lane="lane", at_us=0, deadline_us=10**12))
    new = Ticket((tpm,), amounts, key="a", lane="lane", at_us=0, deadline_us=10**12)
    assert ahead_of(scheduler, new).own[tpm.place] == pytest.approx(120)


@pytest.mark.parametrize(("key", "ahead"), [("a", 6), ("b", 5)])
def test_who_owes_has_others_before_it(key: str, ahead: int) -> None:
    """What a took too much it pays in parts, so that its third request comes after a fourth of b."""
    scheduler = Scheduler(Seen())
    tickets = [ticket(name) for name in "aaabbb"]
    for each in tickets:
        scheduler.join(each)
    scheduler.lanes["lane"].fair.owe("a", PARTS * tickets[0].cost)
    assert ahead_of(scheduler, ticket(key)).count == ahead
