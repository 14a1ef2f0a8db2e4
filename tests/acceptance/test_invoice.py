"""Ten thousand requests, with faults and clients that leave, and then our books against the provider's bill.

The simulator runs as a process of its own and keeps its own invoice; it shares nothing with the gateway but
the ``x-client-request-id`` that names each attempt.
"""

from __future__ import annotations

import asyncio
import gc
import sys
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

import msgspec
import pytest

from pointsman.http1 import HttpRequest, Timeouts
from tests.support.books import Bill, balance, not_on
from tests.support.processes import running
from tests.support.stack import Stack, running_stack
from tests.support.traffic import Ask, make_ask, send

CONCURRENCY = 64
FAULTS = "500:0.01,529:0.03,reset:0.02,malformed:0.01,stall:0.005:seconds=0.3"
REFUSED = "429:0.02:retry_after=0," + FAULTS
"""Only in one of the two, since a refusal is taken for a limit that is kept to from then on, by waiting."""
BATCHES, BATCH = 5, 1_800
PACED = 1_000
ROUNDS = 5
"""At most: on a machine with other things to do, most clients leave before the first token."""


def longest(asks: list[Ask]) -> int:
    return max(ask.max_output for ask in asks)


async def drive(stack: Stack, asks: list[Ask]) -> None:
    waiting = iter(asks)

    async def client() -> None:
        for ask in waiting:
            await send(stack, ask)

    await asyncio.gather(*(client() for _ in range(CONCURRENCY)))


async def settled(stack: Stack, tasks: int) -> Bill:
    """The invoice, once nothing is under way any more on either side, nor on the line between them: a
    provider that is busy has not yet read all that was sent to it."""
    async with asyncio.timeout(30):
        while True:
            bill = msgspec.convert(await stack.invoice(), Bill, strict=False)
            quiet = not bill.in_flight and len(asyncio.all_tasks()) <= tasks
            if quiet and not not_on(bill, stack.ledger.entries):
                return bill
            await asyncio.sleep(0)


async def forget(stack: Stack) -> None:
    reset = HttpRequest("POST", f"{stack.simulator_url}/invoice/reset")
    await (await stack.transport.send(reset, Timeouts())).read()
    stack.ledger.empty()


def open_files() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


class Footprint(msgspec.Struct, frozen=True):
    """What a process holds on to when all is quiet."""

    tasks: int
    files: int
    blocks: int
    """Of memory, of any size, that Python's allocator has handed out."""

    @classmethod
    def taken(cls) -> Footprint:
        gc.collect()
        return cls(len(asyncio.all_tasks()), open_files(), sys.getallocatedblocks())


def run(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """On the loop that ``pointsman serve`` runs on."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())


def test_every_call_is_on_the_invoice_and_nothing_grows(tmp_path: Path) -> None:
    kinds: Counter[str] = Counter()
    quiet: list[Footprint] = []

    async def main(url: str) -> None:
        async with running_stack(simulator_url=url) as stack:
            await stack.call("GET", "/health")
            tasks = len(asyncio.all_tasks())
            for batch in range(BATCHES):
                asks = [make_ask(batch * BATCH + number) for number in range(BATCH)]
                await drive(stack, asks)
                bill = await settled(stack, tasks)
                assert len(stack.ledger.entries) == BATCH
                kinds.update(balance(stack.ledger.entries, bill, longest(asks)))
                del bill
                await forget(stack)
                quiet.append(Footprint.taken())

    before = open_files()
    options = ("--port", "0", "--seed", "7", "--pace", "none", "--faults", REFUSED)
    with running("simulate", *options, home=tmp_path) as it:
        url = it.wait_for(r"invoice: (http\S+)/invoice").group(1)
        run(lambda: main(url))
    assert kinds["exact"] > 0.9 * BATCHES * BATCH
    assert min(kinds["free"], kinds["above"]) > 100, kinds
    warm, last = quiet[1], quiet[-1]
    assert last.tasks == quiet[0].tasks
    assert last.files <= before + 3 * CONCURRENCY + 20, "client to gateway (both ends are here) to provider"
    assert last.blocks - warm.blocks < 2 * (BATCHES - 2) * BATCH, (
        "no more than what rolling windows remember of a minute: one event in each of two limits"
    )
    assert open_files() <= before + 2, "all is closed in the end"


@pytest.mark.parametrize("seed", [1])
def test_calls_that_are_cut_in_their_midst_are_booked_to_the_token(tmp_path: Path, seed: int) -> None:
    """At the pace of real models, 25 times as fast, so that clients leave while tokens are being made,
    until enough have left then."""
    kinds: Counter[str] = Counter()

    async def main(url: str) -> None:
        async with running_stack(simulator_url=url) as stack:
            await stack.call("GET", "/health")
            tasks = len(asyncio.all_tasks())
            for first in range(0, ROUNDS * PACED, PACED):
                numbers = range(first, first + PACED)
                asks = [make_ask(number, seed=seed, leaving=0.4, patience=0.05) for number in numbers]
                await drive(stack, asks)
                bill = await settled(stack, tasks)
                kinds.update(balance(stack.ledger.entries, bill, longest(asks)))
                await forget(stack)
                if min(kinds["cut, to the token"], kinds["above"]) > 10:
                    break

    options = ("--port", "0", "--seed", str(seed), "--pace", "real", "--speed", "25", "--faults", FAULTS)
    with running("simulate", *options, home=tmp_path) as it:
        url = it.wait_for(r"invoice: (http\S+)/invoice").group(1)
        run(lambda: main(url))
    assert kinds["exact"] > PACED / 4
    assert min(kinds["cut, to the token"], kinds["above"]) > 10, kinds
