"""A gateway with the prompt-cache autopilot before simulated providers, in virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec

from pointsman.config import Settings
from pointsman.gateway.prompt_cache.prompt_caching import PromptCaching
from pointsman.http1 import HttpRequest
from pointsman.simulator import Config
from tests.support.gateway import MESSAGES
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

ON = settings(prompt_cache={"enabled": True})
PAUSE = 60.0


def caching(stack: VirtualStack) -> PromptCaching:
    found = stack.gateway.journey.prompt_cache
    assert found is not None
    return found


class Sent(list[HttpRequest]):
    """What left for the provider."""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(request.body) for request in self]


def play(
    bodies: list[dict[str, Any]],
    given: Settings = ON,
    *,
    path: str = MESSAGES,
    headers: dict[str, str] | None = None,
    pause: float = PAUSE,
    simulator: Config | None = None,
    check: Callable[[VirtualStack], None] = lambda stack: None,
) -> tuple[Sent, Decimal]:
    """One after the other. What was sent, and what the provider bills."""
    sent = Sent()

    async def work() -> Decimal:
        async with virtual_stack(simulator, given=given) as stack:
            stack.transport.on_send = sent.append
            for body in bodies:
                answer = await stack.post(path, body, headers)
                assert answer.status == 200, answer.body
                await asyncio.sleep(pause)
            check(stack)
            bill = await stack.bill()
            booked = sum(entry.cost or 0 for entry in stack.ledger.entries)
            billed = sum((Decimal(line.usd) for line in bill.calls), Decimal(0))
            assert booked == billed * 10**12
            return billed

    return sent, run_virtual(work)


def marks(body: dict[str, Any]) -> list[str]:
    """Where breakpoints are: "system", "tools", or the number of the message; with the life if it is 1h."""
    found = []

    def see(name: str, block: Any) -> None:
        if isinstance(block, dict) and "cache_control" in block:
            found.append(name + ("=1h" if block["cache_control"].get("ttl") == "1h" else ""))

    for tool in body.get("tools", ()):
        see("tools", tool)
    for part in body["system"] if isinstance(body.get("system"), list) else ():
        see("system", part)
    for number, message in enumerate(body["messages"]):
        for block in message["content"] if isinstance(message["content"], list) else ():
            see(str(number), block)
    return found


def without_marks(value: Any) -> Any:
    """What a body says: without breakpoints, and a lone block of text as plain text."""
    if isinstance(value, list):
        if len(value) == 1 and isinstance(value[0], dict) and set(value[0]) - _MARK == {"type", "text"}:
            return value[0]["text"]
        return [without_marks(each) for each in value]
    if isinstance(value, dict):
        return {name: without_marks(each) for name, each in value.items() if name not in _MARK}
    return value


_MARK = {"cache_control"}
