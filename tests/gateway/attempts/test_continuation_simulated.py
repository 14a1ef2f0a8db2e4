"""Continuation over the simulator: broken at every token, left at any moment, read by the official SDKs."""

from __future__ import annotations

import asyncio
from typing import Any

import anthropic
import httpx2
import msgspec
import openai
import pytest

from pointsman.config import Settings
from pointsman.costs import parse_usd
from pointsman.errors import UpstreamUnreachable
from pointsman.simulator import Config, parse_faults
from tests.support.books import balance
from tests.support.gateway import CHAT, MESSAGES, ask
from tests.support.one_answer import said_in, texts
from tests.support.stack import running_stack, settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

HAIKU, SONNET, DEEPSEEK, GPT = "claude-haiku-4-5", "claude-sonnet-4-5", "deepseek-flash", "gpt-6-luna"
BROKEN = UpstreamUnreachable("reset")


def route(*models: str, **more: Any) -> Settings:
    first, *others = models
    table = {"models": [first], "fallbacks": others, "continue_streams": True, **more.pop("route", {})}
    return settings(routes={"story": table}, **more)


class Record:
    """The simulator, and what it was asked and has said."""

    def __init__(self, stack: VirtualStack) -> None:
        self._app = stack.transport.simulator
        stack.transport.simulator = self  # type: ignore[assignment]  # called in the same way
        self.asked: list[Any] = []
        self.said: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        number = len(self.said)
        self.said.append("")
        self.asked.append(None)
        ear = _Ear(receive, send)
        try:
            await self._app(scope, ear.receive, ear.send)
        finally:
            self.said[number] = said_in(b"".join(ear.sent))
            self.asked[number] = msgspec.json.decode(ear.asked) | {"path": scope["path"]}


class _Ear:
    """Between the simulator and its server, which is found through ``send``."""

    def __init__(self, receive: Any, send: Any) -> None:
        self.transport = send.__self__.transport
        self.asked = b""
        self.sent: list[bytes] = []
        self._receive = receive
        self._send = send

    async def receive(self) -> Any:
        message = await self._receive()
        self.asked += message.get("body", b"")
        return message

    async def send(self, message: Any) -> None:
        self.sent.append(message.get("body", b""))
        await self._send(message)


def agreed(stack: VirtualStack, bill: Any, longest: int = 100) -> None:
    balance(stack.ledger.entries, bill, longest)
    (entry,) = stack.ledger.entries
    assert entry.cost is not None
    assert entry.cost >= sum(parse_usd(line.usd) for line in bill.calls)


WAYS = [
    (MESSAGES, HAIKU, SONNET),
    (MESSAGES, HAIKU, DEEPSEEK),
    (MESSAGES, GPT, HAIKU),
    (CHAT, HAIKU, SONNET),
    (CHAT, GPT, HAIKU),
    (CHAT, GPT, DEEPSEEK),
    (CHAT, DEEPSEEK, HAIKU),
]


@pytest.mark.parametrize(("path", "first", "second"), WAYS)
@pytest.mark.parametrize("cap", [40, 400])
def test_wherever_it_breaks_the_client_reads_what_the_models_said(
    path: str, first: str, second: str, cap: int
) -> None:
    """One token after the other; with a cap of 40 the answer of the first is at its end with the last."""

    async def broken_after(tokens: int) -> bool:
        config = Config(faults=parse_faults(f"{first}/reset:at=1:after={tokens}"))
        async with virtual_stack(config, given=route(first, second)) as stack:
            record = Record(stack)
            body = ask("story", "Tell me of lighthouses.", max_tokens=cap, stream=True)
            done = await stack.post(path, body)
            bill = await stack.bill()
            agreed(stack, bill, cap)
            assert done.status == 200
            assert texts(path, done.body) == "".join(record.said), tokens
            assert done.headers["x-pointsman-model"] == (first if tokens else second)
            entry = stack.ledger.entries[0]
            assert (entry.outcome, entry.error, entry.status) == ("ok", "", 200)
            if not tokens:
                return True
            delivered = {line.client_request_id[-1]: line.delivered for line in bill.calls}["1"]
            if len(record.said) == 1:
                assert delivered == cap, "nothing more was to be said"
                return False
            assert [attempt.outcome for attempt in entry.attempts] == ["broken", "ok"]
            assert entry.model == second
            rest = record.asked[1]
            told = rest["messages"][-1]
            assert (told["role"], told["content"]) == ("assistant", record.said[0].rstrip())
            assert rest.get("max_tokens", rest.get("max_completion_tokens")) == cap - delivered
            beta = ("/deepseek/beta/chat/completions", True)
            assert (rest["path"], told.get("prefix")) == (
                beta if second == DEEPSEEK else (rest["path"], None)
            )
            return delivered == tokens

    for tokens in range(cap + 1):
        if not run_virtual(broken_after(tokens)):
            assert tokens > 10
            break


