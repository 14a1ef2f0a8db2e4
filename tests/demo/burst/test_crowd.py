from __future__ import annotations

import asyncio

from pointsman.demo.burst.burst import Ask
from pointsman.demo.burst.crowd import Tally, send_all
from tests.support.virtual_time import run_virtual


class Refused(Exception):
    pass


class Sleepy:
    """Takes a second for each; prompts named "no" are refused."""

    def __init__(self, tally: Tally) -> None:
        self.tally = tally
        self.begun: list[float] = []
        self.waiting: list[int] = []

    async def ask(self, ask: Ask) -> int:
        self.begun.append(asyncio.get_running_loop().time())
        self.waiting.append(self.tally.waiting)
        await asyncio.sleep(1.0)
        if ask.prompt == "no":
            raise Refused("too many")
        return 7


def test_each_is_sent_at_its_time_and_counted_once() -> None:
    tally = Tally(3)

    async def run() -> Sleepy:
        caller = Sleepy(tally)
        asks = [Ask(0.5, "yes", False), Ask(0.75, "no", True), Ask(4.0, "yes", False)]
        clock = asyncio.get_running_loop().time
        begun = clock()
        assert not tally.done
        await send_all(caller, asks, tally, clock=clock, failures=(Refused,))
        caller.begun = [at - begun for at in caller.begun]
        return caller

    caller = run_virtual(run)
    assert caller.begun == [0.5, 0.75, 4.0]
    assert caller.waiting == [1, 2, 1]
    assert (tally.answered, tally.errors, tally.waiting) == (2, ["too many"], 0)
    assert (tally.waits, tally.seconds, tally.done) == ([1.0, 1.0], 5.0, True)
