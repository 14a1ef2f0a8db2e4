"""What a deadline means where limits, queue and retries meet, over the whole gateway in virtual time."""

from __future__ import annotations

import asyncio

from pointsman.simulator import Config
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
