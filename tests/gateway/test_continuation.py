"""A stream that breaks goes on elsewhere: one answer for the client, and every attempt on the books."""

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
from pointsman.http1 import iter_events
from pointsman.simulator import Config, parse_faults
from tests.gateway.test_hedging import left_by_a_dead_process
from tests.support.books import balance
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import ANTHROPIC_EVENTS, OPENAI_EVENTS, anthropic_error
from tests.support.stack import running_stack, settings
from tests.support.upstream import Scripted
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

HAIKU, SONNET, DEEPSEEK, GPT = "claude-haiku-4-5", "claude-sonnet-4-5", "deepseek-flash", "gpt-6-luna"
BROKEN = UpstreamUnreachable("reset")


def route(*models: str, **more: Any) -> Settings:
    first, *others = models
    table = {"models": [first], "fallbacks": others, "continue_streams": True, **more.pop("route", {})}
    return settings(routes={"story": table}, **more)


def texts(path: str, body: bytes) -> str:
    """What a client reads, whichever dialect it speaks; checks that the events are those of one answer."""
    return _anthropic_text(body) if path == MESSAGES else _openai_text(body)


def _anthropic_text(body: bytes) -> str:
    events = [(name, msgspec.json.decode(data)) for name, data in iter_events(body)]
    names = [name for name, _ in events if name not in ("ping", "brand_new")]
    assert names[0] == "message_start"
    assert names[-2:] == ["message_delta", "message_stop"]
    assert [names.count(name) for name in ("message_start", "message_delta", "message_stop")] == [1, 1, 1]
    opened: list[int] = []
    closed: list[int] = []
    text = ""
    for name, event in events:
        if name == "content_block_start":
            assert event["index"] == len(opened) == len(closed)
            opened.append(event["index"])
        elif name == "content_block_delta":
            assert event["index"] == opened[-1]
            assert event["index"] not in closed
            text += event["delta"].get("text", "")
        elif name == "content_block_stop":
            closed.append(event["index"])
    assert opened == closed
    return text


def _openai_text(body: bytes) -> str:
    data = [data for _, data in iter_events(body)]
    assert data[-1] == b"[DONE]"
    chunks = [msgspec.json.decode(each) for each in data[:-1]]
    assert len({(chunk["id"], chunk["model"], chunk["created"]) for chunk in chunks}) == 1
    deltas = [choice["delta"] for chunk in chunks for choice in chunk["choices"]]
    assert sum("role" in delta for delta in deltas) == 1
    finished = [c["finish_reason"] for chunk in chunks for c in chunk["choices"] if c["finish_reason"]]
    assert len(finished) == 1
    return "".join(delta.get("content") or "" for delta in deltas)


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
            self.said[number] = _said(b"".join(ear.sent))
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


def _said(body: bytes) -> str:
    text = ""
    for _, data in iter_events(body):
        if data.startswith(b"{"):
            event = msgspec.json.decode(data)
            text += (event.get("delta") or {}).get("text") or ""
            for choice in event.get("choices") or ():
                text += choice["delta"].get("content") or ""
    return text


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
            assert (rest["path"], told.get("prefix")) == (beta if second == DEEPSEEK else (rest["path"], None))
            return delivered == tokens

    for tokens in range(cap + 1):
        if not run_virtual(broken_after(tokens)):
            assert tokens > 10
            break
