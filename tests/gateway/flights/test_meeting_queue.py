"""A call that waits for room at one gateway, and clients of another that wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from pointsman.config import Settings
from pointsman.simulator import Config
from tests.support.asgi import AsgiCall
from tests.support.equal_requests import cold, said
from tests.support.gateway import CHAT, MESSAGES
from tests.support.shared_flights import Sky
from tests.support.shared_memory import MemorySharing, Shelf
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

GPT = "gpt-4.1"
SLOW = Config(pace="real")
LONGER = 2.8
"""Seconds: than the story takes, and less than that and the answer."""


def limited(**queue: Any) -> Settings:
    return settings(
        cache={"enabled": True},
        limits={GPT: {"concurrency": 1}},
        queue={"max_wait": 30, "comments_after": 0.5} | queue,
    )


@asynccontextmanager
async def two(other: Settings | None = None) -> AsyncIterator[tuple[VirtualStack, VirtualStack]]:
    """The first is busy."""
    sky, shelf = Sky(), Shelf()
    async with AsyncExitStack() as stack:
        given = [limited(), limited() if other is None else other]
        made = [
            await stack.enter_async_context(
                virtual_stack(SLOW, given=each, sharing=MemorySharing(shelf, sky))
            )
            for each in given
        ]
        story = cold(GPT, "Tell me a long story", stream=True)
        busy = asyncio.ensure_future(made[0].call(CHAT, story).run())
        await asyncio.sleep(0.05)
        yield made[0], made[1]
        await busy


def asked(stack: VirtualStack, path: str = CHAT, *, stream: bool = True, **headers: str) -> AsgiCall:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return stack.call(path, cold(GPT, stream=stream), named)


async def one_after_another(*calls: AsgiCall) -> None:
    running = []
    for call in calls:
        running.append(asyncio.ensure_future(call.run()))
        await asyncio.sleep(0.05)
    await asyncio.gather(*running)


def calls_of(*stacks: VirtualStack) -> int:
    return sum(len(entry.attempts) for stack in stacks for entry in stack.ledger.entries)


def test_who_streams_at_another_gateway_is_told_the_place_of_the_call() -> None:
    async def work() -> None:
        async with two() as (one, other):
            first, far = asked(one), [asked(other), asked(other, MESSAGES)]
            whole = asked(other, stream=False)
            await one_after_another(first, *far, whole)
            for call in (first, *far):
                assert call.status == 200 and call.body.startswith(b": queued position=1"), call.body[:80]
            answers = {said(CHAT, call.body, True).parts for call in (first, far[0])}
            answers |= {said(MESSAGES, far[1].body, True).parts, said(CHAT, whole.body, False).parts}
            assert len(answers) == 1
        assert calls_of(one, other) == 2
        assert [entry.cache for entry in other.ledger.entries] == ["coalesced"] * 3

    run_virtual(work)


@pytest.mark.parametrize(("wait", "status", "calls"), [("0", 200, 3), ("1", 200, 3), ("x", 400, 2)])
def test_who_may_not_wait_as_long_asks_for_itself(wait: str, status: int, calls: int) -> None:
    async def work() -> None:
        async with two() as (one, other):
            first = asked(one)
            hurried = asked(other, stream=False, x_pointsman_max_wait=wait)
            patient = asked(other)
            await one_after_another(first, hurried, patient)
            assert (first.status, patient.status) == (200, 200)
            assert hurried.status == status
            assert status == 400 or hurried.headers["x-pointsman-cache"] == "miss"
            assert patient.body.startswith(b": queued"), "it goes on to wait for the other gateway's call"
        assert calls_of(one, other) == calls

    run_virtual(work)


def test_once_a_provider_is_asked_nobody_gets_off() -> None:
    async def work() -> None:
        async with two() as (one, other):
            first = asked(one)
            running = asyncio.ensure_future(first.run())
            await asyncio.sleep(0.05)
            late = asked(other, stream=False, x_pointsman_max_wait=str(LONGER))
            await late.run()
            await running
            (entry,) = one.ledger.entries[-1:]
            assert entry.queued_us / 1e6 < LONGER < other.ledger.entries[0].latency_us / 1e6
            assert late.headers["x-pointsman-cache"] == "coalesced"
        assert calls_of(one, other) == 2

    run_virtual(work)


def test_a_gateway_that_announces_no_waits_tells_of_none() -> None:
    async def work() -> None:
        async with two(limited(comments_after=0)) as (one, other):
            first, far = asked(one), asked(other)
            await one_after_another(first, far)
            assert first.body.startswith(b": queued") and far.body.startswith(b"data: ")
            assert said(CHAT, far.body, True).parts == said(CHAT, first.body, True).parts
        assert calls_of(one, other) == 2

    run_virtual(work)
