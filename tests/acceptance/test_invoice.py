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

from pointsman.costs import parse_usd
from pointsman.http1 import HttpRequest, Timeouts
from pointsman.ledger.entry import Attempt, Entry
from tests.support.processes import running
from tests.support.stack import Stack, running_stack
from tests.support.traffic import Ask, make_ask, send

CONCURRENCY = 64
FAULTS = "429:0.02:retry_after=0.01,500:0.01,529:0.03,reset:0.02,malformed:0.01,stall:0.005:seconds=0.3"
BATCHES, BATCH = 5, 1_800
PACED = 1_000
TOKENS = ("input", "output", "cache_read", "cache_write_5m", "cache_write_30m", "cache_write_1h")


class Line(msgspec.Struct, frozen=True):
    """One line of the provider's invoice."""

    client_request_id: str
    outcome: str
    stream: bool
    usage_reported: bool
    usd: str
    delivered: int
    input: int
    output: int
    cache_read: int
    cache_write_5m: int
    cache_write_30m: int
    cache_write_1h: int

    @property
    def prompt(self) -> int:
        return self.input + self.cache_read + self.cache_write_5m + self.cache_write_30m + self.cache_write_1h


class Bill(msgspec.Struct, frozen=True):
    calls: list[Line]
    in_flight: int


# -- the books


def compare(entry: Entry, attempt: Attempt, line: Line, most: int) -> str:
    """Hold one attempt of ours against the provider's line for it; which kind of case it was.

    Args:
        most: tokens of output that the client allowed.
    """
    usage, billed = attempt.usage, parse_usd(line.usd)
    assert usage is not None
    assert attempt.cost is not None
    if line.usage_reported:
        booked = tuple(getattr(usage, name) for name in TOKENS)
        assert booked == tuple(getattr(line, name) for name in TOKENS), (entry, line)
        assert attempt.cost == billed, (entry, line)
        assert not attempt.estimated
        return "exact"
    if not billed and not attempt.estimated:
        assert attempt.cost == 0, (entry, line)
        return "free"
    assert attempt.estimated, (entry, line)
    assert attempt.cost >= billed, (entry, line)
    assert usage.prompt >= line.prompt, (entry, line)
    assert line.output <= usage.output <= max(most, line.output), (entry, line)
    if line.stream and attempt.outcome == "cut" and line.outcome in ("cut", "stalled"):
        # The provider was told at once that its client had gone (half of the connection was closed), and what
        # it had written by then was still read: nothing is in flight that nobody sees. So the bound is tight.
        assert usage.output == line.delivered == line.output, (entry, line)
        return "cut, to the token"
    return "above" if attempt.cost > billed else "estimated, to the token"


def balance(entries: tuple[Entry, ...], bill: Bill, asks: list[Ask]) -> Counter[str]:
    """No call is missing on either side, and every one is right."""
    lines = {line.client_request_id: line for line in bill.calls}
    assert len(lines) == len(bill.calls), "every attempt has a name of its own"
    ours = {f"{e.request_id}-{a.number}": (e, a) for e in entries for a in e.attempts}
    never_sent = {name for name, (_, a) in ours.items() if name not in lines and a.cost == 0 and not a.status}
    assert set(lines) - set(ours) == set(), "calls that we know nothing of"
    assert set(ours) - set(lines) - never_sent == set(), "calls that never came"
    for entry in entries:
        assert entry.cost == sum(attempt.cost or 0 for attempt in entry.attempts), entry
    longest = max(ask.max_output for ask in asks)
    kinds = Counter(compare(*ours[name], line, longest) for name, line in lines.items())
    kinds["never sent"] = len(never_sent)
    return kinds


# -- the traffic


async def drive(stack: Stack, asks: list[Ask]) -> None:
    waiting = iter(asks)

    async def client() -> None:
        for ask in waiting:
            await send(stack, ask)

    await asyncio.gather(*(client() for _ in range(CONCURRENCY)))


async def settled(stack: Stack, tasks: int) -> Bill:
    """The invoice, once nothing is under way any more on either side."""
    async with asyncio.timeout(30):
        while True:
            bill = msgspec.convert(await stack.invoice(), Bill, strict=False)
            if not bill.in_flight and len(asyncio.all_tasks()) <= tasks:
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
                kinds.update(balance(stack.ledger.entries, bill, asks))
                del bill
                await forget(stack)
                quiet.append(Footprint.taken())

    before = open_files()
    options = ("--port", "0", "--seed", "7", "--pace", "none", "--faults", FAULTS)
    with running("simulate", *options, home=tmp_path) as it:
        url = it.wait_for(r"invoice: (http\S+)/invoice").group(1)
        run(lambda: main(url))
    assert kinds["exact"] > 0.9 * BATCHES * BATCH
    assert min(kinds["free"], kinds["above"]) > 100, kinds
    warm, last = quiet[1], quiet[-1]
    assert last.tasks == quiet[0].tasks
    assert last.files <= before + 3 * CONCURRENCY + 20, "client to gateway (both ends are here) to provider"
    assert last.blocks - warm.blocks < BATCH, "less than half a block for each request"
    assert open_files() <= before + 2, "all is closed in the end"


@pytest.mark.parametrize("seed", [1])
def test_calls_that_are_cut_in_their_midst_are_booked_to_the_token(tmp_path: Path, seed: int) -> None:
    """At the pace of real models, 25 times as fast, so that clients leave while tokens are being made."""
    kinds: Counter[str] = Counter()

    async def main(url: str) -> None:
        async with running_stack(simulator_url=url) as stack:
            await stack.call("GET", "/health")
            tasks = len(asyncio.all_tasks())
            asks = [make_ask(number, seed=seed, leaving=0.4, patience=0.05) for number in range(PACED)]
            await drive(stack, asks)
            bill = await settled(stack, tasks)
            kinds.update(balance(stack.ledger.entries, bill, asks))

    options = ("--port", "0", "--seed", str(seed), "--pace", "real", "--speed", "25", "--faults", FAULTS)
    with running("simulate", *options, home=tmp_path) as it:
        url = it.wait_for(r"invoice: (http\S+)/invoice").group(1)
        run(lambda: main(url))
    assert kinds["exact"] > PACED / 4
    assert min(kinds["cut, to the token"], kinds["above"]) > 10, kinds
