"""The ports are met by the real things and by the fakes of the tests alike (the type checker sees to it)."""

from __future__ import annotations

import asyncio
import inspect
import random
import secrets

import pytest

from pointsman.clock import SystemClock
from pointsman.gateway.build import FrontDoor, request_ids
from pointsman.gateway.call import ports
from pointsman.gateway.call.ports import Clock, Door, Meter, NewId, Random, Sleep
from pointsman.gateway.metrics import Metrics
from pointsman.keys import KeyDirectory
from tests.support.clock import FakeClock
from tests.support.entries import make_entry

CLOCKS: list[Clock] = [SystemClock(), FakeClock()]


@pytest.mark.parametrize("clock", CLOCKS)
def test_a_clock_runs_forward_in_the_units_it_promises(clock: Clock) -> None:
    assert 1_500_000_000_000_000 < clock.now_us() < 10**16
    assert clock.monotonic() <= clock.monotonic()
    assert clock.today().year >= 2026


async def test_the_real_things_fit() -> None:
    door: Door = FrontDoor(KeyDirectory())
    meter: Meter = Metrics()
    new_id: NewId = request_ids(secrets.token_hex, SystemClock().now_us)
    sleep: Sleep = asyncio.sleep
    draw: Random = random.Random(1).random
    meter.observe(make_entry())
    await sleep(0)
    assert door.authenticate("").id == ""
    assert new_id() != new_id()
    assert 0 <= draw() < 1


def test_authenticating_is_no_coroutine() -> None:
    """It is on the path of every request, and answered from memory."""
    assert not inspect.iscoroutinefunction(ports.Door.authenticate)
