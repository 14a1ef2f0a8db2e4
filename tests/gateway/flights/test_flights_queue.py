"""Shared calls that wait for room: who is told, who leads next, and who does not wait as long."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.config import Settings
from pointsman.keys import KeyLimits
from pointsman.simulator import Config
from tests.support.asgi import AsgiCall
from tests.support.equal_requests import cold, said
from tests.support.flood import KeyRing
from tests.support.gateway import CHAT, MESSAGES
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

GPT = "gpt-4.1"
KEYS = KeyRing({"rich": KeyLimits(), "poor": KeyLimits(rpm=1)})
PATHS = (CHAT, MESSAGES, CHAT)
SLOW = Config(pace="real")


def shared(**more: Any) -> Settings:
    return settings(**({"cache": {"enabled": True}, "queue": {"max_wait": 30, "comments_after": 0.5}} | more))


def asked(stack: VirtualStack, path: str, key: str, prompt: str = "Why?", **headers: str) -> AsgiCall:
    body = cold(GPT, prompt, stream=headers.pop("stream", "") == "yes")
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return stack.call(path, body, {"x-api-key": key} | named)


async def one_after_another(calls: list[AsgiCall], every: float = 0.01) -> None:
    running = []
    for call in calls:
        running.append(asyncio.ensure_future(call.run()))
        await asyncio.sleep(every)
    await asyncio.gather(*running)


def calls_of(stack: VirtualStack) -> int:
    return sum(len(entry.attempts) for entry in stack.ledger.entries)


@pytest.mark.parametrize("wait", ["0", "2"])
def test_a_limit_of_the_first_ones_key_fails_it_alone(wait: str) -> None:
    async def work() -> None:
        async with virtual_stack(SLOW, given=shared(), door=KEYS) as stack:
            await asked(stack, CHAT, "poor", "Something else?").run()
            first = asked(stack, CHAT, "poor", x_pointsman_max_wait=wait)
            others = [asked(stack, path, "rich") for path in (CHAT, MESSAGES, CHAT)]
            await one_after_another([first, *others], every=0.0 if wait == "0" else 0.1)
            assert first.status == 429 and "retry-after" in first.headers
            assert [call.status for call in others] == [200] * 3
            assert [call.headers["x-pointsman-cache"] for call in others] == [
                "miss",
                "coalesced",
                "coalesced",
            ]
            assert said(CHAT, others[0].body, False).parts == said(MESSAGES, others[1].body, False).parts
            assert calls_of(stack) == 2
            entries = {entry.request_id: entry for entry in stack.ledger.entries}
            refused = entries[first.headers["x-request-id"]]
            assert (refused.outcome, refused.status, refused.cost) == ("error", 429, 0)
            made = others[0].headers["x-request-id"]
            assert {entry.source for entry in entries.values()} == {"", made}

    run_virtual(work)


def test_what_is_wrong_with_the_headers_of_the_first_is_told_to_it_alone() -> None:
    async def work() -> None:
        async with virtual_stack(SLOW, given=shared(), door=KEYS) as stack:
            first = asked(stack, CHAT, "rich", x_pointsman_priority="high")
            second, third = (
                asked(stack, CHAT, "rich"),
                asked(stack, MESSAGES, "rich", x_pointsman_max_wait="x"),
            )
            await one_after_another([first, second, third], every=0.0)
            assert [call.status for call in (first, second, third)] == [400, 200, 400]
            assert calls_of(stack) == 1

    run_virtual(work)


def test_all_who_stream_are_told_that_the_call_waits() -> None:
    async def work() -> None:
        given = shared(limits={GPT: {"concurrency": 1}})
        async with virtual_stack(SLOW, given=given, door=KEYS) as stack:
            busy = asked(stack, CHAT, "rich", "Tell me a long story", stream="yes")
            streams = [asked(stack, path, "rich", stream="yes") for path in PATHS]
            whole = asked(stack, MESSAGES, "rich")
            await one_after_another([busy, *streams, whole], every=0.05)
            for call in streams:
                assert call.status == 200 and call.body.startswith(b": queued"), call.body[:50]
            assert b"position=1" in streams[0].body and b"position=1" in streams[2].body
            answers = {said(path, call.body, True).parts for path, call in zip(PATHS, streams, strict=True)}
            assert answers == {said(MESSAGES, whole.body, False).parts}
            assert [call.headers["x-pointsman-cache"] for call in streams] == [
                "miss",
                "coalesced",
                "coalesced",
            ]
            assert calls_of(stack) == 2

    run_virtual(work)


def test_one_that_leaves_while_it_is_told_of_the_wait_breaks_nothing() -> None:
    async def work() -> None:
        given = shared(limits={GPT: {"concurrency": 1}})
        async with virtual_stack(SLOW, given=given, door=KEYS) as stack:
            busy = asyncio.ensure_future(
                asked(stack, CHAT, "rich", "Tell me a long story", stream="yes").run()
            )
            await asyncio.sleep(0.05)
            first, second, third = (asked(stack, CHAT, "rich", stream="yes") for _ in range(3))
            running = [asyncio.ensure_future(call.run()) for call in (first, second, third)]
            await asyncio.wait_for(first.first_chunk.wait(), 10)
            first.leave()
            running[1].cancel()
            await asyncio.gather(*running, busy, return_exceptions=True)
            assert said(CHAT, third.body, True).parts
            assert calls_of(stack) == 2

    run_virtual(work)


def test_who_may_not_wait_as_long_as_the_call_is_told_so_in_its_own_time() -> None:
    async def work() -> None:
        given = shared(limits={GPT: {"rpm": 1}})
        async with virtual_stack(SLOW, given=given, door=KEYS) as stack:
            await asked(stack, CHAT, "rich", "Something else?").run()
            patient = asked(stack, CHAT, "rich", x_pointsman_max_wait="100")
            hasty = asked(stack, MESSAGES, "rich", x_pointsman_max_wait="0.5")
            running = [asyncio.ensure_future(call.run()) for call in (patient, hasty)]
            before = stack.clock.monotonic()
            await running[1]
            assert hasty.status == 429 and 0.4 < stack.clock.monotonic() - before < 0.6
            await running[0]
            assert patient.status == 200
            assert calls_of(stack) == 2
            assert stack.gateway.cache is not None and stack.gateway.cache.flights is not None
            assert stack.gateway.cache.flights.metrics.got_off == 1

    run_virtual(work)


def test_a_place_in_the_queue_is_given_up_when_all_have_left() -> None:
    async def work() -> None:
        given = shared(limits={GPT: {"concurrency": 1}})
        async with virtual_stack(SLOW, given=given, door=KEYS) as stack:
            busy = asyncio.ensure_future(
                asked(stack, CHAT, "rich", "Tell me a long story", stream="yes").run()
            )
            await asyncio.sleep(0.05)
            calls = [asked(stack, path, "rich", stream="yes") for path in (CHAT, MESSAGES)]
            running = [asyncio.ensure_future(call.run()) for call in calls]
            await asyncio.sleep(0.2)
            assert stack.gateway.flow.queue.waiting == 1
            for call in calls:
                call.leave()
            await asyncio.gather(*running)
            await asyncio.sleep(0)
            assert stack.gateway.flow.queue.waiting == 0
            await busy
            assert sorted(entry.outcome for entry in stack.ledger.entries) == ["cut", "cut", "ok"]
            assert calls_of(stack) == 1

    run_virtual(work)
