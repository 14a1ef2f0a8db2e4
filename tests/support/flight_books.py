"""The books of one flight, without the rest of a gateway."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from pointsman.caching.rules.charging import Charge
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Plan
from pointsman.gateway.edge.accept import OPENAI
from pointsman.gateway.flights.flight import Flight, Rider
from pointsman.gateway.resume.following import Following
from pointsman.gateway.resume.held import Held
from pointsman.http1 import Leave
from pointsman.ledger.entry import Entry
from tests.support.arrivals import an_arrival
from tests.support.gateway import a_route, ask

ROUTE = a_route()


def a_call(number: int = 0, plan: Plan | None = None, face: Any = OPENAI, **fields: Any) -> Call:
    call = Call(an_arrival(ask("m", **fields), face, request_id=f"req_{number}", leave=Leave()))
    call.decide(face.peek(call.arrival.body), plan or Plan(ROUTE, {}))
    return call


class Books:
    """What the journey does of accounting."""

    def __init__(self, charge: Charge = "first") -> None:
        self.entries: dict[str, Entry] = {}
        self.blocks = 0
        """How often several were booked at once."""
        following = Following(1_000, Held(10_000), lambda: None)
        self.flight = Flight(b"key", following, Leave(), charge, self)

    def account(self, call: Call, status: int, outcome: str) -> None:
        assert not call.settled, "booked twice"
        call.settled, call.status, call.outcome = True, status, outcome
        book: Callable[[Entry, Callable[[Entry], None]], None] | None = call.booking
        record = partial(self.recorded, call)
        if book is None:
            record(call.entry(2.0))
        else:
            book(call.entry(2.0), record)

    def recorded(self, call: Call, entry: Entry) -> None:
        call.cost = entry.cost
        self.record(entry)

    @contextmanager
    def together(self) -> Iterator[None]:
        self.blocks += 1
        yield

    def record_aside(self, entry: Entry) -> None:
        self.record(entry)

    def record(self, entry: Entry) -> None:
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
