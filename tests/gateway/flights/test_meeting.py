"""Equal requests at several gateways at the same time: one call, and an answer for each."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from pointsman.errors import RateLimited, UpstreamUnavailable
from tests.support.equal_requests import cold, flights_of, said
from tests.support.gateway import CHAT, MESSAGES
from tests.support.meeting_calls import asking, held, start, until_all_ride, upstream_calls
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_WHOLE,
)
from tests.support.redis_server import RedisServer, redis_server
from tests.support.shared_gateways import Replica, replicas
from tests.support.upstream import Scripted, Wait

MANY = 50


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.mark.parametrize(
    ("count", "path", "model", "streams", "body"),
    [
        (2, CHAT, OPENAI_MODEL, True, OPENAI_EVENTS),
        (4, MESSAGES, ANTHROPIC_MODEL, True, ANTHROPIC_EVENTS),
        (2, MESSAGES, OPENAI_MODEL, True, OPENAI_EVENTS),
        (4, CHAT, OPENAI_MODEL, False, OPENAI_WHOLE),
    ],
)
async def test_many_equal_requests_make_one_call(
    server: RedisServer, count: int, path: str, model: str, streams: bool, body: Any
) -> None:
    async with replicas(server, count, held(body), lease=5) as made:
        calls = [made[number % count].call(path, cold(model, stream=streams)) for number in range(MANY)]
        running = start(calls)
        leader = await until_all_ride(made, MANY)
        leader.transport.answer_now()
        await asyncio.wait_for(asyncio.gather(*running), 10)
        assert upstream_calls(made) == 1
        assert {call.status for call in calls} == {200} and all(call.complete for call in calls)
        assert len({call.body for call in calls}) == 1
        said_of = sorted(call.headers["x-pointsman-cache"] for call in calls)
        assert said_of == ["coalesced"] * (MANY - 1) + ["miss"]
        assert len({(c.headers["x-pointsman-model"], c.headers["x-pointsman-provider"]) for c in calls}) == 1
        entries = [entry for each in made for entry in each.ledger.entries]
        assert len(entries) == MANY
        (paid,) = [entry for entry in entries if entry.attempts]
        assert paid.cost and sum(entry.cost or 0 for entry in entries) == paid.cost
        others = [entry for entry in entries if entry is not paid]
        assert {(e.cache, e.source, e.cost, e.saved, e.outcome, e.provider) for e in others} == {
            ("coalesced", paid.request_id, 0, paid.cost, "ok", "cache")
        }


async def test_all_dialects_and_forms_share_one(server: RedisServer) -> None:
    ways = [(path, streams) for path in (CHAT, MESSAGES) for streams in (False, True)]
    async with replicas(server, 4, held(ANTHROPIC_EVENTS), lease=5) as made:
        first = made[0].call(MESSAGES, cold(ANTHROPIC_MODEL, stream=True))
        running = start([first])
        await made[0].transport.asked.wait()
        calls = [
            each.call(path, cold(ANTHROPIC_MODEL, stream=streams)) for each in made for path, streams in ways
        ]
        running += start(calls)
        leader = await until_all_ride(made, 17)
        leader.transport.answer_now()
        await asyncio.wait_for(asyncio.gather(*running), 10)
        told = [said(p, call.body, s) for (p, s), call in zip(ways * 4, calls, strict=True)]
        assert upstream_calls(made) == 1
        assert {one.parts for one in told} == {said(MESSAGES, first.body, True).parts}
        assert {(one.usage.prompt, one.usage.output) for one in told if one.usage} == {(12, 5)}


async def test_the_past_and_then_the_live_part(server: RedisServer) -> None:
    async with replicas(server, 2, held(OPENAI_EVENTS, 3), lease=5) as (one, other):
        body = cold(OPENAI_MODEL, stream=True)
        first = one.call(CHAT, body)
        running = start([first])
        await first.events(1)
        late = other.call(CHAT, body)
        running += start([late])
        await late.events(1)
        assert b"[DONE]" not in late.body
        one.transport.answer_now()
        await asyncio.wait_for(asyncio.gather(*running), 10)
        assert late.body == first.body and late.complete
        assert upstream_calls([one, other]) == 1


@pytest.mark.parametrize("told", [False, True])
async def test_the_gateway_that_makes_the_call_is_killed(server: RedisServer, told: bool) -> None:
    script = held(OPENAI_EVENTS, 3 if told else None)
    async with replicas(server, 3, script) as made:
        body = cold(OPENAI_MODEL, stream=True)
        first = made[0].call(CHAT, body)
        running = start([first])
        await made[0].transport.asked.wait()
        calls = [each.call(CHAT, body) for each in made[1:] for _ in range(3)]
        running += start(calls)
        await until_all_ride(made, 7)
        if told:
            await asyncio.gather(*(call.events(1) for call in calls))
        await made[0].lines.die()
        async with asyncio.timeout(10):
            if told:
                await asyncio.gather(*running[1:])
            else:
                while not asking(made[1:]):
                    await made[1].lines.tells.ask("PING")
                await until_settled(made[1:])
                for each in made[1:]:
                    each.transport.answer_now()
                await asyncio.gather(*running[1:])
        if told:
            assert upstream_calls(made) == 1
            assert all(call.complete and b"stream_broken" in call.body for call in calls)
            assert {entry.outcome for each in made[1:] for entry in each.ledger.entries} == {"broken"}
        else:
            assert upstream_calls(made) == 2
            assert all(call.complete and call.status == 200 for call in calls)
            assert len({call.body for call in calls}) == 1
        made[0].transport.answer_now()
        await asyncio.gather(*running)
        assert first.complete and b"stream_broken" not in first.body  # it goes on for its own clients


async def test_who_wants_a_whole_answer_of_a_stream_whose_maker_died_has_another_call(
    server: RedisServer,
) -> None:
    async with replicas(server, 2, held(OPENAI_EVENTS, 3)) as (one, other):
        first = one.call(CHAT, cold(OPENAI_MODEL, stream=True))
        running = start([first])
        await one.transport.asked.wait()
        late = other.call(CHAT, cold(OPENAI_MODEL, stream=True))
        whole = [other.call(CHAT, cold(OPENAI_MODEL)) for _ in range(2)]
        other.transport.then(Scripted(body=OPENAI_WHOLE))
        running += start([late, *whole])
        await until_all_ride([one, other], 4)
        await late.events(1)
        await one.lines.die()
        await asyncio.wait_for(asyncio.gather(*running[1:]), 10)
        assert b"stream_broken" in late.body
        assert [call.status for call in whole] == [200, 200]
        assert upstream_calls([one, other]) == 2
        one.transport.answer_now()
        await asyncio.wait_for(running[0], 10)


async def until_settled(made: Sequence[Replica]) -> None:
    followers = [each for each in made if not each.transport.requests]
    while not all(each.lines.flights.counts.sought >= 2 for each in followers):
        await made[0].lines.tells.ask("PING")


@pytest.mark.parametrize("at", [None, 2, 4])
async def test_the_clients_of_the_gateway_that_makes_the_call_leave(
    server: RedisServer, at: int | None
) -> None:
    async with replicas(server, 2, held(OPENAI_EVENTS, at), lease=2) as (one, other):
        body = cold(OPENAI_MODEL, stream=True)
        first = one.call(CHAT, body)
        running = start([first])
        await one.transport.asked.wait()
        late = other.call(CHAT, body)
        running += start([late])
        await until_all_ride([one, other], 2)
        if at is not None:
            await late.events(1)
        first.leave()
        async with asyncio.timeout(10):
            while flights_of(one).metrics.riding():
                await one.lines.tells.ask("PING")
            await one.lines.tells.ask("PING")
            one.transport.answer_now()
            await asyncio.gather(*running)
        assert late.complete and late.status == 200 and b"stream_broken" not in late.body
        assert upstream_calls([one, other]) == 1
        (paid,), (free,) = one.ledger.entries, other.ledger.entries
        assert (paid.outcome, bool(paid.cost), free.outcome, free.cost) == ("cut", True, "ok", 0)


async def test_when_everybody_has_left_the_provider_is_told(server: RedisServer) -> None:
    async with replicas(server, 2, held(OPENAI_EVENTS, 3), lease=1) as (one, other):
        body = cold(OPENAI_MODEL, stream=True)
        calls = [each.call(CHAT, body) for each in (one, other)]
        running = start(calls[:1])
        await calls[0].events(1)
        running += start(calls[1:])
        await calls[1].events(1)
        for call in calls:
            call.leave()
        async with asyncio.timeout(10):
            await asyncio.gather(*running)  # the script goes on only once it is told
            await one.ledger.has(1)
            await other.ledger.has(1)
        assert [one.entry.outcome, other.entry.outcome] == ["cut", "cut"]


@pytest.mark.parametrize("streams", [False, True])
async def test_what_the_provider_says_holds_for_all(server: RedisServer, streams: bool) -> None:
    refusal = b'{"error": {"message": "No such thing.", "type": "invalid_request_error", "code": "bad"}}'
    script = Scripted(400, refusal, before=Wait.UNTIL_LEFT)
    async with replicas(server, 2, script, lease=5) as made:
        calls = [each.call(CHAT, cold(OPENAI_MODEL, stream=streams)) for each in made for _ in range(3)]
        running = start(calls)
        leader = await until_all_ride(made, 6)
        leader.transport.answer_now()
        await asyncio.wait_for(asyncio.gather(*running), 10)
        assert upstream_calls(made) == 1
        assert {call.status for call in calls} == {400}
        assert all(b"No such thing." in call.body for call in calls)
        assert {e.outcome for each in made for e in each.ledger.entries} == {"error"}


async def test_a_stream_that_breaks_breaks_for_all(server: RedisServer) -> None:
    script = Scripted(body=[*OPENAI_EVENTS[:3], Wait.UNTIL_LEFT, UpstreamUnavailable("It fell over.")])
    async with replicas(server, 2, script, lease=5) as (one, other):
        body = cold(OPENAI_MODEL, stream=True)
        calls = [one.call(CHAT, body), other.call(CHAT, body), other.call(MESSAGES, body)]
        running = start(calls[:1])
        await calls[0].events(1)
        running += start(calls[1:])
        await calls[1].events(1)
        one.transport.answer_now()
        await asyncio.wait_for(asyncio.gather(*running), 10)
        assert all(call.complete and b"error" in call.body for call in calls)
        assert {e.outcome for each in (one, other) for e in each.ledger.entries} == {"broken"}
        assert upstream_calls([one, other]) == 1


async def test_nobody_hangs_where_the_server_is_frozen_in_the_midst(server: RedisServer) -> None:
    async with replicas(server, 2, held(OPENAI_EVENTS, 3), patience=0.25) as (one, other):
        body = cold(OPENAI_MODEL, stream=True)
        first, late = one.call(CHAT, body), other.call(CHAT, body)
        running = start([first])
        await first.events(1)
        running += start([late])
        await late.events(1)
        server.freeze()
        try:
            async with asyncio.timeout(10):
                await running[1]
                assert late.complete and b"stream_broken" in late.body
                one.transport.answer_now()
                await running[0]
                assert first.complete and b"stream_broken" not in first.body
                other.transport.then(Scripted(body=OPENAI_WHOLE))
                third = await other.post(CHAT, cold(OPENAI_MODEL, "another"))
                assert third.status == 200
        finally:
            server.thaw()


async def test_what_is_the_makers_own_fails_nobody_elsewhere(server: RedisServer) -> None:
    async with replicas(server, 2, Scripted(body=OPENAI_WHOLE), lease=5) as (one, other):
        limit = RateLimited("This key has used up its minute.", retry_after=60.0)
        one.transport.then(Scripted(body=[Wait.UNTIL_LEFT, limit]))
        for _ in range(3):
            one.transport.then(limit)
        first, late = (each.call(CHAT, cold(OPENAI_MODEL)) for each in (one, other))
        running = start([first])
        await one.transport.asked.wait()
        running += start([late])
        await until_all_ride([one, other], 2)
        one.transport.answer_now()
        await asyncio.wait_for(asyncio.gather(*running), 10)
        assert (first.status, late.status) == (429, 200)
        assert len(other.transport.requests) == 1


@pytest.mark.parametrize("streams", [False, True])
async def test_nobody_hangs_where_the_server_forgets_all(server: RedisServer, streams: bool) -> None:
    script = held(OPENAI_EVENTS, 3) if streams else held(OPENAI_WHOLE)
    async with replicas(server, 2, script) as (one, other):
        body = cold(OPENAI_MODEL, stream=streams)
        first, late = one.call(CHAT, body), other.call(CHAT, body)
        running = start([first])
        await one.transport.asked.wait()
        running += start([late])
        if streams:
            await late.events(1)
        else:
            await until_all_ride([one, other], 2)
        await one.lines.tells.ask("FLUSHALL")
        async with asyncio.timeout(10):
            if not streams:  # nothing was told: the other makes the call
                await other.transport.asked.wait()
                other.transport.answer_now()
            await running[1]
            one.transport.answer_now()
            await running[0]
        assert first.complete and first.status == 200 and b"stream_broken" not in first.body
        assert late.complete and (b"stream_broken" in late.body) is streams
        assert upstream_calls([one, other]) == (1 if streams else 2)


async def test_a_gateway_that_stops_brings_the_others_what_was_under_way(server: RedisServer) -> None:
    async with replicas(server, 2, held(OPENAI_WHOLE), lease=5) as (one, other):
        calls = [each.call(CHAT, cold(OPENAI_MODEL)) for each in (one, other)]
        running = start(calls)
        leader = await until_all_ride([one, other], 2)
        async with asyncio.timeout(10):
            await leader.gateway.close()
            await asyncio.gather(*running)
        assert {call.status for call in calls} == {200} and upstream_calls([one, other]) == 1
