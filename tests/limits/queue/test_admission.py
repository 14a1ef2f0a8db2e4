from __future__ import annotations

import asyncio

import pytest

from pointsman.errors import RateLimited
from pointsman.limits import Limit, MemoryLimits, Reservation, Scope, make_limit
from pointsman.limits.queue.admission import Admission
from pointsman.limits.queue.asking import AskLocal
from pointsman.limits.queue.room import Room
from pointsman.limits.turns.scheduler import Scheduler
from pointsman.limits.turns.seen import Seen
from pointsman.limits.values.ticket import Ticket

RPM = make_limit(Scope("deployment", "acme/model"), "rpm", 60)
SECOND = 1_000_000


class Door:
    """An admission to a limit of which all is taken, and those who wait for it."""

    def __init__(self, limit: Limit = RPM) -> None:
        self.now_us = 0
        self.limit = limit
        self.seen = Seen()
        self.scheduler = Scheduler(self.seen)
        self.room = Room[str](100)
        store = MemoryLimits()
        held = store.reserve((limit,), (limit.amount,) * 7, 0)
        assert isinstance(held, Reservation)
        asking = AskLocal(store, lambda: self.now_us)
        self.admission = Admission(asking, self.scheduler, self.seen, self.room, lambda: self.now_us)

    def ticket(self, key: str = "a", max_wait: float = 1_000.0) -> Ticket:
        deadline_us = self.now_us + round(max_wait * SECOND)
        return Ticket(
            (self.limit,),
            (1, 0, 0, 0, 0, 0, 1),
            key=key,
            lane="lane",
            at_us=self.now_us,
            deadline_us=deadline_us,
        )

    def join(self, key: str = "a", max_wait: float = 1_000.0) -> Ticket:
        ticket = self.ticket(key, max_wait)
        self.room.join(ticket, "")
        self.scheduler.join(ticket)
        return ticket

    def wait(self, key: str = "a", max_wait: float = 1_000.0) -> float:
        """Seconds that it is let wait."""
        found = asyncio.run(self.admission.admit(self.ticket(key, max_wait), None))
        assert found.wait_us is not None
        return found.wait_us / SECOND


def test_it_waits_for_those_before_it() -> None:
    door = Door()
    for _ in range(9):
        door.join()
    assert door.wait() == 10
    assert door.wait("b") == 2


@pytest.mark.parametrize(("margin", "after"), [(0, 0.5), (0.2, 10 - 9.5 / 1.2)])
def test_beyond_its_deadline_it_is_told_when_to_come_again(margin: float, after: float) -> None:
    door = Door()
    for _ in range(9):
        door.join()
    for _ in range(round(margin * 20)):
        door.seen.late("lane")
    with pytest.raises(RateLimited) as refused:
        door.wait(max_wait=9.5)
    assert refused.value.retry_after == pytest.approx(after, abs=1e-5)


@pytest.mark.parametrize(
    ("others", "patience", "gone"), [(0, 30.0, False), (1, 5.0, True), (1, 500.0, False), (9, 500.0, True)]
)
def test_the_last_is_given_up_if_those_before_it_leave_it_no_time(
    others: int, patience: float, gone: bool
) -> None:
    """All of a's would start in time; one other with more time can be put behind its last, and nine cannot,
    since by their turn they will have started before."""
    door = Door()
    last = [door.join(max_wait=5.0) for _ in range(5)][-1]
    door.scheduler.lanes["lane"].pace_us = SECOND
    for number in range(others):
        door.join(f"b{number}", patience)
    assert door.admission.hopeless("lane") is (last if gone else None)
    assert door.admission.hopeless("other") is None


def test_who_waited_in_vain_is_told_when_the_same_would_be_let_wait() -> None:
    door = Door()
    for _ in range(9):
        door.join()
    error = door.admission.missed(door.ticket(max_wait=4.0))
    assert isinstance(error, RateLimited)
    assert error.retry_after == pytest.approx(6, abs=1e-5)
