"""Idempotency keys against an oracle: clients come, leave and come back, providers go on, fail and end, time
passes and processes die, in any order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st

from pointsman.caching.idempotency.idempotency import IdempotencyPolicy
from pointsman.caching.idempotency.memory import MemoryIdempotency
from pointsman.errors import PointsmanError
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.gateway.resume.idempotency import Idempotency
from pointsman.http1 import Leave
from pointsman.ledger import Entry, MemoryLedger
from tests.support.arrivals import an_arrival
from tests.support.entries import make_entry

PIECES = 3
DAY_US = 24 * 3_600 * 1_000_000
POLICY = IdempotencyPolicy(linger=0.0)

Op = tuple[Any, ...]
keys = st.sampled_from([b"a", b"b"])
OPS = st.one_of(
    st.tuples(st.just("ask"), keys, st.sampled_from([b"one", b"two"])),
    st.tuples(st.just("ask"), keys, st.just(b"one")),
    st.tuples(st.just("leave"), st.integers(0, 9)),
    st.tuples(st.just("go_on"), keys),
    st.tuples(st.just("go_on"), keys),
    st.tuples(st.just("fail"), keys),
    st.tuples(st.just("day")),
    st.tuples(st.just("die")),
)


class Upstream:
    """What was asked, each a stream that goes on when it is told to."""

    def __init__(self, ledger: MemoryLedger) -> None:
        self.ledger = ledger
        self.asked: list[str] = []
        self.under_way: dict[str, asyncio.Queue[bytes | None]] = {}

    async def run(self, arrival: Arrival) -> Answer:
        self.asked.append(arrival.request_id)
        steps = self.under_way[arrival.request_id] = asyncio.Queue()
        arrival.leave.listen(lambda: steps.put_nowait(None))
        headers = [(b"x-request-id", arrival.request_id.encode())]
        return Answer(200, headers, self._stream(arrival, steps))

    async def _stream(
        self, arrival: Arrival, steps: asyncio.Queue[bytes | None]
    ) -> AsyncGenerator[bytes, None]:
        outcome = "cut"
        try:
            for _ in range(PIECES):
                piece = await steps.get()
                if piece is None:
                    outcome = "cut" if arrival.leave.gone else "broken"
                    return
                yield piece
            outcome = "ok"
        finally:
            del self.under_way[arrival.request_id]
            entry = make_entry(request_id=arrival.request_id, outcome=outcome)
            self.ledger.record(entry)


class Client(msgspec.Struct):
    key: bytes
    body: bytes
    leave: Leave
    task: asyncio.Task[None] | None = None
    first: str = ""
    """Id of the request whose answer it gets."""
    said: bytes = b""
    refused: str = ""
    ended: bool = False

    async def read(self, ask: Callable[[Arrival], Any], arrival: Arrival) -> None:
        try:
            answer: Answer = await ask(arrival)
        except PointsmanError as error:
            self.refused = error.code
            return
        assert not isinstance(answer.body, bytes)
        self.first = dict(answer.headers)[b"x-request-id"].decode()
        async for piece in answer.body:
            self.said += piece
        self.ended = not self.leave.gone


class Flight(msgspec.Struct):
    """The oracle's idea of a key: who is first, and how far it is."""

    first: str
    body: bytes
    at_us: int
    clients: list[Client]
    pieces: int = 0
    state: str = "live"
    """Or kept, or dead: of a process that died."""

    @property
    def whole(self) -> bytes:
        return said(self.first, PIECES)


def said(ident: str, pieces: int) -> bytes:
    return b"".join(b"%s-%d;" % (ident.encode(), number) for number in range(pieces))


