"""In real time and over real sockets: a flood at three times the limit, and an outage."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, Literal

import msgspec

from pointsman.http1 import HttpRequest, Timeouts
from pointsman.simulator import Config
from pointsman.simulator.faults import parse_faults
from tests.support.books import Bill, balance
from tests.support.outage import FAULTS, MAX_TOKENS, Outage, an_ask, is_whole, tables
from tests.support.stack import Stack, running_stack, settings

SECONDS = 12.0
PATHS = {"gpt-4.1": "/v1/chat/completions", "claude-haiku-4-5": "/v1/messages"}
SERVERS = {"gpt-4.1": "openai", "claude-haiku-4-5": "anthropic"}


async def at_random(rate: float, seconds: float, ask: Callable[[int], Awaitable[Any]]) -> list[Any]:
    """``rate`` requests a second."""
    dice, tasks = random.Random(1), list[asyncio.Future[Any]]()
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        await asyncio.sleep(dice.expovariate(rate))
        tasks.append(asyncio.ensure_future(ask(len(tasks))))
    return await asyncio.gather(*tasks)


async def settled(stack: Stack) -> Bill:
    """The invoice, once nothing is under way any more."""
    async with asyncio.timeout(20):
        while True:
            bill = msgspec.convert(await stack.invoice(), Bill, strict=False)
            if not bill.in_flight:
                return bill
            await asyncio.sleep(0.01)


async def limits(stack: Stack) -> dict[str, Any]:
    request = HttpRequest("GET", stack.simulator_url + "/limits")
    response = await stack.transport.send(request, Timeouts())
    (row,) = msgspec.json.decode(await response.read())["models"]
    return dict(row)


async def test_a_flood_uses_what_there_is_and_not_one_429_comes_from_upstream() -> None:
    """A minute's limit is had at once; then the bucket flows on, and the window stays shut. Most of it is
    waiting, so both run side by side."""
    await asyncio.gather(*map(flood, PATHS))


async def flood(model: str) -> None:
    rpm = 120
    given = settings(providers={SERVERS[model]: {"limits": {model: {"rpm": rpm}}}}, queue={"max_wait": 3.0})
    window: Literal["rolling", "bucket"] = "rolling" if model.startswith("gpt") else "bucket"
    async with running_stack(Config(rpm=rpm, window=window), given=given) as stack:

        async def ask(number: int) -> int:
            body = {"model": model, "max_tokens": 20, "messages": [{"role": "user", "content": f"{number}?"}]}
            status, headers, _ = await stack.post(PATHS[model], body, anthropic_version="2023-06-01")
            assert status == 200 or float(headers["retry-after-ms"]) > 0
            return status

        statuses = await at_random(20.0, SECONDS, ask)
        bill = await settled(stack)
        row = await limits(stack)
        assert row["rejected_429"] == {}, model
        most = rpm if window == "rolling" else rpm * (1 + (SECONDS + 3) / 60)
        assert 0.9 * most <= len(bill.calls) <= most, model
        assert len(bill.calls) == statuses.count(200) == row["limits"]["requests"]["total"]
        assert balance(stack.ledger.entries, bill, 20)["exact"] == len(bill.calls)
        assert stack.gateway.flow.queue.waiting == 0


async def test_an_outage_of_one_provider() -> None:
    await asyncio.gather(*map(endure, (False, True)))


async def endure(streams: bool) -> None:
    outage = Outage(streams=streams)
    more = tables(outage) | {"timeouts": {"total": 8.0}}
    simulator = Config(seed=3, pace="real", speed=10.0, faults=parse_faults(FAULTS))
    async with running_stack(simulator, given=settings(**more)) as stack:
        dice = random.Random("outage")

        async def ask(number: int) -> bool:
            began = time.monotonic()
            status, _, body = await stack.post("/v1/chat/completions", an_ask(number, streams, dice))
            return is_whole(streams, status, body) and time.monotonic() - began <= 8.5

        done = await at_random(20, SECONDS / 2, ask)
        bill = await settled(stack)
        assert sum(done) >= 0.99 * len(done)
        assert len(bill.calls) <= 1.3 * len(done)
        balance(stack.ledger.entries, bill, max(MAX_TOKENS))
        health = stack.gateway.flow.health
        assert not any(each.in_flight for each in health._deployments.values())
