"""Those who come later and are owed more: who is pushed out by that is told so at once."""

from __future__ import annotations

import asyncio

import pytest

from pointsman.errors import RateLimited
from pointsman.limits import make_limit
from tests.support.queueing import DEPLOYMENT, Bench, exhaust
from tests.support.virtual_time import run_virtual

RPM = make_limit(DEPLOYMENT, "rpm", 60)
SLOW = make_limit(DEPLOYMENT, "rpm", 6)


@pytest.mark.parametrize(("others", "patience"), [(5, 30.0), (20, 30.0), (5, 60.0), (100, 60.0)])
def test_who_is_pushed_out_is_told_at_once_and_as_many_start_as_can(others: int, patience: float) -> None:
    async def work() -> None:
        bench, told, started = Bench(), list[tuple[str, float]](), list[tuple[str, float]]()

        async def one(key: str, max_wait: float) -> None:
            try:
                await bench.enter(bench.ticket(RPM, key=key, max_wait=max_wait))
                started.append((key, bench.now))
            except RateLimited as refused:
                assert refused.retry_after is not None
                assert "others that came later" in str(refused) or bench.now == 1.5
                told.append((key, bench.now))

        await exhaust(bench, RPM)
        tasks = [asyncio.create_task(one("a", 30.0)) for _ in range(30)]
        await asyncio.sleep(1.5)
        assert len(started) == 1
        tasks += [asyncio.create_task(one(f"b{number}", patience)) for number in range(others)]
        await asyncio.gather(*tasks)
        assert {at for _, at in told} <= {1.5}, "nobody waits in vain"
        assert [round(at, 3) for _, at in started] == list(range(1, len(started) + 1)), "none is left unused"
        assert len(started) >= 30
        assert sum(key != "a" for key, _ in started) >= min(others, 29)

    run_virtual(work)


def test_who_is_pushed_out_starts_in_time_when_it_comes_again_as_told() -> None:
    async def work() -> None:
        bench, refused = Bench(), list[RateLimited]()
        await exhaust(bench, SLOW)

        async def one(key: str) -> None:
            try:
                await bench.enter(bench.ticket(SLOW, key=key, max_wait=30.0))
            except RateLimited as error:
                refused.append(error)

        tasks = [asyncio.create_task(one("a")) for _ in range(3)]
        await asyncio.sleep(1)
        tasks += [asyncio.create_task(one("b"))]
        await asyncio.sleep(0.001)
        (error,) = refused
        assert error.retry_after == pytest.approx(39 - 30 / 1.02, abs=0.002), "with the margin"
        await asyncio.sleep(error.retry_after or 0)
        await bench.enter(bench.ticket(SLOW, key="a", max_wait=30.0))
        assert bench.now == pytest.approx(40)
        await asyncio.gather(*tasks)
        assert len(refused) == 1

    run_virtual(work)
