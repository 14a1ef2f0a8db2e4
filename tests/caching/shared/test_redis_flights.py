"""Shared flights over a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from pointsman.caching.shared.answers import Purge
from pointsman.caching.shared.flights import End, SharedFlights
from tests.support.redis_server import RedisServer, redis_server
from tests.support.shared_flights_contract import HEAD, SharedFlightsContract, all_of, follow, lead_of
from tests.support.shared_lines import Lines
from tests.support.shared_processes import SOON, Processes


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
async def process(server: RedisServer) -> AsyncIterator[Processes]:
    opened = Processes(server)
    yield opened
    await opened.close()


class TestOverValkey(SharedFlightsContract):
    @pytest.fixture(autouse=True)
    def processes(self, process: Processes) -> None:
        self.process = process

    async def open(self, count: int) -> list[SharedFlights]:
        return [self.process().flights for _ in range(count)]


async def test_a_fast_stream_does_not_cost_a_round_trip_for_each_piece(process: Processes) -> None:
    one, other = process(), process()
    lead = await lead_of(one.flights)
    assert lead is not None
    lead.head(HEAD)
    following = follow(other.flights)
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


async def test_a_leader_that_was_only_thought_dead_disturbs_nobody(process: Processes) -> None:
    one, other = process(), process()
    lead = await lead_of(one.flights)
    assert lead is not None
    lead.head(HEAD)
    await other.tells.ask("DEL", other.flights._base + b"k".hex())  # its lease lapses
    second = await lead_of(other.flights)
    assert second is not None
    following = follow(one.flights)
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


async def test_all_that_it_leaves_behind_expires(process: Processes) -> None:
    one = process()
    lead = await lead_of(one.flights)
    assert lead is not None
    lead.head(HEAD)
    lead.end(End(stored=True))
    assert await all_of(one.flights) == [HEAD, End(stored=True)]
    names = await one.tells.ask("KEYS", f"{{{process.prefix}}}*")
    assert len(names) >= 2
    for name in names:
        assert await one.tells.ask("PTTL", name) != -1


async def test_what_lingers_is_not_given_after_a_purge(process: Processes) -> None:
    one, other = process(), process()
    lead = await lead_of(one.flights)
    assert lead is not None
    lead.head(HEAD)
    lead.end(End(stored=True))
    assert await all_of(other.flights) == [HEAD, End(stored=True)]
    await one.answers.purge(Purge(tag="any"))
    assert await lead_of(other.flights) is not None


async def test_a_lead_that_nobody_waits_for_any_more_is_free(process: Processes) -> None:
    one, other = process(), process()
    await lead_of(one.flights, b"warm")
    asked = asyncio.create_task(lead_of(one.flights))
    await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    async with asyncio.timeout(SOON):
        while (lead := await lead_of(other.flights)) is None:
            await other.tells.ask("PING")
    lead.give_up()
