"""What the books say of each who had a part in a flight."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Sequence

from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.rules.charging import Charge
from pointsman.caching.shared.flights import End, Head, Item, Payer, Queued
from pointsman.errors import UpstreamUnavailable
from pointsman.gateway.call.account import AttemptRecord
from tests.support.flight_books import ROUTE, Books, a_call


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


# -- across gateways


class NoFollow:
    """A leader that is followed, and what it was told of who pays."""

    def __init__(self) -> None:
        self.named: list[list[str]] = []

    def pay(self, payers: Sequence[Payer]) -> None:
        self.named.append([payer.request_id for payer in payers])

    async def items(self) -> AsyncGenerator[Item, None]:
        return
        yield

    def drop(self) -> None:
        """Nobody is told."""


class NoLead:
    """A lead that nobody hears."""

    lost = False

    def watch(self, followed: Callable[[int], None]) -> None: ...
    def beat(self) -> None: ...
    def queued(self, queued: Queued) -> None: ...
    def head(self, head: Head) -> None: ...
    def put(self, piece: bytes) -> None: ...
    def end(self, end: End) -> None: ...
    def give_up(self) -> None: ...
    async def payers(self) -> tuple[Payer, ...]:
        return ()


@given(
    cost=st.none() | st.integers(0, 10**15),
    here=st.integers(1, 5),
    there=st.lists(st.lists(st.booleans(), max_size=6), max_size=3),
    outcome=st.sampled_from(["ok", "broken", "cut"]),
)
def test_parts_at_other_gateways_are_in_the_books_of_the_one_that_made_the_call(
    cost: int | None, here: int, there: list[list[bool]], outcome: str
) -> None:
    leads = Books("split")
    leads.flight.lead = NoLead()
    leads.board(here, stream=True)
    made = leads.make()
    others = []
    for at, forms in enumerate(there):
        books = Books("split")
        for number, stream in enumerate(forms):
            books.flight.board(a_call(100 * (at + 1) + number, stream=stream))
        others.append(books)
    named = [payer for books in others for payer in books.flight.named()]
    leads.answered(made, cost, outcome)
    assert leads.flight.unbooked is (cost != 0)
    assert bool(leads.entries) is not leads.flight.unbooked
    leads.flight.divide(named)
    leads.flight.divide(named)  # nothing is booked twice
    assert leads.blocks == 1
    end = End(None, False, leads.flight.cost, None, leads.flight.part, leads.flight.payers)
    head = Head("openai_chat", 200, True, (), "req_0", "m", "acme")
    for books, forms in zip(others, there, strict=True):
        if forms:
            books.make()
            books.flight.look_elsewhere(NoFollow())
            assert books.flight.is_told(head)
            books.flight.land_elsewhere(end, None, 2.0)
    entries = [entry for books in (leads, *others) for entry in books.entries.values()]
    parts = [entry for entry in entries if entry.cache == "part"]
    if cost is None:
        assert all(entry.cost is None for entry in leads.entries.values())
        assert all(entry.saved is None for books in others for entry in books.entries.values() if named)
        return
    assert sum(entry.cost or 0 for entry in entries) == cost
    if not cost:
        assert not parts
        return
    pay = [stream or outcome == "ok" for forms in there for stream in forms]
    assert len(parts) == sum(pay)
    each = cost // (here + sum(pay))
    assert {part.cost for part in parts} <= {each} and leads.entries["req_0"].cost == each + cost % (
        here + sum(pay)
    )
    for part in parts:
        rider, _, maker = part.request_id.rpartition(".")
        (own,) = [books.entries[rider] for books in others if rider in books.entries]
        assert (maker, part.source, part.attempts) == ("req_0", "req_0", ())
        assert (part.key_id, part.tenant, part.face, part.stream) == (
            own.key_id,
            own.tenant,
            own.face,
            own.stream,
        )
        assert (own.cost, own.saved) == (0, cost - each)


def test_who_leaves_before_anything_came_is_named_no_more() -> None:
    books, follow = Books("split"), NoFollow()
    first, second = books.board(2, stream=True)
    books.make()
    books.flight.look_elsewhere(follow)
    third = books.flight.board(a_call(2))
    second.seat.at = 1
    second.call.arrival.leave.now()
    first.call.arrival.leave.now()
    third.leave()
    everybody = ["req_0", "req_1", "req_2"]
    assert follow.named[:2] == [everybody[:2], everybody]
    assert follow.named[-1] == ["req_1"]


def test_with_the_first_to_pay_nobody_is_named() -> None:
    books, follow = Books("first"), NoFollow()
    books.board(2)
    books.make()
    books.flight.look_elsewhere(follow)
    assert (follow.named, books.flight.named()) == ([], [])
