"""That slots are given back whatever happens; the order of service is tested in ``test_pool``."""

from __future__ import annotations

import asyncio
import ssl

import pytest

from pointsman.errors import PointsmanError
from pointsman.http1 import PoolLimits, Timeouts
from pointsman.http1.gathering import Outbox
from pointsman.http1.origin import Origin
from pointsman.http1.url import parse_target
from tests.support.http_server import RawServer, echo


def _origin(url: str, most: int) -> Origin:
    loop = asyncio.get_running_loop()
    return Origin(parse_target(url), None, ssl.create_default_context, PoolLimits(most), loop, Outbox())


async def test_a_refused_connection_takes_no_slot() -> None:
    async with RawServer() as server:
        url = server.url()
    origin = _origin(url, 2)
    for _ in range(3):
        with pytest.raises(PointsmanError):
            await origin.acquire(Timeouts(), None)
    assert origin.pool.size == 0
    await origin.close()


async def test_a_mass_of_cancelled_waiters_is_passed_over() -> None:
    async with RawServer(echo) as server:
        origin = _origin(server.url(), 1)
        held = await origin.acquire(Timeouts(), None)
        waiters = [asyncio.ensure_future(origin.acquire(Timeouts(), None)) for _ in range(3000)]
        await asyncio.sleep(0)
        for waiter in waiters:
            waiter.cancel()
        last = asyncio.ensure_future(origin.acquire(Timeouts(), None))
        origin.released(held)  # before any of them has run
        assert await asyncio.gather(*waiters, return_exceptions=True) != []
        assert await last is held
        assert (origin.pool.size, origin.pool.waiting) == (1, 0)
        await origin.close()


async def test_a_grant_that_comes_with_the_cancellation_is_passed_on() -> None:
    async with RawServer(echo) as server:
        for broken in (False, True):
            origin = _origin(server.url(), 1)
            held = await origin.acquire(Timeouts(), None)
            first = asyncio.ensure_future(origin.acquire(Timeouts(), None))
            second = asyncio.ensure_future(origin.acquire(Timeouts(), None))
            await asyncio.sleep(0)
            if broken:
                held.abort()
            else:
                origin.released(held)
            first.cancel()  # it was granted already
            with pytest.raises(asyncio.CancelledError):
                await first
            assert (await second is held) is not broken
            assert origin.pool.size == 1
            await origin.close()


async def test_a_connection_that_breaks_on_its_way_to_a_waiter_is_replaced() -> None:
    async with RawServer(echo) as server:
        origin = _origin(server.url(), 1)
        held = await origin.acquire(Timeouts(), None)
        waiter = asyncio.ensure_future(origin.acquire(Timeouts(), None))
        await asyncio.sleep(0)
        origin.released(held)
        held.abort()
        fresh = await waiter
        assert fresh is not held
        assert fresh.is_usable()
        assert origin.pool.size == 1
        await origin.close()
        assert origin.pool.size == 0
