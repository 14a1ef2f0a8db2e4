from __future__ import annotations

import asyncio
from itertools import count

import msgspec

from pointsman.demo.prompts.ask import SETTLE_PAUSE, SETTLE_TRIES, Asker, official_sdks
from pointsman.demo.prompts.prompts import DemoPrompt, Sdk, load_prompts
from pointsman.demo.prompts.result import DemoResult, Reply
from tests.support.clock import FakeClock
from tests.support.demo_gateway import DemoGateway
from tests.support.servers import serve

PROMPT = DemoPrompt(
    id="x", kind="chat", language="en", model="m", sdk="openai", stream=True, max_tokens=5, messages=()
)
LEFT_EARLY = Reply(status=200, headers={"x-request-id": "r"})
KNOWN = Reply(status=200, headers={"x-request-id": "r", "x-pointsman-cost-usd": "0.5"})


class FakeSender:
    """Answers after ``seconds`` of the fake clock, and finds the account at the look number ``at``."""

    def __init__(self, reply: Reply, clock: FakeClock, *, at: int = 1) -> None:
        self.reply, self.clock, self.at = reply, clock, at
        self.looks = 0
        self.busy = self.busiest = 0

    async def send(self, prompt: DemoPrompt) -> Reply:
        self.busy += 1
        self.busiest = max(self.busy, self.busiest)
        await asyncio.sleep(0)
        self.clock.advance(2)
        self.busy -= 1
        return self.reply

    async def find(self, request_id: str) -> object | None:
        self.looks += 1
        return {"cost_usd": "0.25", "attempts": 2, "more": "fields"} if self.looks >= self.at else None

    async def close(self) -> None:
        return None


def asker(sender: FakeSender, slept: list[float] | None = None) -> Asker:
    async def sleep(seconds: float) -> None:
        if slept is not None:
            slept.append(seconds)

    senders: dict[Sdk, FakeSender] = {"openai": sender, "anthropic": sender}
    return Asker({**senders}, clock=sender.clock.monotonic, sleep=sleep)


async def test_a_cost_that_the_headers_tell_is_not_asked_for() -> None:
    sender = FakeSender(KNOWN, FakeClock())
    got = await asker(sender).ask(PROMPT)
    assert (got.cost, got.latency, sender.looks) == (5 * 10**11, 2.0, 0)


async def test_a_cost_that_is_settled_later_is_waited_for() -> None:
    slept: list[float] = []
    sender = FakeSender(LEFT_EARLY, FakeClock(), at=3)
    got = await asker(sender, slept).ask(PROMPT)
    assert (got.cost, got.attempts) == (25 * 10**10, 2)
    assert slept == [SETTLE_PAUSE, SETTLE_PAUSE]


async def test_a_cost_that_never_comes_is_not_known() -> None:
    sender = FakeSender(LEFT_EARLY, FakeClock(), at=10**6)
    got = await asker(sender).ask(PROMPT)
    assert got.cost is None and sender.looks == SETTLE_TRIES


async def test_no_more_at_once_than_allowed_and_in_order() -> None:
    sender = FakeSender(KNOWN, FakeClock())
    prompts = [msgspec.structs.replace(PROMPT, id=f"p{number}") for number in range(20)]
    done: list[DemoResult] = []
    results = await asker(sender).ask_all(prompts, concurrency=3, done=done.append)
    assert [one.prompt_id for one in results] == [prompt.id for prompt in prompts]
    assert sender.busiest == 3
    assert sorted(one.prompt_id for one in done) == sorted(prompt.id for prompt in prompts)


async def test_every_prompt_goes_through_both_official_sdks() -> None:
    gateway = DemoGateway()
    ticks = count()
    prompts = load_prompts()
    async with (
        serve(gateway) as base_url,
        official_sdks(base_url, "pm_test", clock=lambda: next(ticks)) as ask,
    ):
        results = await ask.ask_all(prompts)
    assert [one.error for one in results if not one.ok] == []
    assert all(one.usage and one.usage.prompt == 50 and one.usage.output == 9 for one in results)
    by_stream = {stream: {one.cost for one in results if one.stream is stream} for stream in (True, False)}
    assert by_stream == {True: {123_000_000}, False: {18_500_000}}
    assert all((one.ttft is not None) == one.stream for one in results)
    asked = {path for path, _ in gateway.seen}
    assert asked == {"/v1/chat/completions", "/v1/messages", "/v1/requests/req_1"}
