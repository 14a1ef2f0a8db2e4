"""That a client has left is noticed: at once under our own server, and in two ticks under any other."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from pointsman.gateway.edge.leaving import Sweep, tells_itself
from pointsman.gateway.edge.server import GuardedProtocol
from pointsman.http1 import Leave
from tests.support.servers import serve

ASK = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n\r\nhi"


@pytest.mark.parametrize(
    ("protocol", "wrapped", "itself"),
    [(GuardedProtocol, False, True), (GuardedProtocol, True, False), (HttpToolsProtocol, False, False)],
)
async def test_a_client_that_leaves_is_noticed(protocol: type, wrapped: bool, itself: bool) -> None:
    sweep, leave, told, asked = Sweep(), Leave(), asyncio.Event(), asyncio.Event()
    leave.listen(told.set)
    tasks: list[int] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        async def through() -> Any:
            return await receive()

        await receive()
        before = len(asyncio.all_tasks())
        given = through if wrapped else receive
        assert tells_itself(given, leave) is itself
        if not itself:
            sweep.add(given, leave)
        asked.set()
        await told.wait()
        tasks.append(len(asyncio.all_tasks()) - before)
        sweep.forget(leave)

    async with serve(app, lifespan="off", http=protocol) as base:
        _, writer = await asyncio.open_connection(urlsplit(base).hostname, urlsplit(base).port)
        writer.write(ASK)
        await asyncio.wait_for(asked.wait(), 5)
        assert not told.is_set()
        writer.close()
        await asyncio.wait_for(told.wait(), 5)
    assert leave.gone
    assert tasks == [0] or not itself, "no task has to wait for it"


async def test_who_has_left_before_it_is_asked_is_told_of_at_once() -> None:
    leave, met = Leave(), asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        assert (await receive())["type"] == "http.disconnect"
        assert tells_itself(receive, leave)
        met.set()

    async with serve(app, lifespan="off", http=GuardedProtocol) as base:
        _, writer = await asyncio.open_connection(urlsplit(base).hostname, urlsplit(base).port)
        writer.write(ASK)
        writer.close()
        await asyncio.wait_for(met.wait(), 5)
    assert leave.gone


async def test_who_stays_is_not_told_of() -> None:
    leave = Leave()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert tells_itself(receive, leave)
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    async with serve(app, lifespan="off", http=GuardedProtocol) as base:
        reader, writer = await asyncio.open_connection(urlsplit(base).hostname, urlsplit(base).port)
        writer.write(ASK)
        assert (await reader.readuntil(b"ok")).endswith(b"ok")
        writer.close()
        await writer.wait_closed()
    assert not leave.gone