@pytest.mark.parametrize("stream_of", [MESSAGES, CHAT])
@pytest.mark.parametrize("tenths", range(0, 60, 4))
@pytest.mark.parametrize("how", ["leaves", "cancelled"])
def test_nothing_is_left_whenever_the_client_goes(tenths: int, how: str, stream_of: str) -> None:
    async def work() -> None:
        config = Config(faults=parse_faults(f"{HAIKU}/reset:at=1:after=15"), pace="real", speed=0.1)
        given = route(HAIKU, SONNET, limits={HAIKU: {"concurrency": 5}, SONNET: {"concurrency": 5}})
        async with virtual_stack(config, given=given, delay=(0.1, 0.1)) as stack:
            call = stack.call(stream_of, ask("story", "Tell me.", stream=True))
            task = asyncio.create_task(call.run())
            await asyncio.wait((task,), timeout=tenths / 10 + 0.001)
            if how == "leaves":
                call.leave()
            else:
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            (entry,) = stack.ledger.entries
            assert all(attempt.outcome for attempt in entry.attempts)
            assert entry.outcome == "cut"
            await asyncio.sleep(60)
            view = await stack.gateway.overview.limits()
            assert [row.id for row in view.limits if row.held] == []
            booked = {f"{entry.request_id}-{attempt.number}": attempt.cost for attempt in entry.attempts}
            bill = await stack.bill()
            assert {line.client_request_id for line in bill.calls} == set(booked)
            assert all((booked[line.client_request_id] or 0) >= parse_usd(line.usd) for line in bill.calls)
            if how == "leaves":
                agreed(stack, bill)

    run_virtual(work)


async def test_the_official_sdks_see_one_answer_over_real_sockets() -> None:
    config = Config(faults=parse_faults(f"{HAIKU}/reset:at=1+2:after=9"))
    async with running_stack(config, given=route(HAIKU, SONNET)) as stack:
        async with anthropic.AsyncAnthropic(base_url=stack.gateway_url, api_key="k", max_retries=0) as claude:
            question: Any = {"model": "story", "max_tokens": 300}
            question["messages"] = [{"role": "user", "content": "Tell me of lighthouses."}]
            async with claude.messages.stream(**question) as stream:
                seen = [text async for text in stream.text_stream]
                message = await stream.get_final_message()
            assert "".join(block.text for block in message.content if block.type == "text") == "".join(seen)
            assert (message.stop_reason, len(message.content)) == ("end_turn", 1)
        async with openai.AsyncOpenAI(
            base_url=f"{stack.gateway_url}/v1", api_key="k", max_retries=0, http_client=httpx2.AsyncClient()
        ) as client:
            chunks = [c async for c in await client.chat.completions.create(stream=True, **question)]
        assert [c.choices[0].finish_reason for c in chunks if c.choices][-1] == "stop"
        for entry in stack.ledger.entries:
            assert [attempt.outcome for attempt in entry.attempts] == ["broken", "ok"]
