"""What the ways to call do about refusals, at a simulated provider that counts them."""

from __future__ import annotations

import openai
import pytest

from pointsman.demo.burst.burst import MODEL, Ask
from pointsman.demo.burst.callers import LoopCaller, SdkCaller
from tests.support.simulated import invoice, simulated

ASKS = [Ask(0.0, "Why do trains run late?", stream) for stream in (True, False)]


@pytest.mark.parametrize("ask", ASKS)
async def test_an_answer_is_read_to_its_end_and_counted(ask: Ask) -> None:
    async with simulated() as (_, base_url):
        caller = SdkCaller(f"{base_url}/openai/v1", "k", MODEL)
        assert await caller.ask(ask) > 20
        await caller.close()
        assert [call["outcome"] for call in (await invoice(base_url))["calls"]] == ["ok"]


async def test_the_sdk_tries_three_times_or_as_told() -> None:
    async with simulated("429:1:retry_after=0.01") as (_, base_url):
        for retries, calls in ((None, 3), (0, 4)):
            caller = SdkCaller(f"{base_url}/openai/v1", "k", MODEL, retries=retries)
            with pytest.raises(openai.RateLimitError):
                await caller.ask(ASKS[0])
            await caller.close()
            assert len((await invoice(base_url))["calls"]) == calls


async def test_the_loop_goes_on_after_refusals() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async with simulated("429:at=1+2:retry_after=30") as (_, base_url):
        caller = LoopCaller(f"{base_url}/openai/v1", "k", MODEL, sleep=sleep, random=lambda: 0.5)
        assert await caller.ask(ASKS[1]) > 20
        await caller.close()
        assert len((await invoice(base_url))["calls"]) == 3
    assert slept == [1.0, 1.5], "it goes by its own numbers, not by Retry-After"
