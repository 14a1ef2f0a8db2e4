from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

import msgspec
import pytest
from anthropic.types import CacheCreation
from anthropic.types import Usage as WireUsage

from pointsman.chat import Usage
from pointsman.demo.anthropic_sdk import AnthropicSender, usage_of
from pointsman.demo.prompts import DemoPrompt
from tests.support.demo_gateway import DemoGateway
from tests.support.servers import serve

ASKED = {"role": "user", "content": "Where do I get on?"}
PROMPT = DemoPrompt(
    id="x",
    kind="chat",
    language="en",
    model="some-model",
    sdk="anthropic",
    stream=False,
    max_tokens=20,
    messages=(ASKED,),
)
STREAMED = msgspec.structs.replace(PROMPT, stream=True)
USAGE = Usage(input=30, cache_read=20, output=9)


@asynccontextmanager
async def sender(gateway: DemoGateway) -> AsyncIterator[AnthropicSender]:
    ticks = count(1)
    async with serve(gateway) as base_url:
        made = AnthropicSender(base_url, "pm_test", timeout=10, clock=lambda: float(next(ticks)))
        try:
            yield made
        finally:
            await made.close()


async def test_a_whole_answer() -> None:
    async with sender(DemoGateway()) as official:
        reply = await official.send(PROMPT)
    assert (reply.status, reply.error, reply.model, reply.first_at) == (200, "", "some-model", None)
    assert reply.usage == USAGE
    assert reply.headers["x-pointsman-cost-usd"] == "0.0000185"


async def test_a_stream() -> None:
    gateway = DemoGateway()
    async with sender(gateway) as official:
        reply = await official.send(STREAMED)
    assert gateway.seen[0][1]["stream"] is True
    assert (reply.status, reply.error, reply.model) == (200, "", "some-model")
    assert reply.usage == USAGE
    assert reply.first_at == 1.0, "the clock is read once, at the first piece"
    assert reply.headers["X-Request-Id"] == "req_1"


@pytest.mark.parametrize("prompt", [PROMPT, STREAMED], ids=["whole", "stream"])
async def test_a_refusal_keeps_its_headers_and_is_not_asked_again(prompt: DemoPrompt) -> None:
    gateway = DemoGateway()
    async with sender(gateway) as official:
        reply = await official.send(msgspec.structs.replace(prompt, model="refuse"))
    assert reply.status == 429 and "too many" in reply.error
    assert reply.headers["x-request-id"] == "req_1"
    assert len(gateway.seen) == 1


@pytest.mark.parametrize(("model", "said"), [("break", "ended too early"), ("complain", "it fell over")])
async def test_a_stream_that_fails_after_its_first_byte(model: str, said: str) -> None:
    async with sender(DemoGateway()) as official:
        reply = await official.send(msgspec.structs.replace(STREAMED, model=model))
    assert reply.status == 200 and said in reply.error
    assert reply.first_at == 1.0 and reply.headers["x-request-id"] == "req_1"


async def test_a_gateway_that_is_not_there() -> None:
    official = AnthropicSender("http://127.0.0.1:9", "pm_test", timeout=5, clock=float)
    try:
        reply = await official.send(PROMPT)
        assert await official.find("req_1") is None
    finally:
        await official.close()
    assert reply.status == 0 and reply.error and not reply.headers


async def test_an_account_is_found_when_it_is_there() -> None:
    async with sender(DemoGateway(looks=2)) as official:
        assert await official.find("req_1") is None
        found = await official.find("req_1")
    assert isinstance(found, dict) and found["cost_usd"] == "0.000123"


def test_cache_writes_by_their_time_to_live() -> None:
    split = CacheCreation(ephemeral_5m_input_tokens=3, ephemeral_1h_input_tokens=4)
    both = WireUsage(input_tokens=1, output_tokens=2, cache_creation_input_tokens=7, cache_creation=split)
    assert usage_of(both) == Usage(input=1, output=2, cache_write_5m=3, cache_write_1h=4)
    plain = WireUsage(input_tokens=1, output_tokens=2, cache_creation_input_tokens=7)
    assert usage_of(plain) == Usage(input=1, output=2, cache_write_5m=7)
