"""The load and the mock upstream against each other: a bench that miscounts would mislead everybody."""

from __future__ import annotations

import asyncio
from argparse import Namespace
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench import load, plan
from bench.mock_upstream import Pace, Upstream


@asynccontextmanager
async def upstream(pace: Pace) -> AsyncIterator[int]:
    server = await asyncio.get_running_loop().create_server(lambda: Upstream(pace), "127.0.0.1", 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def asked(port: int, **changes: object) -> Namespace:
    usual = {"port": port, "key": "k", "model": "m", "stream": False, "seconds": 30.0, "streams": 0}
    return Namespace(**(usual | changes))


@pytest.mark.parametrize("stream", [False, True])
async def test_every_answer_is_counted_once(stream: bool) -> None:
    async with upstream(Pace()) as port:
        outcome = await load.closed(asked(port, stream=stream, streams=150))
    assert (outcome.requests, outcome.errors, outcome.error) == (150, 0, "")
    assert len(outcome.latencies) == len(outcome.first_bytes) == 150
    assert all(
        0 < first <= whole for first, whole in zip(outcome.first_bytes, outcome.latencies, strict=True)
    )


async def test_a_paced_stream_takes_its_time() -> None:
    pace = Pace()
    pace.seconds = 0.001
    async with upstream(pace) as port:
        outcome = await load.closed(asked(port, stream=True, streams=2))
    assert outcome.requests == 2
    assert min(outcome.latencies) >= plan.EVENTS * 0.9


async def test_the_rate_does_not_wait_for_answers() -> None:
    async with upstream(Pace()) as port:
        outcome = await load.rate(asked(port, seconds=0.2))
    assert outcome.requests == 0.2 * plan.RATE and outcome.seconds >= 0.18


async def test_an_answer_that_is_no_stream_is_an_error() -> None:
    """The upstream sees no ``"stream": true`` in this body, and answers as a whole."""

    class Deaf(Upstream):
        def data_received(self, data: bytes) -> None:
            super().data_received(data.replace(b'"stream": true', b'"stream":false'))

    server = await asyncio.get_running_loop().create_server(lambda: Deaf(Pace()), "127.0.0.1", 0)
    try:
        outcome = await load.closed(asked(server.sockets[0].getsockname()[1], stream=True, streams=3))
    finally:
        server.close()
    assert (outcome.requests, outcome.errors) == (0, 3)
    assert outcome.error.startswith("status 200, 0 events")


async def test_the_upstream_takes_a_request_in_pieces() -> None:
    request = plan.http_request(1, "/v1/messages", plan.request_body("m", stream=False), "k")
    async with upstream(Pace()) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for at in range(len(request)):
            writer.write(request[at : at + 1])
            await writer.drain()
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(len(plan.anthropic_answer()))
        writer.close()
    assert head.startswith(b"HTTP/1.1 200") and body == plan.anthropic_answer()


def test_bodies_have_the_sizes_that_the_method_names() -> None:
    assert 350 <= len(plan.request_body(plan.PLAIN_MODEL, stream=False)) <= 450
    assert 600 <= len(plan.openai_answer()) <= 680
