"""Requests to a provider that fails in every way, with a healthy one behind it, in virtual time."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import msgspec

from pointsman.simulator import Config
from pointsman.simulator.faults import parse_faults
from tests.support.books import balance
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

FAULTS = "anthropic/529:0.3,anthropic/reset:0.05,anthropic/stall:0.05"
DEADLINE = 60.0
WORDS = (2, 40)
MAX_TOKENS = (40, 120, 300)


class Outage(msgspec.Struct, frozen=True):
    rate: float = 120.0
    """Requests a minute, at random moments."""
    minutes: float = 10.0
    streams: bool = False
    continues: bool = True
    second: str = "holysheep/claude-haiku-4-5"
    """Can go on with what the first began, since its model allows a prefill."""


class Toll(msgspec.Struct):
    """What came of it. The ledger agrees with the invoice, or there would be none."""

    requests: int
    in_time: int
    calls: int
    """That reached a provider."""
    kinds: Counter[str]

    @property
    def success(self) -> float:
        return self.in_time / self.requests


def tables(outage: Outage) -> dict[str, Any]:
    route = {
        "models": ["claude-haiku-4-5"],
        "fallbacks": [outage.second],
        "continue_streams": outage.continues,
    }
    return {"routes": {"chat": route}, "timeouts": {"total": DEADLINE}}


def an_ask(number: int, stream: bool, dice: random.Random) -> dict[str, Any]:
    words = "please " * dice.randint(*WORDS)
    return {
        "model": "chat",
        "stream": stream,
        "max_tokens": dice.choice(MAX_TOKENS),
        "messages": [{"role": "user", "content": f"{number}: {words}why?"}],
    }


def is_whole(stream: bool, status: int, body: bytes) -> bool:
    """A client has all of an answer."""
    if status != 200:
        return False
    return body.endswith(b"data: [DONE]\n\n") if stream else b'"choices"' in body


def run_outage(outage: Outage, seed: int) -> Toll:
    return run_virtual(lambda: _run(outage, seed))


async def _run(outage: Outage, seed: int) -> Toll:
    simulator = Config(seed=seed, pace="real", faults=parse_faults(FAULTS))
    given = settings(**tables(outage))
    async with virtual_stack(simulator, seed=seed, delay=(0.0, 0.2), given=given) as stack:
        loop, dice = asyncio.get_running_loop(), random.Random(f"outage {seed}")
        end, tasks = loop.time() + 60 * outage.minutes, list[asyncio.Task[bool]]()
        while loop.time() < end:
            await asyncio.sleep(dice.expovariate(outage.rate / 60))
            tasks.append(asyncio.create_task(_ask(stack, an_ask(len(tasks), outage.streams, dice))))
        done = await asyncio.gather(*tasks)
        bill = await stack.bill()
        kinds = balance(stack.ledger.entries, bill, max(MAX_TOKENS))
        return Toll(len(done), sum(done), len(bill.calls), kinds)


async def _ask(stack: VirtualStack, body: dict[str, Any]) -> bool:
    loop = asyncio.get_running_loop()
    began = loop.time()
    call = await stack.post("/v1/chat/completions", body)
    return is_whole(body["stream"], call.status, call.body) and loop.time() - began <= DEADLINE
