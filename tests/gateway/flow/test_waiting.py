"""Streams that wait: what they are told meanwhile, and how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import msgspec
import pytest

from pointsman.config import Settings
from pointsman.config.flow import LimitSettings, QueueSettings
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Answer, Plan
from pointsman.gateway.flow.waiting import Waiting, comment
from pointsman.http1 import EventSplitter, iter_events
from pointsman.limits import Place
from pointsman.simulator import Config
from tests.support.arrivals import an_arrival
from tests.support.asgi import AsgiCall
from tests.support.gateway import CHAT, MESSAGES, a_route, ask
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

MODELS = {CHAT: "gpt-4.1", MESSAGES: "claude-haiku-4-5"}
PATHS = pytest.mark.parametrize("path", [CHAT, MESSAGES])


def limited(path: str, rpm: int, **queue: Any) -> Settings:
    limits = {MODELS[path]: LimitSettings(rpm=rpm)}
    return msgspec.structs.replace(settings(), limits=limits, queue=QueueSettings(**queue))


def a_stream(path: str) -> dict[str, Any]:
    return ask(MODELS[path], stream=True)


async def use_up(stack: VirtualStack, path: str, rpm: int) -> None:
    """Take all of a minute."""
    done = await asyncio.gather(*(stack.post(path, a_stream(path)) for _ in range(rpm)))
    assert [each.status for each in done] == [200] * rpm


def comments_of(call: AsgiCall) -> list[bytes]:
    return [line for line in call.body.split(b"\n\n") if line.startswith(b":")]


def names_of(call: AsgiCall) -> list[str]:
    """What a reader of events sees: comments are none."""
    splitter = EventSplitter()
    return [name for name, _ in iter_events(splitter.feed(call.body) + splitter.rest())]


@PATHS
def test_a_long_wait_is_told_in_comments_and_the_stream_comes_as_ever(path: str) -> None:
    async def work() -> None:
        async with virtual_stack(Config(rpm=4), given=limited(path, 4)) as stack:
            await use_up(stack, path, 4)
            plain = await stack.post(path, a_stream(path), {"x-pointsman-max-wait": "90"})
            told = comments_of(plain)
            assert plain.status == 200
            assert plain.headers["content-type"].startswith("text/event-stream")
            assert "x-pointsman-model" not in plain.headers, "nobody knew yet who would answer"
            assert 2 <= len(told) <= 20
            assert told[0].startswith(b": queued position=1 starts_in=")
            entry = stack.ledger.entries[-1]
            assert (entry.outcome, entry.request_id) == ("ok", plain.headers["x-request-id"])
            events = names_of(plain)
            assert events
            assert b"event: error" not in plain.body
            assert (b"[DONE]" in plain.body) is (path == CHAT)

    run_virtual(work)


@PATHS
def test_a_short_wait_is_told_in_a_header(path: str) -> None:
    async def work() -> None:
        given = limited(path, 120, comments_after=90.0)
        async with virtual_stack(Config(rpm=120), given=given) as stack:
            await use_up(stack, path, 120)
            done = await stack.post(path, a_stream(path), {"x-pointsman-max-wait": "90"})
            assert (done.status, comments_of(done)) == (200, [])
            assert 0 < int(done.headers["x-pointsman-queued-ms"]) < 61_000
            assert done.headers["x-pointsman-model"] == MODELS[path]

    run_virtual(work)


def test_comments_can_be_switched_off() -> None:
    async def work() -> None:
        async with virtual_stack(Config(rpm=4), given=limited(CHAT, 4, comments_after=0.0)) as stack:
            await use_up(stack, CHAT, 4)
            done = await stack.post(CHAT, a_stream(CHAT), {"x-pointsman-max-wait": "90"})
            assert (done.status, comments_of(done)) == (200, [])
            assert int(done.headers["x-pointsman-queued-ms"]) > 5_000

    run_virtual(work)


@PATHS
def test_what_cannot_start_in_time_is_refused_before_anything_is_sent(path: str) -> None:
    async def work() -> None:
        async with virtual_stack(Config(rpm=4), given=limited(path, 4)) as stack:
            await use_up(stack, path, 4)
            done = await stack.post(path, a_stream(path), {"x-pointsman-max-wait": "2"})
            assert (done.status, stack.ledger.entries[-1].error) == (429, "limit_reached")
            assert int(done.headers["retry-after"]) > 5
            assert "x-should-retry" not in done.headers, "nothing was tried yet"

    run_virtual(work)


@PATHS
def test_a_failure_after_the_wait_ends_the_stream_with_its_event(path: str) -> None:
    async def work() -> None:
        async with virtual_stack(Config(rpm=4), given=limited(path, 4)) as stack:
            await use_up(stack, path, 4)
            stack.transport.down.update(("/openai", "/anthropic"))
            done = await stack.post(path, a_stream(path), {"x-pointsman-max-wait": "90"})
            assert (done.status, done.complete) == (200, True)
            assert comments_of(done)
            assert b"upstream_unreachable" in done.body or b"api_error" in done.body
            entry = stack.ledger.entries[-1]
            assert (entry.status, entry.outcome, entry.error) == (502, "error", "upstream_unreachable")

    run_virtual(work)


@PATHS
def test_a_client_that_leaves_frees_its_place_and_costs_nothing(path: str) -> None:
    async def work() -> None:
        async with virtual_stack(Config(rpm=4), given=limited(path, 4)) as stack:
            await use_up(stack, path, 4)
            sent = stack.transport.sent
            call = stack.call(path, a_stream(path), {"x-pointsman-max-wait": "90"})
            running = asyncio.create_task(call.run())
            await call.first_chunk.wait()
            assert stack.gateway.flow.queue.waiting == 1
            call.leave()
            await running
            assert (stack.gateway.flow.queue.waiting, stack.transport.sent) == (0, sent)
            entry = stack.ledger.entries[-1]
            assert (entry.outcome, entry.attempts, entry.cost) == ("cut", (), 0)

    run_virtual(work)


@PATHS
def test_a_request_that_is_cancelled_while_it_waits_is_booked(path: str) -> None:
    async def work() -> None:
        async with virtual_stack(Config(rpm=4), given=limited(path, 4)) as stack:
            await use_up(stack, path, 4)
            before = len(stack.ledger.entries)
            for seconds in (0.5, 3.0):  # before it is announced, and after
                call = stack.call(path, a_stream(path), {"x-pointsman-max-wait": "90"})
                running = asyncio.create_task(call.run())
                with pytest.raises(TimeoutError):
                    await asyncio.wait_for(running, seconds)
            assert stack.gateway.flow.queue.waiting == 0
            cut = stack.ledger.entries[before:]
            assert [(each.outcome, each.attempts) for each in cut] == [("cut", ()), ("cut", ())]

    run_virtual(work)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (None, b": queued\n\n"),
        (Place(3, 4.25, at=1_000.0), b": queued position=3 starts_in=4.2s\n\n"),
        (Place(3, 6.25, at=998.0), b": queued position=3 starts_in=4.2s\n\n"),
        (Place(1, 1.5, at=998.0), b": queued position=1 starts_in=0.0s\n\n"),
        (Place(12, None), b": queued position=12\n\n"),
    ],
)
def test_the_words(place: Place | None, said: bytes) -> None:
    assert comment(place, 1_000.0) == said


async def test_an_answer_that_came_while_its_client_was_told_is_closed_with_the_stream() -> None:
    closed = asyncio.Event()

    async def body() -> AsyncGenerator[bytes, None]:
        try:
            yield b"never read"
        finally:
            closed.set()

    came, stream = asyncio.Event(), body()

    async def run(_: Call) -> Answer:
        await came.wait()
        await anext(stream)
        return Answer(200, [], stream)

    waiting = Waiting(0.0, every=0.0, now=lambda: 0.0)
    answer = await waiting.answer(Call(an_arrival(), plan=Plan(a_route(), {})), run)
    assert not isinstance(answer.body, bytes)
    assert (await anext(answer.body)).startswith(b": queued")
    came.set()
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await answer.body.aclose()
    assert closed.is_set()
