"""Whoever leaves, and whenever: nothing is left behind."""

from __future__ import annotations

import asyncio
import random
import tracemalloc
from collections.abc import Callable

import pytest

from pointsman.errors import PointsmanError
from pointsman.http1 import Leave
from pointsman.limits import Scope, make_limit
from pointsman.limits.values.limit import NOTHING
from tests.support.queueing import DEPLOYMENT, Bench, amounts, virtual
from tests.support.virtual_time import run_virtual

RPM = make_limit(DEPLOYMENT, "rpm", 60)
ONE = make_limit(DEPLOYMENT, "concurrency", 1)


@virtual
async def test_who_leaves_frees_the_place_at_once() -> None:
    bench = Bench()
    held = await bench.enter(bench.ticket(ONE))
    leave = Leave()
    gone = asyncio.create_task(bench.enter(bench.ticket(ONE), leave))
    stays = asyncio.create_task(bench.enter(bench.ticket(ONE)))
    await asyncio.sleep(1)
    leave.now()
    assert bench.queue.waiting == 1
    with pytest.raises(PointsmanError) as left:
        await gone
    assert left.value.status == 499
    bench.queue.settle(held, NOTHING)
    bench.queue.settle(await stays, NOTHING)
    assert bench.held(ONE) == [0]


@pytest.mark.parametrize("how", ["cancel", "leave", "cancel first", "leave first"])
def test_who_is_given_it_and_goes_in_the_same_moment_leaves_nothing_behind(how: str) -> None:
    async def work() -> None:
        bench = Bench()
        held = await bench.enter(bench.ticket(ONE))
        leave = Leave()
        task = asyncio.create_task(bench.enter(bench.ticket(ONE), leave))
        other = asyncio.create_task(bench.enter(bench.ticket(ONE)))
        await asyncio.sleep(1)
        steps: list[Callable[[], object]] = [
            lambda: bench.queue.settle(held, NOTHING),
            task.cancel if "cancel" in how else leave.now,
        ]
        for step in steps[::-1] if "first" in how else steps:
            step()
        with pytest.raises((asyncio.CancelledError, PointsmanError)):
            await task
        bench.queue.settle(await other, NOTHING)
        assert bench.held(ONE) == [0]
        assert bench.queue.waiting == 0

    run_virtual(work)


@pytest.mark.parametrize("seed", range(12))
def test_in_no_interleaving_is_anything_left_behind(seed: int) -> None:
    """Requests of all sorts come, are cancelled, leave, and end; a limit is never exceeded."""

    async def work() -> None:
        dice, bench = random.Random(seed), Bench(place_every=0.5)
        account = make_limit(Scope("provider", "acme"), "tpm", 60_000, window="rolling")
        slots = make_limit(Scope("model", "m"), "concurrency", 4)
        own = {key: make_limit(Scope("key", key), "rpm", 40) for key in "abc"}
        lanes = {
            lane: make_limit(Scope("deployment", lane), "tpm", 40_000, slack_us=500_000)
            for lane in ("x", "y")
        }

        async def one() -> None:
            key, lane = dice.choice("abc"), dice.choice(("x", "y"))
            leave = Leave()
            ticket = bench.ticket(
                *(own[key], lanes[lane], slots, account),
                tokens=dice.choice((1, 500, 2_000, 35_000)),
                key=key,
                lane=lane,
                max_wait=dice.choice((0, 3, 30, 300)),
                priority=dice.randrange(2),
            )
            if dice.random() < 0.3:
                bench.loop.call_later(dice.choice((0, 1, 1.5, 7)), leave.now)
            on_place = (lambda place: None) if dice.random() < 0.3 else None
            try:
                reservation = await bench.enter(ticket, leave, on_place)
            except PointsmanError:
                return
            try:
                await asyncio.sleep(dice.choice((0, 0.5, 1, 4)))
            finally:
                bench.queue.settle(reservation, amounts(dice.randrange(ticket.amounts[1] + 1)))

        tasks = []
        for _ in range(250):
            tasks.append(asyncio.create_task(one()))
            if dice.random() < 0.3:
                bench.loop.call_later(dice.choice((0, 0.5, 1, 2)), dice.choice(tasks).cancel)
            await asyncio.sleep(dice.choice((0, 0, 0.5, 1)))
            for level in bench.store.levels((slots, account), bench.queue.now_us()):
                assert level.used <= level.limit.amount
        await asyncio.gather(*tasks, return_exceptions=True)
        limits = (*own.values(), *lanes.values(), slots, account)
        assert bench.held(*limits) == [0] * len(limits)
        assert bench.queue.waiting == 0
        assert (await bench.queue.snapshot()).lanes == ()

    run_virtual(work)


@virtual
async def test_those_who_left_are_not_remembered_behind_one_who_waits_for_long() -> None:
    bench = Bench()
    held = await bench.enter(bench.ticket(ONE))
    stays = asyncio.create_task(bench.enter(bench.ticket(ONE, max_wait=100)))
    await asyncio.sleep(0)
    tracemalloc.start()
    for round_ in range(40):
        if round_ == 10:
            early = tracemalloc.get_traced_memory()[0]
        tasks = [asyncio.create_task(bench.enter(bench.ticket(ONE, max_wait=200))) for _ in range(100)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    late = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert late - early < 100_000
    bench.queue.settle(held, NOTHING)
    bench.queue.settle(await stays, NOTHING)
