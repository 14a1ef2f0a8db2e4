"""Limits that only keys have, over the whole gateway in virtual time."""

from __future__ import annotations

import asyncio

from pointsman.keys import KeyLimits
from pointsman.simulator import Config
from tests.support.flood import KeyRing
from tests.support.gateway import CHAT, ask
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual


def test_nothing_is_kept_of_who_waited_for_the_limit_of_a_key_alone() -> None:
    async def work() -> None:
        door = KeyRing({"team": KeyLimits(rpm=60, concurrency=2)})
        async with virtual_stack(Config(pace="real"), door=door) as stack:
            mine = {"x-api-key": "team"}
            done = await asyncio.gather(*(stack.post(CHAT, ask("gpt-4.1"), mine) for _ in range(12)))
            assert [each.status for each in done] == [200] * 12
            assert any(int(each.headers["x-pointsman-queued-ms"]) > 0 for each in done)
            queue = stack.gateway.flow.queue
            assert (queue.waiting, queue._charges, queue._room.empty) == (0, {}, True)

    run_virtual(work)
