"""What the demo hears through every official SDK. Subclass it, and say how one is made."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from itertools import count
from typing import ClassVar

import pytest

from pointsman.chat import Usage
from pointsman.demo.prompts.ask import Sender
from pointsman.demo.prompts.prompts import DemoPrompt, Sdk
from tests.support.demo_gateway import DemoGateway
from tests.support.servers import serve


class SenderContract(ABC):
    sdk: ClassVar[Sdk]
    usage: ClassVar[Usage]
    """What the SDK tells of the gateway's answer."""

    @abstractmethod
    def make(self, base_url: str, clock: Callable[[], float]) -> Sender: ...

    @asynccontextmanager
    async def sender(self, gateway: DemoGateway) -> AsyncIterator[Sender]:
        ticks = count(1)
        async with serve(gateway) as base_url:
            made = self.make(base_url, lambda: float(next(ticks)))
            try:
                yield made
            finally:
                await made.close()

    def prompt(self, *, stream: bool = False, model: str = "some-model") -> DemoPrompt:
        return DemoPrompt(
            id="x",
            kind="chat",
            language="en",
            model=model,
            sdk=self.sdk,
            stream=stream,
            max_tokens=20,
            messages=({"role": "user", "content": "Where do I get on?"},),
        )

    async def test_a_whole_answer(self) -> None:
        async with self.sender(DemoGateway()) as official:
            reply = await official.send(self.prompt())
        assert (reply.status, reply.error, reply.model, reply.first_at) == (200, "", "some-model", None)
        assert reply.usage == self.usage
        assert reply.headers["x-pointsman-cost-usd"] == "0.0000185"

    async def test_a_stream(self) -> None:
        gateway = DemoGateway()
        async with self.sender(gateway) as official:
            reply = await official.send(self.prompt(stream=True))
        assert gateway.seen[0][1]["stream"] is True
        assert (reply.status, reply.error, reply.model) == (200, "", "some-model")
        assert reply.usage == self.usage
        assert reply.first_at == 1.0, "the clock is read once, at the first piece"
        assert reply.headers["X-Request-Id"] == "req_1"

    @pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
    async def test_a_refusal_keeps_its_headers_and_is_not_asked_again(self, stream: bool) -> None:
        gateway = DemoGateway()
        async with self.sender(gateway) as official:
            reply = await official.send(self.prompt(stream=stream, model="refuse"))
        assert reply.status == 429 and "too many" in reply.error
        assert reply.headers["x-request-id"] == "req_1"
        assert len(gateway.seen) == 1

    @pytest.mark.parametrize(("model", "said"), [("break", "ended too early"), ("complain", "it fell over")])
    async def test_a_stream_that_fails_after_its_first_byte(self, model: str, said: str) -> None:
        async with self.sender(DemoGateway()) as official:
            reply = await official.send(self.prompt(stream=True, model=model))
        assert reply.status == 200 and said in reply.error
        assert reply.first_at == 1.0 and reply.headers["x-request-id"] == "req_1"

    async def test_a_gateway_that_is_not_there(self) -> None:
        official = self.make("http://127.0.0.1:9", float)
        try:
            reply = await official.send(self.prompt())
            assert await official.find("req_1") is None
        finally:
            await official.close()
        assert reply.status == 0 and reply.error and not reply.headers

    async def test_an_account_is_found_when_it_is_there(self) -> None:
        async with self.sender(DemoGateway(looks=2)) as official:
            assert await official.find("req_1") is None
            found = await official.find("req_1")
        assert isinstance(found, dict) and found["cost_usd"] == "0.000123"
