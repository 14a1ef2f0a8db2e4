"""Sends demo prompts to a gateway with the official SDKs and writes down what came of each."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Protocol

import msgspec

from .prompts import DemoPrompt, Sdk
from .result import DemoResult, Reply, Settled, needs_settling, result

SETTLE_TRIES = 20
SETTLE_PAUSE = 0.05
"""Seconds between two looks at a request whose accounting is not finished yet."""


class Sender(Protocol):
    """One SDK, pointed at one gateway."""

    async def send(self, prompt: DemoPrompt) -> Reply: ...

    async def find(self, request_id: str) -> object | None: ...

    async def close(self) -> None: ...


class Asker:
    """Asks with whatever SDK a prompt names."""

    def __init__(
        self,
        senders: dict[Sdk, Sender],
        *,
        clock: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._senders = senders
        self._clock = clock
        self._sleep = sleep

    async def ask(self, prompt: DemoPrompt) -> DemoResult:
        """Send one prompt. An error of the gateway or of the network is in the result, not raised."""
        sender = self._senders[prompt.sdk]
        started = self._clock()
        reply = await sender.send(prompt)
        ended = self._clock()
        settled = None
        if needs_settling(reply):
            settled = await self._settled(sender, reply.headers["x-request-id"])
        return result(prompt, reply, settled, started=started, ended=ended)

    async def ask_all(
        self,
        prompts: Iterable[DemoPrompt],
        *,
        concurrency: int = 16,
        done: Callable[[DemoResult], None] = lambda _: None,
    ) -> list[DemoResult]:
        """Send all prompts, at most ``concurrency`` at once; ``done`` is told of each as it ends.

        The results stand in the order of the prompts.
        """
        gate = asyncio.Semaphore(concurrency)

        async def one(prompt: DemoPrompt) -> DemoResult:
            async with gate:
                answer = await self.ask(prompt)
            done(answer)
            return answer

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(prompt)) for prompt in prompts]
        return [task.result() for task in tasks]

    async def _settled(self, sender: Sender, request_id: str) -> Settled | None:
        for attempt in range(SETTLE_TRIES):
            if attempt:
                await self._sleep(SETTLE_PAUSE)
            found = await sender.find(request_id)
            if found is not None:
                return msgspec.convert(found, Settled)
        return None


@asynccontextmanager
async def official_sdks(
    base_url: str, api_key: str, *, clock: Callable[[], float], patience: float = 120.0
) -> AsyncIterator[Asker]:
    """An :class:`Asker` with both official SDKs pointed at the gateway at ``base_url`` (without ``/v1``).

    ``patience`` is how many seconds an SDK waits for the next byte.

    Raises:
        ImportError: the extra ``demo`` is not installed.
    """
    from .anthropic_sdk import AnthropicSender  # noqa: PLC0415 - only here is the extra needed
    from .openai_sdk import OpenAISender  # noqa: PLC0415

    senders: dict[Sdk, Sender] = {
        "openai": OpenAISender(base_url, api_key, timeout=patience, clock=clock),
        "anthropic": AnthropicSender(base_url, api_key, timeout=patience, clock=clock),
    }
    try:
        yield Asker(senders, clock=clock)
    finally:
        for sender in senders.values():
            await sender.close()
