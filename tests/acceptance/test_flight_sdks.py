"""The official SDKs, over real sockets and in real time, share one call between many: in both dialects, whole
and streamed, and though the first of them leaves."""

from __future__ import annotations

import asyncio

import anthropic
import openai

from pointsman.costs import parse_usd
from pointsman.simulator import Config
from tests.support.stack import Stack, running_stack, settings

MODEL, MOST, PROMPT = "gpt-5.4-mini", 60, "Why is the sky blue?"
EACH = 6


async def openai_whole(client: openai.AsyncOpenAI) -> str:
    answer = await client.chat.completions.create(
        model=MODEL, max_tokens=MOST, messages=[{"role": "user", "content": PROMPT}]
    )
    return answer.choices[0].message.content or ""


async def openai_streamed(client: openai.AsyncOpenAI, begun: asyncio.Event, leave: asyncio.Event) -> str:
    """
    Args:
        begun: set when its first event is there.
        leave: it leaves after an event that comes once this is set.
    """
    said = ""
    stream = await client.chat.completions.create(
        model=MODEL, max_tokens=MOST, messages=[{"role": "user", "content": PROMPT}], stream=True
    )
    async for chunk in stream:
        begun.set()
        said += chunk.choices[0].delta.content or ""
        if leave.is_set():
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


async def all_of_them(stack: Stack) -> tuple[str, list[str]]:
    """What the first one heard until it left, and what the others did."""
    stays, begun, joined = asyncio.Event(), asyncio.Event(), asyncio.Event()
    async with (
        openai.AsyncOpenAI(api_key="k", base_url=f"{stack.gateway_url}/v1", max_retries=0) as first,
        anthropic.AsyncAnthropic(api_key="k", base_url=stack.gateway_url, max_retries=0) as second,
    ):
        leaving = asyncio.create_task(openai_streamed(first, begun, joined))
        await begun.wait()
        said = await asyncio.gather(
            *(openai_streamed(first, joined, stays) for _ in range(EACH)),
            *(openai_whole(first) for _ in range(EACH)),
            *(anthropic_whole(second) for _ in range(EACH)),
            *(anthropic_streamed(second) for _ in range(EACH)),
        )
        return await leaving, list(said)


async def test_many_of_both_sdks_share_one_call_though_its_first_client_leaves() -> None:
    given = settings(cache={"enabled": True, "sampled": True, "charge": "split"})
    async with running_stack(Config(pace="real"), given=given) as stack:
        heard, said = await all_of_them(stack)
        assert len(set(said)) == 1 and said[0].startswith(heard)
        await stack.ledger.flush()
        entries = stack.ledger.entries
        assert len(entries) == 4 * EACH + 1
        assert [entry.cache for entry in entries].count("coalesced") == 4 * EACH
        (call,) = (await stack.invoice())["calls"]
        assert sum(entry.cost or 0 for entry in entries) == parse_usd(call["usd"])
        (made,) = [entry for entry in entries if entry.attempts]
        assert made.outcome in ("cut", "ok")  # on a slow machine all is sent before it leaves
        assert [attempt.outcome for attempt in made.attempts] == ["ok"]
