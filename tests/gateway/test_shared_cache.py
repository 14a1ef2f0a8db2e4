"""Gateways that share answers by a real Valkey: what one was told, the others give again."""

from __future__ import annotations

import asyncio
import random
from base64 import b64encode
from collections.abc import Iterator

import pytest

from pointsman.errors import AuthenticationFailed
from pointsman.gateway.cache.metrics import CachePurge
from pointsman.keys import KeyInfo
from tests.support.equal_requests import caching, cold, said
from tests.support.gateway import CHAT, MESSAGES
from tests.support.provider_bytes import ANTHROPIC_EVENTS, ANTHROPIC_MODEL, OPENAI_MODEL, OPENAI_WHOLE
from tests.support.redis_server import RedisServer, redis_server
from tests.support.shared_gateways import Replica, replicas
from tests.support.upstream import Scripted

WHOLE = Scripted(body=OPENAI_WHOLE)
ONE_KEY, OTHER_KEY = (b64encode(bytes([number]) * 32).decode() for number in (1, 2))


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def calls(*made: Replica) -> int:
    return sum(len(each.transport.requests) for each in made)


async def test_what_one_was_told_the_other_gives_in_all_four_ways(server: RedisServer) -> None:
    async with replicas(server, 5, Scripted(body=ANTHROPIC_EVENTS)) as (first, *others):
        paid = await first.post(MESSAGES, cold(ANTHROPIC_MODEL, stream=True))
        await first.stored()
        ways = [(path, streams) for path in (CHAT, MESSAGES) for streams in (False, True)]
        for other, (path, streams) in zip(others, ways, strict=True):
            again = await other.post(path, cold(ANTHROPIC_MODEL, stream=streams))
            assert (again.status, again.headers["x-pointsman-cache"]) == (200, "hit")
            assert again.headers["age"] == "0" and again.headers["x-pointsman-cost-usd"] == "0"
            assert said(path, again.body, streams).parts == said(MESSAGES, paid.body, True).parts
            entry, theirs = other.entry, first.entry
            assert (entry.cache, entry.source, entry.cost) == ("hit", theirs.request_id, 0)
            assert entry.saved == theirs.cost
        assert calls(first, *others) == 1


async def test_what_came_from_there_is_in_memory_afterwards(server: RedisServer) -> None:
    async with replicas(server, 2, WHOLE) as (one, other):
        await one.post(CHAT, cold(OPENAI_MODEL))
        await one.stored()
        body = cold(OPENAI_MODEL)
        assert (await other.post(CHAT, body)).headers["x-pointsman-cache"] == "hit"
        await other.lines.tells.ask("FLUSHALL")
        other.clock.advance(100)
        again = await other.post(CHAT, body)
        assert (again.headers["x-pointsman-cache"], again.headers["age"]) == ("hit", "100")
        other.clock.advance(3501)
        assert (await other.post(CHAT, body)).headers["x-pointsman-cache"] == "miss"


async def test_the_age_is_that_of_the_answer_whatever_clocks_say(server: RedisServer) -> None:
    async with replicas(server, 3, WHOLE) as (one, ahead, behind):
        await one.post(CHAT, cold(OPENAI_MODEL))
        await one.stored()
        ahead.clock.jump(100_000)
        behind.clock.jump(-100_000)
        for other in (ahead, behind):
            assert (await other.post(CHAT, cold(OPENAI_MODEL))).headers["age"] == "0"
        fresh = {"cache-control": "max-age=5"}
        assert (await ahead.post(CHAT, cold(OPENAI_MODEL), fresh)).headers["x-pointsman-cache"] == "hit"


@pytest.mark.parametrize(
    ("headers", "result"),
    [
        ({}, "hit"),
        ({"cache-control": "no-cache"}, "miss"),
        ({"cache-control": "max-age=0"}, "miss"),
        ({"cache-control": "no-store"}, "hit"),
    ],
)
async def test_cache_control_holds_there_too(
    server: RedisServer, headers: dict[str, str], result: str
) -> None:
    async with replicas(server, 2, WHOLE) as (one, other):
        await one.post(CHAT, cold(OPENAI_MODEL))
        await one.stored()
        answer = await other.post(CHAT, cold(OPENAI_MODEL), headers)
        assert answer.headers["x-pointsman-cache"] == result


