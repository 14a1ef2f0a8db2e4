"""What a deadline means where limits, queue and retries meet, over the whole gateway in virtual time."""

from __future__ import annotations

import asyncio

import pytest

from pointsman.simulator import Config
from pointsman.simulator.faults import parse_faults
from tests.support.gateway import CHAT, ask
from tests.support.stack import settings
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual

RPM_OF_ONE = {"providers": {"openai": {"limits": {"gpt-4.1": {"rpm": 1}}}}}


def test_nobody_waits_for_room_beyond_the_time_for_the_whole_request() -> None:
    """It would be sent with nothing left of its time, and be paid for."""

    async def work() -> None:
        given = settings(**RPM_OF_ONE, timeouts={"total": 20.0})
        async with virtual_stack(Config(), given=given) as stack:
            loop = asyncio.get_running_loop()
            assert (await stack.post(CHAT, ask("gpt-4.1"))).status == 200
            began = loop.time()
            refused = await stack.post(CHAT, ask("gpt-4.1"), {"x-pointsman-max-wait": "100"})
            assert (refused.status, loop.time()) == (429, began)
            again = float(refused.headers["retry-after-ms"]) / 1000
            assert 40.0 < again < 41.0, "from then on it starts within 20 s"
            await asyncio.sleep(again)
            served = await stack.post(CHAT, ask("gpt-4.1"), {"x-pointsman-max-wait": "100"})
            assert served.status == 200
            assert len((await stack.bill()).calls) == 2

    run_virtual(work)


@pytest.mark.parametrize("stall", ["1.0:after=0", "1.0:after=5", "at=1"])
def test_who_falls_silent_leaves_time_for_another(stall: str) -> None:
    """The defaults would wait a minute for the next byte, which is all the time that there is."""

    async def work() -> None:
        routes = {"chat": {"models": ["claude-haiku-4-5"], "fallbacks": ["gpt-4.1"]}}
        faults = parse_faults(f"anthropic/stall:{stall}")
        given = settings(routes=routes, timeouts={"total": 60.0})
        async with virtual_stack(Config(faults=faults), given=given) as stack:
            began = asyncio.get_running_loop().time()
            done = await stack.post(CHAT, ask("chat"))
            took = asyncio.get_running_loop().time() - began
            assert (done.status, done.headers["x-pointsman-provider"]) == (200, "openai")
            assert 29 < took < 31
            assert len((await stack.bill()).calls) == 2

    run_virtual(work)


def test_who_is_alone_has_all_of_the_time() -> None:
    async def work() -> None:
        given = settings(timeouts={"total": 40.0, "idle": 100.0, "first_byte": 100.0})
        async with virtual_stack(Config(faults=parse_faults("stall:1.0:seconds=35")), given=given) as stack:
            assert (await stack.post(CHAT, ask("claude-haiku-4-5"))).status == 200

    run_virtual(work)
