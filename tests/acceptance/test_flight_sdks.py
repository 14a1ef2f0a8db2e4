"""The official SDKs, over real sockets and in real time, share one call between many: in both dialects, whole
and streamed, and though the first of them leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import anthropic
import openai

from pointsman.costs import parse_usd
from pointsman.simulator import Config, app
from tests.support.servers import AsgiApp, serve
from tests.support.stack import Stack, running_stack, settings

MODEL, MOST, PROMPT = "gpt-5.4-mini", 60, "Why is the sky blue?"
EACH = 6


async def openai_whole(client: openai.AsyncOpenAI) -> str:
    answer = await client.chat.completions.create(
        model=MODEL, max_tokens=MOST, messages=[{"role": "user", "content": PROMPT}]
    )
    return answer.choices[0].message.content or ""


async def openai_streamed(client: openai.AsyncOpenAI, leave: asyncio.Event | None = None) -> str:
    """
    Args:
        leave: it reads one event, and leaves once this is set.
    """
    said = ""
    stream = await client.chat.completions.create(
        model=MODEL, max_tokens=MOST, messages=[{"role": "user", "content": PROMPT}], stream=True
    )
    async for chunk in stream:
        said += chunk.choices[0].delta.content or ""
        if leave is not None:
            await leave.wait()
            await stream.close()
            break
    return said


async def anthropic_whole(client: anthropic.AsyncAnthropic) -> str:
    message = await client.messages.create(
        model=MODEL, max_tokens=MOST, messages=[{"role": "user", "content": PROMPT}]
    )
    assert message.usage.output_tokens
    return "".join(block.text for block in message.content if block.type == "text")


async def anthropic_streamed(client: anthropic.AsyncAnthropic) -> str:
    async with client.messages.stream(
        model=MODEL, max_tokens=MOST, messages=[{"role": "user", "content": PROMPT}]
    ) as stream:
        return await stream.get_final_text()


class Halting:
    """An application that halts behind the first event of each stream until it is let go on."""

    def __init__(self, app: AsgiApp) -> None:
        self._app = app
        self.go_on = asyncio.Event()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        halted = False

        async def halting(message: Any) -> None:
            nonlocal halted
            event, blank, rest = message.get("body", b"").partition(b"\n\n")
            if not (halted or self.go_on.is_set()) and blank:
                halted = True
                await send(message | {"body": event + blank, "more_body": True})
                await self.go_on.wait()
                message = message | {"body": rest}
            await send(message)

        await self._app(scope, receive, halting)


async def until(ready: Callable[[], bool]) -> None:
    for _ in range(1_000_000):
        if ready():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not come to that")


async def all_of_them(stack: Stack, provider: Halting) -> tuple[str, list[str]]:
    """What the first one heard until it left, and what the others did. It leaves in the midst of the call,
    when all of them have a part in it."""
    flights = stack.gateway.metrics.flights
    assert flights is not None
    leave = asyncio.Event()
    async with (
        openai.AsyncOpenAI(api_key="k", base_url=f"{stack.gateway_url}/v1", max_retries=0) as first,
        anthropic.AsyncAnthropic(api_key="k", base_url=stack.gateway_url, max_retries=0) as second,
    ):
        leaving = asyncio.create_task(openai_streamed(first, leave))
        await until(lambda: flights.riding() == 1)
        others = asyncio.gather(
            *(openai_streamed(first) for _ in range(EACH)),
            *(openai_whole(first) for _ in range(EACH)),
            *(anthropic_whole(second) for _ in range(EACH)),
            *(anthropic_streamed(second) for _ in range(EACH)),
        )
        await until(lambda: flights.riding() == 1 + 4 * EACH)
        leave.set()
        await until(lambda: flights.riding() == 4 * EACH)
        provider.go_on.set()
        return await leaving, list(await others)


async def test_many_of_both_sdks_share_one_call_though_its_first_client_leaves() -> None:
    given = settings(cache={"enabled": True, "sampled": True, "charge": "split"})
    provider = Halting(app(Config()))
    async with serve(provider) as url, running_stack(simulator_url=url, given=given) as stack:
        heard, said = await all_of_them(stack, provider)
        assert len(set(said)) == 1 and said[0].startswith(heard) and len(heard) < len(said[0])
        await stack.ledger.flush()
        entries = stack.ledger.entries
        assert len(entries) == 4 * EACH + 1
        assert [entry.cache for entry in entries].count("coalesced") == 4 * EACH
        (call,) = (await stack.invoice())["calls"]
        assert sum(entry.cost or 0 for entry in entries) == parse_usd(call["usd"])
        (made,) = [entry for entry in entries if entry.attempts]
        assert (made.outcome, [attempt.outcome for attempt in made.attempts]) == ("cut", ["ok"])
