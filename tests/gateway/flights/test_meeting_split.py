"""Over Valkey: all who get an answer pay a part of it, at whichever gateway they are, and count once."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from pointsman.ledger.entry import Entry
from tests.support.equal_requests import caching, cold
from tests.support.gateway import CHAT, MESSAGES
from tests.support.meeting_calls import asking, held, start, until_all_ride, upstream_calls
from tests.support.provider_bytes import OPENAI_EVENTS, OPENAI_MODEL, OPENAI_WHOLE
from tests.support.redis_server import RedisServer, redis_server
from tests.support.shared_gateways import Replica, replicas

SPLIT = caching(charge="split")


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def entries(made: Sequence[Replica]) -> list[Entry]:
    return [entry for each in made for entry in each.ledger.entries]


def the_cost(made: Sequence[Replica]) -> int:
    """Of all attempts, after it was seen that all entries sum to it."""
    booked, attempts = entries(made), [attempt for entry in entries(made) for attempt in entry.attempts]
    assert all(entry.cost is not None for entry in booked)
    cost = sum(attempt.cost or 0 for attempt in attempts)
    assert sum(entry.cost or 0 for entry in booked) == cost
    return cost


@pytest.mark.parametrize("streams", [True, False])
async def test_fifty_at_three_gateways_pay_equal_parts(server: RedisServer, streams: bool) -> None:
    script = held(OPENAI_EVENTS if streams else OPENAI_WHOLE)
    async with replicas(server, 3, script, given=SPLIT, lease=5) as made:
        body = cold(OPENAI_MODEL, stream=streams)
        calls = [made[number % 3].call((CHAT, MESSAGES)[number % 2], body) for number in range(50)]
        running = start(calls)
        leader = await until_all_ride(made, 50)
        for each in made:
            await each.lines.tells.ask("PING")  # all that was to be said of who pays is
        leader.transport.answer_now()
        await asyncio.wait_for(asyncio.gather(*running), 10)
        assert upstream_calls(made) == 1
        cost = the_cost(made)
        parts = {
            entry.request_id.partition(".")[0]: entry for entry in entries(made) if entry.cache == "part"
        }
        assert all(part.source == paid.request_id for part in parts.values() for paid in [made_by(leader)])
        assert {entry for each in made if each is not leader for entry in each.ledger.entries} == {
            entry for entry in entries(made) if entry.request_id in parts
        }
        each_pays = cost // 50
        assert {part.cost for part in parts.values()} == {each_pays}
        here = [entry for entry in leader.ledger.entries if entry.cache == "coalesced"]
        assert {entry.cost for entry in here} == {each_pays}
        assert made_by(leader).cost == cost - 49 * each_pays
        assert len(parts) + len(here) == 49
        assert {entry.saved for entry in entries(made) if entry.cache == "coalesced"} == {cost - each_pays}
        if not streams:
            told = {call.headers["x-pointsman-cost-usd"] for call in calls}
            assert len(told) == (2 if cost % 50 else 1) and "0" not in told


def made_by(leader: Replica) -> Entry:
    (paid,) = [entry for entry in leader.ledger.entries if entry.attempts]
    return paid


@pytest.mark.parametrize("streams", [True, False])
async def test_what_riders_of_a_dead_gateway_owe_is_booked_in_their_names(
    server: RedisServer, streams: bool
) -> None:
    script = held(OPENAI_EVENTS, 3) if streams else held(OPENAI_WHOLE)
    async with replicas(server, 2, script, given=SPLIT, lease=5) as (one, other):
        body = cold(OPENAI_MODEL, stream=streams)
        first, late = one.call(CHAT, body), other.call(CHAT, body)
        running = start([first])
        await one.transport.asked.wait()
        running += start([late])
        await until_all_ride([one, other], 2)
        if streams:
            await late.events(1)
        await other.lines.die()  # a part of a lease before the end
        running[1].cancel()
        one.transport.answer_now()
        await asyncio.wait_for(running[0], 10)
        await asyncio.gather(*running, return_exceptions=True)
        (part,) = [entry for entry in one.ledger.entries if entry.cache == "part"]
        assert part.cost == (made_by(one).attempts[0].cost or 0) // 2
        assert the_cost([one, other]) == made_by(one).attempts[0].cost


async def test_the_gateway_that_makes_the_call_dies_and_those_elsewhere_owe_nothing(
    server: RedisServer,
) -> None:
    async with replicas(server, 2, held(OPENAI_EVENTS, 3), given=SPLIT) as (one, other):
        body = cold(OPENAI_MODEL, stream=True)
        first, late = one.call(CHAT, body), other.call(CHAT, body)
        running = start([first])
        await one.transport.asked.wait()
        running += start([late])
        await until_all_ride([one, other], 2)
        await late.events(1)
        await one.lines.die()
        await asyncio.wait_for(running[1], 10)
        one.transport.answer_now()
        await asyncio.wait_for(running[0], 10)  # it was only cut off, and goes on for its own
        assert b"stream_broken" in late.body and b"stream_broken" not in first.body
        assert the_cost([one, other]) == made_by(one).cost
        assert (other.entry.cost, other.entry.outcome) == (0, "broken")


async def test_when_redis_goes_away_who_made_the_call_pays_all(server: RedisServer) -> None:
    async with replicas(server, 2, held(OPENAI_EVENTS, 3), given=SPLIT, patience=0.25) as (one, other):
        body = cold(OPENAI_MODEL, stream=True)
        first, late = one.call(CHAT, body), other.call(CHAT, body)
        running = start([first])
        await one.transport.asked.wait()
        running += start([late])
        await until_all_ride([one, other], 2)
        await late.events(1)
        server.freeze()
        try:
            async with asyncio.timeout(10):
                one.transport.answer_now()
                await asyncio.gather(*running)
        finally:
            server.thaw()
        assert b"stream_broken" not in first.body and b"stream_broken" in late.body
        assert the_cost([one, other]) == made_by(one).cost


async def test_who_comes_after_the_end_has_a_hit_that_costs_nothing(server: RedisServer) -> None:
    async with replicas(server, 2, held(OPENAI_WHOLE), given=SPLIT, lease=5) as (one, other):
        body = cold(OPENAI_MODEL)
        calls = [each.call(CHAT, body) for each in (one, other)]
        running = start(calls)
        leader = await until_all_ride([one, other], 2)
        leader.transport.answer_now()
        await asyncio.wait_for(asyncio.gather(*running), 10)
        await leader.stored()
        paid = the_cost([one, other])
        again = [await each.post(CHAT, body) for each in (one, other)]
        assert [call.headers["x-pointsman-cache"] for call in again] == ["hit", "hit"]
        assert the_cost([one, other]) == paid and len(asking([one, other])) == 1


async def test_who_left_before_anything_came_owes_nothing_and_who_had_some_does(server: RedisServer) -> None:
    async with replicas(server, 2, held(OPENAI_EVENTS, 3), given=SPLIT, lease=5) as (one, other):
        body = cold(OPENAI_MODEL, stream=True)
        first, stays, reader = one.call(CHAT, body), other.call(CHAT, body), other.call(CHAT, body)
        whole = other.call(CHAT, cold(OPENAI_MODEL))
        running = start([first])
        await one.transport.asked.wait()
        running += start([stays, reader, whole])
        await until_all_ride([one, other], 4)
        await reader.events(1)
        for call in (reader, whole):
            call.leave()
        async with asyncio.timeout(10):
            while flights_riding(other) > 1:
                await other.lines.tells.ask("PING")
            await other.lines.tells.ask("PING")
            one.transport.answer_now()
            await asyncio.gather(*running)
        parts = [entry for entry in one.ledger.entries if entry.cache == "part"]
        assert len(parts) == 2 and all(part.stream for part in parts)
        assert the_cost([one, other]) == made_by(one).attempts[0].cost


async def test_each_request_is_counted_once_by_what_became_of_it(server: RedisServer) -> None:
    async with replicas(server, 2, held(OPENAI_WHOLE), lease=5) as (one, other):
        calls = [each.call(CHAT, cold(OPENAI_MODEL)) for each in (one, other) for _ in range(2)]
        running = start(calls)
        leader = await until_all_ride([one, other], 4)
        leader.transport.answer_now()
        await asyncio.wait_for(asyncio.gather(*running), 10)
        await leader.stored()
        for each in (one, other):
            await each.post(CHAT, cold(OPENAI_MODEL))
        follower = other if leader is one else one
        told = [counted(each) for each in (leader, follower)]
        assert told == [(1, 0, 1, 1), (1, 0, 2, 0)], "who rides elsewhere is no miss, nor its maker"


def flights_riding(replica: Replica) -> int:
    cache = replica.gateway.cache
    assert cache is not None and cache.flights is not None
    return cache.flights.metrics.riding()


def counted(replica: Replica) -> tuple[int, int, int, int]:
    assert replica.gateway.cache is not None
    view = replica.gateway.cache.view()
    return view.hits, view.similar, view.coalesced, view.misses
