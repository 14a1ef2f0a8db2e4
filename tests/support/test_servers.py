import asyncio
from typing import Any

import httpx2
import pytest

from tests.support.servers import serve


async def _hello(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["path"] == "/hang":
        await asyncio.Event().wait()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})


async def test_serves_on_a_free_port_and_lets_go_of_it() -> None:
    async with serve(_hello) as first, serve(_hello) as second, httpx2.AsyncClient() as client:
        assert first != second
        for base_url in (first, second, first):
            assert (await client.get(base_url + "/")).text == "hello"
    async with httpx2.AsyncClient() as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get(first + "/")


async def test_a_client_that_still_waits_does_not_hold_it_up() -> None:
    async with serve(_hello, timeout_keep_alive=1) as base_url:
        reader, writer = await asyncio.open_connection("127.0.0.1", int(base_url.rsplit(":", 1)[1]))
        writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
        assert (await reader.readuntil(b"hello")).startswith(b"HTTP/1.1 200")
    assert await reader.read() == b""
    writer.close()
    await writer.wait_closed()
