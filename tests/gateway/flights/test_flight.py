"""What is decided of a flight: who may share, who makes the call, who pays."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.charging import Charge
from pointsman.errors import InvalidRequest, PointsmanError, RateLimited, UpstreamUnavailable
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Plan, Route, Stage
from pointsman.gateway.edge.accept import ANTHROPIC, OPENAI
from pointsman.gateway.flights.flight import Flight, Rider, flight_key
from pointsman.gateway.resume.following import Following, Held
from pointsman.http1 import Leave
from pointsman.ledger.entry import Entry
from pointsman.resilience import RetryPolicy
from tests.support.arrivals import an_arrival
from tests.support.gateway import a_route, ask

ROUTE = a_route()
OTHER = a_route(name="n")


def a_call(number: int = 0, plan: Plan | None = None, face: Any = OPENAI, **fields: Any) -> Call:
    call = Call(an_arrival(ask("m", **fields), face, request_id=f"req_{number}", leave=Leave()))
    call.decide(face.peek(call.arrival.body), plan or Plan(ROUTE, {}))
    return call


class Books:
    """What the journey does of accounting."""

    def __init__(self, charge: Charge = "first") -> None:
        self.entries: dict[str, Entry] = {}
        following = Following(1_000, Held(10_000), lambda: None)
        self.flight = Flight(b"key", following, Leave(), charge, self.account)

    def account(self, call: Call, status: int, outcome: str) -> None:
        assert not call.settled, "booked twice"
        call.settled, call.status, call.outcome = True, status, outcome
        entry = call.entry(2.0)
        if call.booking is not None:
            entry = call.booking(entry)
        assert entry.request_id not in self.entries
        self.entries[entry.request_id] = entry

    def board(self, many: int, **fields: Any) -> list[Rider]:
        return [self.flight.board(a_call(number, **fields)) for number in range(many)]

    def make(self) -> Call:
        made = self.flight.make()
        assert made is not None
        return made

    def answered(self, made: Call, cost: int | None, outcome: str = "ok") -> None:
        attempt = AttemptRecord(1, ROUTE, 0.0, b"", outcome=outcome, cost=cost)
        made.attempts.append(attempt)
        self.account(made, 200, outcome)


# -- who may share


def keyed(plan: Plan | None = None, face: Any = OPENAI, **fields: Any) -> bytes:
    return flight_key(b"k", a_call(0, plan, face, **fields))


def stages(*routes: Route) -> Plan:
    return Plan(routes[0], {}, "", tuple(Stage((route,), (1.0,)) for route in routes), RetryPolicy())


def test_where_an_answer_may_come_from_is_part_of_what_is_shared() -> None:
    asked = [Plan(ROUTE, {}), Plan(OTHER, {}), stages(ROUTE), stages(ROUTE, OTHER)]
    assert len({keyed(plan) for plan in asked}) == len(asked)
    assert keyed(stages(ROUTE, OTHER)) == keyed(stages(ROUTE, OTHER))


def test_dialects_share_unless_a_translation_could_lose_something() -> None:
    assert keyed(face=OPENAI) == keyed(face=ANTHROPIC)
    assert keyed(face=OPENAI, stop=["x"]) != keyed(face=ANTHROPIC, stop_sequences=["x"])
    assert keyed(face=OPENAI, stop=["x"]) == keyed(face=OPENAI, stop=["x"])


# -- who makes the call


def test_it_is_made_for_the_first_who_is_there_and_told_only_by_the_flight_to_stop() -> None:
    books = Books()
    first, second, _ = books.board(3)
    first.leave()
    made = books.make()
    assert second.makes and made.arrival.request_id == "req_1"
    assert made.arrival.leave is books.flight.leave
    assert made.attempts is not second.call.attempts and made.cache == "miss"
    assert {rider.call.made for rider in books.flight.riders} == {made}


@pytest.mark.parametrize(
    ("error", "asked", "own"),
    [
        (RateLimited("full"), False, True),
        (RateLimited("late"), True, True),
        (InvalidRequest("x-pointsman-priority"), False, True),
        (UpstreamUnavailable("down"), True, False),
    ],
)
def test_what_is_the_makers_alone(error: PointsmanError, asked: bool, own: bool) -> None:
    books = Books()
    books.board(2)
    made = books.make()
    if asked:
        made.open_attempt(0.0)
    assert books.flight.is_own(error) is own


def test_nobody_is_left_to_hand_on_to() -> None:
    books = Books()
    _, second = books.board(2)
    books.make()
    second.leave()
    assert not books.flight.is_own(RateLimited("full"))


def test_the_next_one_makes_it_and_the_first_has_an_entry_of_its_own() -> None:
    books = Books()
    first, second = books.board(2)
    books.make()
    error = RateLimited("no room")
    books.flight.hand_on(error)
    assert first.error is error and second.error is None
    assert [(e.request_id, e.status, e.outcome) for e in books.entries.values()] == [("req_0", 429, "error")]
    assert books.flight.open
    books.answered(books.make(), 7)
    assert books.entries["req_1"].cost == 7 and second.makes


def test_who_gets_off_is_booked_by_itself() -> None:
    books = Books()
    books.board(1)
    books.make()
    off = books.flight.board(a_call(1))
    books.flight.get_off(off)
    assert (off.call.rider, off.call.settled, off.call.cache) == (None, False, "miss")
    assert off.seat.gone and books.flight.following.seats == 1


# -- the books


@given(
    cost=st.none() | st.integers(0, 10**15),
    many=st.integers(1, 30),
    charge=st.sampled_from(["first", "split"]),
    streams=st.booleans(),
    outcome=st.sampled_from(["ok", "broken", "error", "cut"]),
    data=st.data(),
)
def test_entries_sum_to_what_the_call_cost(
    cost: int | None, many: int, charge: Charge, streams: bool, outcome: str, data: st.DataObject
) -> None:
    books = Books(charge)
    riders = books.board(many, stream=streams)
    made = books.make()
    for rider in riders:
        rider.seat.at = data.draw(st.integers(0, 2))
        if data.draw(st.booleans()):
            rider.leave()
    books.answered(made, cost, outcome)
    entries = list(books.entries.values())
    assert len(entries) == many and not books.flight.open
    costs = [entry.cost for entry in entries]
    if cost is None:
        assert costs == [None] * many
    else:
        assert sum(c for c in costs if c is not None) == cost and None not in costs
        got = [entry for entry in entries if entry.saved or entry.attempts]
        assert sum(entry.saved or 0 for entry in entries) == cost * (len(got) - 1), "what they had paid alone"
    assert [bool(entry.attempts) for entry in entries].count(True) == 1
    for rider, entry in zip(riders, (books.entries[r.call.arrival.request_id] for r in riders), strict=True):
        if rider.makes:
            continue
        assert (entry.cache, entry.source, entry.provider) == ("coalesced", "req_0", "cache")
        assert entry.outcome == "cut" if rider.seat.gone else entry.outcome != "cut"
        if cost is not None:
            assert entry.cost is not None and entry.saved in (0, cost - entry.cost)


def test_equal_parts_are_for_those_who_got_it() -> None:
    books = Books("split")
    _, _, left, left_early = books.board(4, stream=True)
    made = books.make()
    left.seat.at = 1
    left.leave()
    left_early.leave()
    books.answered(made, 100)
    told = {name: (e.cost, e.saved, e.outcome) for name, e in books.entries.items()}
    assert told == {
        "req_0": (34, 66, "ok"),
        "req_1": (33, 67, "ok"),
        "req_2": (33, 67, "cut"),
        "req_3": (0, 0, "cut"),
    }
    assert books.flight.carried == 4


def test_a_failure_costs_its_maker_and_is_an_error_for_all() -> None:
    books = Books("split")
    books.board(2)
    made = books.make()
    made.attempts.append(AttemptRecord(1, ROUTE, 0.0, b"", outcome="error", cost=9))
    books.flight.refuse(UpstreamUnavailable("down"))
    told = {name: (e.status, e.outcome, e.error, e.cost) for name, e in books.entries.items()}
    down = (503, "error", "upstream_unavailable")
    assert told == {"req_0": (*down, 9), "req_1": (*down, 0)}
