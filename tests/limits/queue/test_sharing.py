"""The queue over a store that replicas share."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest

from pointsman.limits import Amounts, Level, Limit, Reservation, Shortage, make_limit
from pointsman.limits.queue.queue import Queue
from pointsman.limits.values.limit import NOTHING
from pointsman.limits.values.ticket import Ticket
from tests.support.queueing import DEPLOYMENT, Bench, amounts, exhaust, virtual
from tests.support.virtual_time import run_virtual

RPM = make_limit(DEPLOYMENT, "rpm", 60)
ONE = make_limit(DEPLOYMENT, "concurrency", 1)


class SlowStore:
    """A store that replicas share: answers late, and others take from it too."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.asked = 0

    async def reserve(
        self, limits: tuple[Limit, ...], amounts: Amounts, *, waits: bool = False
    ) -> Reservation | Shortage:
        self.asked += 1
        await asyncio.sleep(0.002)
        return self.bench.store.reserve(limits, amounts, self.bench.queue.now_us())

    def settle(self, reservation: Reservation, used: Amounts) -> None:
        self.bench.store.settle(reservation, used, self.bench.queue.now_us())

    def charge(self, limit: Limit, amount: int) -> None:
        self.bench.store.charge(limit, amount, self.bench.queue.now_us())

    async def levels(self, limits: Sequence[Limit]) -> list[Level]:
        await asyncio.sleep(0.001)
        return self.bench.store.levels(limits, self.bench.queue.now_us())

    async def close(self) -> None:
        """Nothing is open."""


@virtual
async def test_replicas_share_a_store_without_asking_all_the_time() -> None:
    bench = Bench()
    store = SlowStore(bench)
    queues = [Queue(store, monotonic=bench.loop.time, random=random.Random(1).random) for _ in range(2)]
    await exhaust(bench, RPM)

    async def one(queue: Queue, ticket: Ticket) -> None:
        assert queue.try_enter(ticket) is None
        reservation = await queue.enter(ticket)
        await asyncio.sleep(1)
        queue.settle(reservation, amounts())

    tasks = [asyncio.create_task(one(queue, bench.ticket(RPM))) for queue in queues for _ in range(30)]
    await asyncio.gather(*tasks)
    assert bench.now == pytest.approx(61, rel=0.05)
    assert store.asked < 60 * 7, "each twice a second, and once for each start"
    assert bench.held(RPM) == [0]


@pytest.mark.parametrize("after", [0, 0.001, 0.002, 0.0035, 0.5, 1.0, 1.003])
def test_nothing_is_left_behind_in_a_shared_store(after: float) -> None:
    async def work() -> None:
        bench = Bench()
        queue = Queue(SlowStore(bench), monotonic=bench.loop.time)
        held = await queue.enter(bench.ticket(ONE))
        for wait in (0.0, 3.0):
            task = asyncio.create_task(queue.enter(bench.ticket(ONE, max_wait=60)))
            bench.loop.call_later(wait, queue.settle, held, NOTHING)
            await asyncio.sleep(wait + after)
            task.cancel()
            done = (await asyncio.gather(task, return_exceptions=True))[0]
            if isinstance(done, Reservation):
                queue.settle(done, NOTHING)
            await asyncio.sleep(1)
            assert bench.held(ONE) == [0]
            assert queue.waiting == 0
            held = await queue.enter(bench.ticket(ONE))
        queue.settle(held, NOTHING)

    run_virtual(work)