async def test_a_server_that_is_frozen_is_a_miss(server: RedisServer) -> None:
    async with replicas(server, 1, WHOLE, patience=0.25) as (one,):
        await one.post(CHAT, cold(OPENAI_MODEL, "first"))
        await one.stored()
        server.freeze()
        try:
            async with asyncio.timeout(5):
                for number in range(20):
                    answer = await one.post(CHAT, cold(OPENAI_MODEL, str(number)))
                    assert (answer.status, answer.headers["x-pointsman-cache"]) == (200, "miss")
        finally:
            server.thaw()
        view = one.lines.answers.view()
        assert view.away >= 1 and not view.connected
        await one.lines.asks.back()
        await one.lines.tells.back()
        await one.post(CHAT, cold(OPENAI_MODEL, "last"))
        await one.stored(2)


TENANTS = ("acme", "zeta", "Acme", "acm", "e")
PROMPTS = ("Why?", "How?", "eWhy?")


class ByToken:
    """Lets in whoever says its tenant."""

    def authenticate(self, token: str) -> KeyInfo:
        if not token:
            raise AuthenticationFailed("Say who you are.")
        return KeyInfo(id=f"key of {token}", name=token, tenant=token)


async def test_tenants_never_share(server: RedisServer) -> None:
    dice = random.Random(5)
    async with replicas(server, 2, WHOLE, door=ByToken()) as made:
        asked: set[tuple[str, str]] = set()
        for _ in range(60):
            one, tenant, prompt = dice.choice(made), dice.choice(TENANTS), dice.choice(PROMPTS)
            before, stored = calls(*made), one.lines.answers.view().stored
            answer = await one.post(CHAT, cold(OPENAI_MODEL, prompt), {"authorization": f"Bearer {tenant}"})
            first = (tenant, prompt) not in asked
            assert answer.headers["x-pointsman-cache"] == ("miss" if first else "hit")
            assert calls(*made) - before == first
            asked.add((tenant, prompt))
            if first:
                await one.stored(stored + 1)


async def test_another_key_is_a_miss_and_no_error(server: RedisServer) -> None:
    async with replicas(server, 3, WHOLE, keys=(ONE_KEY, OTHER_KEY, None)) as made:
        for each in made:
            answer = await each.post(CHAT, cold(OPENAI_MODEL))
            assert (answer.status, answer.headers["x-pointsman-cache"]) == (200, "miss")
            await each.stored()
        assert calls(*made) == 3
    async with replicas(server, 2, WHOLE, keys=(f"{OTHER_KEY},{ONE_KEY}", OTHER_KEY)) as (new, newest):
        await new.post(CHAT, cold(OPENAI_MODEL))
        await new.stored()
        assert (await newest.post(CHAT, cold(OPENAI_MODEL))).headers["x-pointsman-cache"] == "hit"


async def test_answers_are_shared_where_calls_are_not(server: RedisServer) -> None:
    async with replicas(server, 2, WHOLE, given=caching(coalesce=False)) as (one, other):
        await one.post(CHAT, cold(OPENAI_MODEL))
        await one.stored()
        assert (await other.post(CHAT, cold(OPENAI_MODEL))).headers["x-pointsman-cache"] == "hit"


async def test_a_purge_at_one_holds_for_all(server: RedisServer) -> None:
    async with replicas(server, 2, WHOLE) as (one, other):
        tagged = {"x-pointsman-cache-tag": "doc:7"}
        for prompt, headers in (("tagged", tagged), ("not", {})):
            await one.post(CHAT, cold(OPENAI_MODEL, prompt), headers)
        await one.stored(2)
        for prompt in ("tagged", "not"):
            assert (await other.post(CHAT, cold(OPENAI_MODEL, prompt))).headers["x-pointsman-cache"] == "hit"
        assert one.gateway.cache is not None and other.gateway.cache is not None
        done = await one.gateway.cache.purge(CachePurge(tag="doc:7"))
        assert (done.purged, done.shared, done.trouble) == (1, 1, "")
        async with asyncio.timeout(10):
            while other.gateway.cache.view().entries > 1:
                await other.lines.tells.ask("PING")
        for prompt, result in (("tagged", "miss"), ("not", "hit")):
            said_now = await other.post(CHAT, cold(OPENAI_MODEL, prompt))
            assert said_now.headers["x-pointsman-cache"] == result
        shared = other.gateway.cache.view().shared
        assert shared is not None and shared.hits == 2 and shared.connected


async def test_a_purge_says_what_it_could_not_forget(server: RedisServer) -> None:
    async with replicas(server, 1, WHOLE) as (one,):
        await one.post(CHAT, cold(OPENAI_MODEL))
        await one.lines.die()
        assert one.gateway.cache is not None
        done = await one.gateway.cache.purge(CachePurge())
        assert (done.purged, done.shared, bool(done.trouble)) == (1, None, True)
