"""How long nobody is waited for."""

from __future__ import annotations

import asyncio

import pytest

from pointsman.gateway.resume.lingering import Lingering, Tasks, wind_up
from tests.support.virtual_time import run_virtual


@pytest.mark.parametrize(
    ("seconds", "after", "gone"), [(0.0, 0.0, True), (5.0, 4.9, False), (5.0, 5.1, True)]
)
def test_the_provider_is_told_when_its_time_is_over(seconds: float, after: float, gone: bool) -> None:
    async def work() -> None:
        lingering = Lingering(seconds)
        lingering.alone()
        await asyncio.sleep(after)
        assert lingering.leave.gone is gone
        lingering.stop()

    run_virtual(work)


def test_where_none_can_come_back_it_ends_at_once() -> None:
    async def work() -> None:
        lingering = Lingering(5.0)
        lingering.alone()
        lingering.alone(for_good=True)
        assert lingering.leave.gone

    run_virtual(work)


def test_who_comes_back_stops_it_and_it_begins_anew_when_they_leave() -> None:
    async def work() -> None:
        lingering = Lingering(5.0)
        for _ in range(3):
            lingering.alone()
            await asyncio.sleep(4)
            lingering.stop()
            lingering.stop()
            await asyncio.sleep(4)
            assert not lingering.leave.gone
        lingering.alone()
        await asyncio.sleep(3)
        lingering.alone()  # said twice: from then on
        await asyncio.sleep(3)
        assert not lingering.leave.gone
        await asyncio.sleep(3)
        assert lingering.leave.gone

    run_virtual(work)


def test_what_does_not_end_in_its_time_is_cancelled() -> None:
    async def work() -> tuple[list[str], float]:
        ended, clock = list[str](), asyncio.get_running_loop().time

        async def one(name: str, seconds: float) -> None:
            try:
                await asyncio.sleep(seconds)
                ended.append(name)
            except asyncio.CancelledError:
                ended.append(f"{name} cancelled")
                raise

        await wind_up([], 5.0)
        tasks = Tasks()
        for name, seconds in (("quick", 1.0), ("slow", 60.0)):
            tasks.begin(one(name, seconds))
        assert len(tasks) == len(list(tasks)) == 2
        began = clock()
        await tasks.wind_up(5.0)
        assert len(tasks) == 0
        return ended, clock() - began

    assert run_virtual(work) == (["quick", "slow cancelled"], 5.0)
