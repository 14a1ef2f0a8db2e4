"""Shared flights over a real Valkey."""

from __future__ import annotations

import asyncio
import itertools
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator

import pytest

from pointsman.caching.shared_answers import Purge
from pointsman.caching.shared_flights import End, Item, LeadLost, SharedFlights
from tests.support.redis_server import RedisServer, redis_server
from tests.support.shared_flights_contract import HEAD, SharedFlightsContract, all_of
from tests.support.shared_lines import Lines

LEASE = 0.5
SOON = 5.0
"""Seconds in which something must happen, on a slow machine."""
_prefix = map("flights {}".format, itertools.count())


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


class Opened:
    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.prefix = next(_prefix)
        self.all: list[Lines] = []

    def __call__(self, *, timeout: float = 1.0, keys: str | None = None) -> Lines:
        made = Lines(self.server.url, self.prefix, timeout=timeout, lease=LEASE, keys=keys)
        self.all.append(made)
        return made


@pytest.fixture
async def process(server: RedisServer) -> AsyncIterator[Opened]:
    opened = Opened(server)
    yield opened
    for lines in opened.all:
        await lines.close()


class TestOverValkey(SharedFlightsContract):
    @pytest.fixture(autouse=True)
    def processes(self, process: Opened) -> None:
        self.process = process

    async def open(self, count: int) -> list[SharedFlights]:
        return [self.process().flights for _ in range(count)]


async def test_a_fast_stream_does_not_cost_a_round_trip_for_each_piece(process: Opened) -> None:
    one, other = process(), process()
    lead = await one.flights.lead(b"k")
    assert lead is not None
    lead.head(HEAD)
    following = other.flights.follow(b"k")
    assert await anext(following) == HEAD
    before = await commands(one)
    pieces = [b"data: %d\n\n" % number for number in range(2000)]
    for number, piece in enumerate(pieces):
        lead.put(piece)
        if number % 50 == 0:
            await asyncio.sleep(0)
    lead.end(End())
    assert [item async for item in following] == [*pieces, End()]
    assert await commands(one) - before < 100
    assert (one.flights.counts.led, other.flights.counts.followed) == (1, 1)


async def commands(lines: Lines) -> int:
    told = await lines.asks.ask("INFO", "stats")
    return int(told["total_commands_processed"])


@pytest.mark.parametrize("told", [0, 1, 3])
async def test_a_dead_leader_is_noticed_within_the_lease_and_another_leads(
    process: Opened, told: int
) -> None:
    one, other, third = process(), process(), process()
    lead = await one.flights.lead(b"k")
    assert lead is not None
    pieces = [b"a", b"b"][: max(0, told - 1)]
    items: list[Item] = [HEAD, *pieces] if told else []
    if told:
        lead.head(HEAD)
    for piece in pieces:
        lead.put(piece)
    following = other.flights.follow(b"k")
    assert [await anext(following) for _ in items] == items
    assert await third.flights.lead(b"k") is None
    await one.die()
    async with asyncio.timeout(SOON):
        with pytest.raises(LeadLost):
            await anext(following)
    leads = await asyncio.gather(*(each.flights.lead(b"k") for each in (other, third) * 3))
    (second,) = [lead for lead in leads if lead is not None]
    second.head(HEAD)
    second.end(End())
    assert other.flights.counts.lapsed == 1


async def test_a_leader_that_was_only_thought_dead_disturbs_nobody(process: Opened) -> None:
    one, other = process(), process()
    lead = await one.flights.lead(b"k")
    assert lead is not None
    lead.head(HEAD)
    await other.tells.ask("DEL", other.flights._base + b"k".hex())  # its lease lapses
    second = await other.flights.lead(b"k")
    assert second is not None
    following = one.flights.follow(b"k")
    second.head(HEAD)
    assert await anext(following) == HEAD
    for piece in (b"x", b"y"):
        lead.put(piece)
    second.put(b"second")
    second.end(End())
    assert [item async for item in following] == [b"second", End()]
    async with asyncio.timeout(SOON):
        while not one.flights.counts.lost:  # counted by the task that was told, a moment after it is known
            await one.tells.ask("PING")
    assert lead.lost
    assert one.flights.counts.lost == 1


