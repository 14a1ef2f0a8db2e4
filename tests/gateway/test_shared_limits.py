"""Whole gateways over limits that replicas share: what one request meets. In virtual time, a real Valkey."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from pointsman.simulator import Config
from tests.support.asgi import AsgiCall
from tests.support.redis_server import RedisServer, redis_server
from tests.support.replicas import LEASE, Replica, site
from tests.support.stack import settings
from tests.support.virtual_time import run_virtual

MODEL, OTHER, FREE = "gpt-4o", "gpt-4o-mini", "claude-haiku-4-5"
PLACES = f"model:{MODEL}/concurrency"
LONG = 2_000
"""Tokens of an answer that takes a while."""


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def call(
    replica: Replica, model: str = MODEL, *, tokens: int = 20, wait: float = 5, stream: bool = False
) -> AsgiCall:
    messages = [{"role": "user", "content": "Why do trains run late?"}]
    return replica.call({"model": model, "messages": messages, "max_tokens": tokens, "stream": stream}, wait)


def limits(**given: Any) -> Any:
    return settings(limits={MODEL: given})


def now() -> float:
    return asyncio.get_running_loop().time()


def test_a_gateway_starts_while_the_store_is_away_and_says_so(server: RedisServer) -> None:
    async def story() -> None:
        async with site(server.url, Config(pace="real"), limits(rpm=60), count=1) as running:
            (replica,) = running.replicas
            running.store.refuses = True
            await replica.limits.start()
            assert [(health.connected, health.share) for health in replica.told] == [(False, 0.0)]
            assert "nobody listens" in (await replica.view()).trouble

            begun = now()
            free = await call(replica, FREE).run()
            assert free.status == 200, "what is not limited needs no store"
            assert now() - begun < 2
            begun = now()
            refused = await call(replica, wait=3).run()
            assert refused.status == 503
            assert now() - begun == pytest.approx(3, abs=0.5)
            assert refused.json()["error"]["code"] == "limits_away"
            assert "Redis" in refused.json()["error"]["message"]
            assert refused.headers["retry-after"] == "1"
            at_once = await call(replica, wait=0).run()
            assert at_once.json()["error"]["code"] == "limits_away"

            waits = asyncio.create_task(call(replica, wait=10).run())
            await asyncio.sleep(1)
            running.store.refuses = False
            begun = now()
            assert (await waits).status == 200
            assert now() - begun < 4
            assert [health.connected for health in replica.told] == [False, True], "once each"
            assert (await replica.view()).trouble == ""

    run_virtual(story)


@pytest.mark.parametrize("stream", [False, True])
def test_what_fits_starts_as_soon_as_the_store_has_answered(server: RedisServer, stream: bool) -> None:
    async def story() -> None:
        async with site(server.url, Config(pace="none"), limits(rpm=60), count=2) as running:
            replica = running.replicas[0]
            await replica.limits.start()
            begun = now()
            answer = await call(replica, stream=stream).run()
            assert answer.status == 200
            assert now() - begun < 0.02
            assert not any(chunk.startswith(b": queued") for chunk in answer.chunks)

    run_virtual(story)


def test_an_equal_that_has_room_is_taken_before_anybody_waits(server: RedisServer) -> None:
    async def story() -> None:
        given = settings(
            limits={MODEL: {"rpm": 3}, OTHER: {"rpm": 3}}, routes={"fast": {"models": [MODEL, OTHER]}}
        )
        async with site(server.url, Config(pace="none"), given, count=2) as running:
            begun = now()
            answers = [await call(running.replicas[n % 2], "fast").run() for n in range(6)]
            assert [answer.status for answer in answers] == [200] * 6
            assert now() - begun < 1
            for model in (MODEL, OTHER):
                assert running.referee(model)["limits"]["requests"]["total"] == 3

    run_virtual(story)


@pytest.mark.parametrize("after", [0.0, 0.0003, 0.0006, 0.001, 0.0015, 0.005, 0.5])
@pytest.mark.parametrize("room", [True, False])
def test_a_client_that_leaves_leaves_nothing_held(server: RedisServer, after: float, room: bool) -> None:
    """While the store is asked, just when it has answered, while it waits, and while it is answered."""

    async def story() -> None:
        async with site(server.url, Config(pace="real"), limits(concurrency=1), count=2) as running:
            replica, other = running.replicas
            await replica.limits.start()
            tasks = []
            if not room:
                first = call(other, tokens=LONG, stream=True)
                tasks.append(asyncio.create_task(first.run()))
                await first.first_chunk.wait()
            leaves = call(replica, tokens=LONG, stream=True)
            tasks.append(asyncio.create_task(leaves.run()))
            await asyncio.sleep(after)
            leaves.leave()
            await tasks[-1]
            if not room:
                first.leave()
            await asyncio.gather(*tasks)
            await asyncio.sleep(0.2)
            assert await replica.used(PLACES) == 0
            assert (await replica.view()).waiting == 0
            assert (await call(replica).run()).status == 200

    run_virtual(story)


def test_who_closes_with_calls_under_way_gives_their_places_back(server: RedisServer) -> None:
    async def story() -> None:
        async with site(server.url, Config(pace="real"), limits(concurrency=2), count=2) as running:
            parts, stays = running.replicas
            await stays.limits.start()
            calls = [call(parts, tokens=LONG, stream=True) for _ in range(2)]
            tasks = [asyncio.create_task(each.run()) for each in calls]
            waits = asyncio.create_task(call(parts, wait=60).run())
            await asyncio.gather(*(each.first_chunk.wait() for each in calls))
            assert await stays.used(PLACES) == 2
            for task in (*tasks, waits):
                task.cancel()
            await asyncio.gather(*tasks, waits, return_exceptions=True)
            begun = now()
            await parts.close()
            assert now() - begun < 1
            assert await stays.used(PLACES) == 0

    run_virtual(story)


def test_who_closes_while_the_store_is_frozen_does_not_hang(server: RedisServer) -> None:
    async def story() -> None:
        async with site(server.url, Config(pace="real"), limits(concurrency=2), count=2) as running:
            parts, stays = running.replicas
            await stays.limits.start()
            asking = call(parts, tokens=LONG, stream=True)
            task = asyncio.create_task(asking.run())
            await asking.first_chunk.wait()
            running.store.frozen = True
            late = asyncio.create_task(call(parts, wait=60).run())
            await asyncio.sleep(0.001)
            begun = now()
            for each in (task, late):
                each.cancel()
            await asyncio.gather(task, late, return_exceptions=True)
            await parts.close()
            assert now() - begun < 1
            running.store.thaw()
            await asyncio.sleep(LEASE + 2)
            assert await stays.used(PLACES) == 0, "it could not say so; its lease has ended"

    run_virtual(story)


def test_a_place_that_another_replica_gives_back_is_found_soon(server: RedisServer) -> None:
    async def story() -> None:
        async with site(server.url, Config(pace="real"), limits(concurrency=1), count=2) as running:
            one, other = running.replicas
            first = call(one, tokens=LONG, stream=True)
            holds = asyncio.create_task(first.run())
            await first.first_chunk.wait()
            waits = asyncio.create_task(call(other, wait=30).run())
            await asyncio.sleep(2)
            first.leave()
            await holds
            begun = now()
            assert (await waits).status == 200
            assert now() - begun < 1.5

    run_virtual(story)
