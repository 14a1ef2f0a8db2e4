from __future__ import annotations

import pytest

from pointsman.limits import Limit, Reservation, Scope, Shortage, make_limit
from pointsman.limits.local.memory import MemoryLimits
from pointsman.limits.turns.scheduler import Scheduler
from pointsman.limits.turns.seen import Seen
from pointsman.limits.values.ticket import Ticket

ACCOUNT = make_limit(Scope("provider", "acme"), "tpm", 6_000)
LANES = {name: make_limit(Scope("deployment", name), "tpm", 6_000) for name in ("x", "y")}


class Desk:
    """A scheduler and a store, and a clock that is set by hand."""

    def __init__(self) -> None:
        self.scheduler, self.store, self.now = Scheduler(Seen()), MemoryLimits(), 0

    def join(self, key: str, tokens: int, lane: str = "x", limits: tuple[Limit, ...] = ()) -> Ticket:
        amounts = (1, tokens, 0, tokens, tokens, tokens, 1)
        limits = (*limits, LANES[lane], ACCOUNT)
        ticket = Ticket(limits, amounts, key=key, lane=lane, at_us=self.now, deadline_us=10**12)
        self.scheduler.join(ticket)
        return ticket

    def pump(self, now_us: int | None = None) -> list[Ticket]:
        """All that can start now."""
        self.now = self.now if now_us is None else now_us
        self.scheduler.wake_due(self.now)
        started = []
        while (ticket := self.scheduler.next(self.now)) is not None:
            answer = self.store.reserve(ticket.limits, ticket.amounts, self.now)
            if isinstance(answer, Reservation):
                started.append(ticket)
                self.scheduler.started(ticket, self.now)
            else:
                self.scheduler.short(ticket, answer, self.now)
        return started


def test_it_says_when_to_ask_again_and_nobody_behind_is_asked_for() -> None:
    desk = Desk()
    first, large, small = desk.join("a", 6_000), desk.join("a", 3_000), desk.join("a", 10)
    assert desk.pump() == [first]
    assert desk.scheduler.due_us() == 30_000_000
    assert desk.pump(29_999_999) == []
    assert desk.pump(30_000_000) == [large]
    assert desk.scheduler.due_us() == 30_100_000
    assert desk.pump(30_100_000) == [small]
    assert (desk.scheduler.count, desk.scheduler.due_us()) == (0, None)
    assert (desk.scheduler.lanes, desk.scheduler.gates) == ({}, {})


def test_who_takes_the_place_of_the_first_is_asked_for_at_once() -> None:
    desk = Desk()
    desk.join("a", 6_000)
    desk.pump()
    large, small = desk.join("a", 5_000), desk.join("a", 50)
    assert desk.pump(1_000_000) == []
    desk.scheduler.leave(large)
    desk.scheduler.leave(large)
    assert desk.pump() == [small]


def test_other_lanes_of_the_account_wait_behind_who_claims_it() -> None:
    desk = Desk()
    desk.store.charge(ACCOUNT, 6_000, 0)
    large, other = desk.join("a", 3_000, "x"), desk.join("b", 10, "y")
    assert desk.pump() == []
    assert desk.scheduler.stands_behind(
        Ticket((ACCOUNT,), large.amounts, key="c", lane="z", at_us=0, deadline_us=0)
    )
    assert desk.pump(29_000_000) == []
    assert desk.pump(30_100_000) == [large, other]


def test_who_waits_for_a_lane_gives_up_the_claim_on_the_account() -> None:
    desk = Desk()
    desk.store.charge(ACCOUNT, 6_000, 0)
    desk.join("a", 3_000, "x")
    other = desk.join("b", 3_000, "y")
    assert desk.pump() == []
    desk.store.charge(LANES["x"], 12_000, 0)  # a provider said so
    assert desk.pump(30_000_000) == [other]


def test_a_key_at_its_own_limit_stands_aside() -> None:
    desk = Desk()
    own = make_limit(Scope("key", "a"), "rpm", 1)
    mine, second = desk.join("a", 10, limits=(own,)), desk.join("a", 10, limits=(own,))
    others = [desk.join("b", 10) for _ in range(3)]
    assert desk.pump() == [mine, *others]
    assert desk.scheduler.due_us() == 60_000_000
    assert desk.pump(60_000_000) == [second]


def test_a_limit_that_changes_is_changed_for_those_who_wait() -> None:
    desk = Desk()
    desk.store.charge(LANES["x"], 6_000, 0)
    ticket = desk.join("a", 6_000)
    assert desk.pump() == []
    desk.scheduler.revise([make_limit(LANES["x"].scope, "tpm", 12_000)])
    assert desk.pump() == [ticket]


@pytest.mark.parametrize("real", [0, 50, 400])
def test_a_key_pays_for_what_it_really_took(real: int) -> None:
    desk = Desk()
    first = desk.join("a", 100)
    desk.store.charge(LANES["x"], 5_900, 0)
    order = [desk.join(key, 100) for key in "bababababab"]
    ticket = desk.scheduler.next(0)
    assert ticket is first
    charge = desk.scheduler.started(first, 0)
    used = (1, real, 0, real, real, real, 1)
    desk.scheduler.correct(charge, first.limits, first.amounts, used, 0)
    desk.store.charge(LANES["x"], 100, 0)
    started = [ticket.key for at in range(1, 12) for ticket in desk.pump(at * 1_000_000 + 60_000_000)]
    assert len(started) == len(order)
    assert "".join(started[:4]) == {0: "baba", 50: "baba", 400: "babb"}[real]


def test_an_answer_that_comes_too_late_is_for_the_next_in_turn() -> None:
    desk = Desk()
    first = desk.join("a", 10)
    assert desk.scheduler.next(0) is first
    desk.scheduler.leave(first)
    second = desk.join("b", 10)
    desk.scheduler.dropped(first)
    assert desk.pump() == [second]
    third = desk.join("a", 10)
    assert desk.scheduler.next(0) is third
    third_is_not_first = desk.join("a", 10)
    desk.scheduler.short(third, Shortage(ACCOUNT, 5), 0)
    assert desk.pump(5) == [third, third_is_not_first]