async def test_nobody_hangs_where_redis_is_frozen(process: Opened, server: RedisServer) -> None:
    one, other = process(timeout=0.25), process(timeout=0.25)
    for each in (one, other):
        await each.start()
    lead = await one.flights.lead(b"k")
    assert lead is not None
    lead.head(HEAD)
    following = other.flights.follow(b"k")
    untold = other.flights.follow(b"k")
    assert await anext(following) == HEAD
    await one.flights.lead(b"warm")
    server.freeze()
    try:
        async with asyncio.timeout(SOON):
            with pytest.raises(LeadLost):
                await anext(untold)
            assert await other.flights.lead(b"k") is None
            assert other.flights.away
            with pytest.raises(LeadLost):
                await anext(following)
            lead.put(b"a")
    finally:
        server.thaw()
    async with asyncio.timeout(SOON):
        await other.asks.back()
        await other.tells.back()
        while not lead.lost:
            await other.tells.ask("PING")
    assert not other.flights.away


async def test_pieces_are_encrypted_and_bound_to_their_flight(process: Opened) -> None:
    keys = b64encode(b"k" * 32).decode()
    one, other, foreign, plain = process(keys=keys), process(keys=keys), process(), process()
    lead = await one.flights.lead(b"k")
    assert lead is not None
    lead.head(HEAD)
    lead.put(b"the rain in Spain")
    following = other.flights.follow(b"k")
    assert [await anext(following), await anext(following)] == [HEAD, b"the rain in Spain"]
    for name in await one.tells.ask("KEYS", "*flights*"):
        assert b"Spain" not in await one.tells.ask("DUMP", name)
    with pytest.raises(LeadLost):
        await all_of(foreign.flights)
    assert foreign.envelopes.unreadable["encrypted"] == 1
    moved = await plain.flights.lead(b"elsewhere")
    assert moved is not None
    await one.tells.ask("COPY", lead.stream, moved.stream, "REPLACE")
    with pytest.raises(LeadLost):
        await all_of(other.flights, b"elsewhere")
    assert other.envelopes.unreadable["corrupt"] == 1
    lead.end(End())


async def test_all_that_it_leaves_behind_expires(process: Opened) -> None:
    one = process()
    lead = await one.flights.lead(b"k")
    assert lead is not None
    lead.head(HEAD)
    lead.end(End(stored=True))
    assert await all_of(one.flights) == [HEAD, End(stored=True)]
    names = await one.tells.ask("KEYS", f"{{{process.prefix}}}*")
    assert len(names) >= 2
    for name in names:
        assert await one.tells.ask("PTTL", name) != -1


async def test_nobody_new_joins_what_is_too_long_and_who_follows_gets_all(process: Opened) -> None:
    one, other, third = process(), process(), process()
    lead = await one.flights.lead(b"k")
    assert lead is not None
    lead.head(HEAD)
    following = other.flights.follow(b"k")
    assert await anext(following) == HEAD
    piece = bytes(1 << 20)
    for _ in range(18):
        lead.put(piece)
        assert await anext(following) == piece
    lead.put(b"more")
    assert await anext(following) == b"more"
    second = await third.flights.lead(b"k")
    assert second is not None
    second.give_up()
    lead.end(End())
    assert [item async for item in following] == [End()]
    assert not lead.lost


async def test_what_lingers_is_not_given_after_a_purge(process: Opened) -> None:
    one, other = process(), process()
    lead = await one.flights.lead(b"k")
    assert lead is not None
    lead.head(HEAD)
    lead.end(End(stored=True))
    assert await all_of(other.flights) == [HEAD, End(stored=True)]
    await one.answers.purge(Purge(tag="any"))
    with pytest.raises(LeadLost):
        await all_of(other.flights)
    assert await other.flights.lead(b"k") is not None


async def test_a_lead_that_nobody_waits_for_any_more_is_free(process: Opened) -> None:
    one, other = process(), process()
    await one.flights.lead(b"warm")
    asked = asyncio.create_task(one.flights.lead(b"k"))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    async with asyncio.timeout(SOON):
        while (lead := await other.flights.lead(b"k")) is None:
            await other.tells.ask("PING")
    lead.give_up()
