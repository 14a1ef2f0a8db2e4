"""Four whole gateways on one Valkey, at three times the limit, before a provider that enforces it and counts.

One dies, the store is frozen for a minute, it is killed and comes back empty. All in virtual time.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import Iterator
from typing import Any, Literal

import pytest

from pointsman.simulator import Config
from tests.support.redis_server import RedisServer, redis_server
from tests.support.replicas import LEASE, Replica, Site, site
from tests.support.stack import settings
from tests.support.virtual_time import run_virtual

MODEL, HELD = "gpt-4o", "gpt-4o-mini"
RPM = 60
PLACES = 4
OVER = 3.0
UNEVEN = (0.4, 0.3, 0.2, 0.1)
MAX_WAIT = 12.0
SLOWEST = MAX_WAIT + 5.0
"""Seconds until whoever may wait so long has an answer, which takes a while to write."""
Window = Literal["refill", "rolling"]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def body(tokens: int = 40, model: str = MODEL, *, stream: bool = False) -> dict[str, Any]:
    messages = [{"role": "user", "content": "Why do trains run late?"}]
    return {"model": model, "messages": messages, "max_tokens": tokens, "stream": stream}


class Traffic:
    """Callers who ask for more than there is, and what became of them."""

    def __init__(self, running: Site, seed: int) -> None:
        self._site = running
        self._dice = random.Random(seed)
        self._tasks: set[asyncio.Task[Any]] = set()
        self._sending = asyncio.create_task(self._send())
        self.alive = list(running.replicas)
        self.statuses = Counter[int]()
        self.hanging = self.refused_late = 0

    async def during(self, seconds: float) -> float:
        """Let it go on for so long; how much of the limit the provider saw used."""
        before = self._counted()
        await asyncio.sleep(seconds)
        return (self._counted() - before) / (RPM * seconds / 60)

    async def stop(self) -> None:
        for task in (self._sending, *self._tasks):
            task.cancel()
        await asyncio.gather(self._sending, *self._tasks, return_exceptions=True)

    async def hold(self, replica: Replica) -> None:
        """All calls at once that there may be of a model."""
        for _ in range(PLACES):
            long = replica.call(body(4_000, HELD, stream=True), 1.0).run()
            self._tasks.add(asyncio.create_task(long))
        await asyncio.sleep(0.5)
        assert await replica.used(f"model:{HELD}/concurrency") == PLACES

    def _counted(self) -> int:
        return int(self._site.referee(MODEL)["limits"]["requests"]["total"])

    async def _send(self) -> None:
        while True:
            shares = UNEVEN[-len(self.alive) :]
            (replica,) = self._dice.choices(self.alive, shares)
            task = asyncio.create_task(self._one(replica))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            await asyncio.sleep(self._dice.expovariate(OVER * RPM / 60))

    async def _one(self, replica: Replica) -> None:
        loop, dice = asyncio.get_running_loop(), self._dice
        begun = loop.time()
        call = replica.call(body(dice.choice([20, 40, 200]), stream=dice.random() < 0.5), MAX_WAIT)
        running = asyncio.ensure_future(call.run())
        await asyncio.wait((running,), timeout=SLOWEST)
        if not (running.done() or call.chunks) and replica in self.alive:
            self.hanging += 1
        await running
        refused = call.status != 200 or b'"error"' in call.body
        self.statuses[429 if refused and call.status == 200 else call.status] += 1
        self.refused_late += refused and loop.time() - begun > 1


@pytest.mark.parametrize("window", ["refill", "rolling"])
def test_a_limit_is_kept_and_used_whatever_happens(server: RedisServer, window: Window) -> None:
    async def story() -> None:
        given = settings(
            limits={MODEL: {"rpm": RPM, "window": window}, HELD: {"concurrency": PLACES}},
        )
        provider = Config(rpm=RPM, window="rolling" if window == "rolling" else "bucket", pace="real")
        async with site(server.url, provider, given) as running:
            doomed, *others = running.replicas
            await others[0].call(body(), 1.0).run()
            traffic = Traffic(running, seed=5)
            store = running.store
            await traffic.during(60)
            assert await traffic.during(120) >= 0.95

            await traffic.hold(doomed)
            doomed.die()
            traffic.alive = others
            await asyncio.sleep(LEASE + 1)
            assert await others[1].used(f"model:{HELD}/concurrency") == 0
            assert await traffic.during(60) >= 0.7, "all but the share of the dead one"
            await traffic.during(60)
            assert await traffic.during(60) >= 0.95, "its share, too"

            store.frozen = True
            assert await traffic.during(60) >= 0.75
            assert all(not replica.limits.health().connected for replica in others)
            store.thaw()
            assert await traffic.during(60) >= 0.95
            assert all(replica.limits.health().connected for replica in others)

            store.refuses = True
            await traffic.during(1)
            store.start_empty()
            assert await traffic.during(60) >= 0.85
            assert await traffic.during(60) >= 0.95
            await traffic.stop()
            told = [[health.connected for health in replica.told] for replica in others]
            assert told == [[True, False, True, False, True]] * 3, "once each"
            assert running.referee(MODEL)["rejected_429"] == {}
            assert traffic.refused_late < traffic.statuses[429] / 5, "mostly it is told at once"
            assert traffic.hanging == 0
            assert set(traffic.statuses) <= {200, 429, 503}
            await asyncio.sleep(30)
            view = await others[0].view()
            assert [row.held for row in view.limits if row.used] == [0] * sum(
                row.used > 0 for row in view.limits
            )
            assert view.waiting == 0

    run_virtual(story)