class Machine:
    def __init__(self) -> None:
        self.ledger = MemoryLedger()
        self.repeats: list[Entry] = []
        self.store = MemoryIdempotency(POLICY)
        self.upstream = Upstream(self.ledger)
        self.once = Idempotency(
            self.store, POLICY, self.ledger, record=self.repeats.append, monotonic=lambda: 0.0
        )
        self.now = 1_795_000_000_000_000
        self.count = 0
        self.clients: list[Client] = []
        self.flights: dict[bytes, Flight] = {}
        self.asked: list[str] = []

    async def settle(self) -> None:
        for _ in range(30):
            await asyncio.sleep(0)

    async def ask(self, key: bytes, body: bytes) -> None:
        self.count += 1
        ident = f"req_{self.count}"
        client = Client(key, body, Leave())
        self.clients.append(client)
        arrival = an_arrival(
            body, request_id=ident, at_us=self.now, leave=client.leave, headers={b"idempotency-key": key}
        )
        client.task = asyncio.ensure_future(client.read(self.once.around(self.upstream.run), arrival))
        await self.settle()
        flight = self.flights.get(key)
        if flight is not None and flight.state != "live" and flight.at_us + DAY_US <= self.now:
            flight = None
        if flight is None:
            self.flights[key] = Flight(ident, body, self.now, [client])
            self.asked.append(ident)
            assert (client.first, client.refused) == (ident, "")
        elif flight.body != body:
            assert client.refused == "idempotency_key_reused"
        elif flight.state == "dead":
            assert client.refused == "idempotency_unknown"
        else:
            flight.clients.append(client)
            assert (client.first, client.said) == (flight.first, said(flight.first, flight.pieces))

    async def leave(self, number: int) -> None:
        here = [client for client in self.clients if client.task is not None and not client.task.done()]
        if number >= len(here):
            return
        client = here[number]
        client.leave.now()
        flight = self.flights[client.key]
        flight.clients.remove(client)
        if not flight.clients:
            del self.flights[client.key]
        await self.settle()

    async def go_on(self, key: bytes) -> None:
        flight = self.flights.get(key)
        if flight is None or flight.state != "live":
            return
        piece = b"%s-%d;" % (flight.first.encode(), flight.pieces)
        self.upstream.under_way[flight.first].put_nowait(piece)
        flight.pieces += 1
        await self.settle()
        if flight.pieces == PIECES:
            flight.state = "kept"
        for client in flight.clients:
            assert client.said == said(flight.first, flight.pieces)
            assert client.ended is (flight.state == "kept")

    async def fail(self, key: bytes) -> None:
        flight = self.flights.get(key)
        if flight is None or flight.state != "live":
            return
        self.upstream.under_way[flight.first].put_nowait(None)
        del self.flights[key]
        await self.settle()
        assert all(client.ended for client in flight.clients)

    async def day(self) -> None:
        self.now += DAY_US

    async def die(self) -> None:
        """The clients are gone with it, and what it had begun is found by the next process. The next start
        books what was sent, as ``open_durable`` does."""
        for flight in self.flights.values():
            if flight.state == "live":
                flight.state = "dead"
                self.ledger.record(make_entry(request_id=flight.first))
        tasks = [client.task for client in self.clients if client.task is not None]
        for task in [*tasks, *self.once._tasks]:
            task.cancel()
        await asyncio.gather(*tasks, *self.once._tasks, return_exceptions=True)
        self.once = Idempotency(
            self.store, POLICY, self.ledger, record=self.repeats.append, monotonic=lambda: 0.0
        )

    def check(self) -> None:
        assert self.upstream.asked == self.asked, "each is asked once, and none that need not be"
        assert len(self.once._flights) == sum(flight.state == "live" for flight in self.flights.values())
        booked = [entry.request_id for entry in self.repeats]
        assert len(booked) == len(set(booked)) <= len(self.clients) and not set(booked) & set(self.asked)
        assert {entry.source for entry in self.repeats} <= set(self.asked)
        for client in self.clients:
            assert not client.said or said(client.first, PIECES).startswith(client.said)

    async def play(self, ops: list[Op]) -> None:
        for name, *given_ in ops:
            await getattr(self, name)(*given_)
            self.check()
        await self.die()


@given(st.lists(OPS, max_size=25))
@effort(max_examples=500, deadline=None)
def test_whatever_happens_a_key_has_one_answer(ops: list[Op]) -> None:
    asyncio.run(Machine().play(ops))
