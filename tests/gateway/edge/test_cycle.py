"""Our cycle tells an application exactly what uvicorn's own does."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest

from pointsman.gateway.edge.server import GuardedProtocol
from tests.support.servers import serve

CLOSE = b"connection: close\r\n"
LARGE = b"x" * 200_000

REQUESTS = {
    "plain": b"GET /a HTTP/1.1\r\nhost: x\r\n" + CLOSE + b"\r\n",
    "query": b"GET /a%20b/c?q=1&r=%20 HTTP/1.1\r\nHost: x\r\nX-A: 1\r\nx-a:  2\r\n" + CLOSE + b"\r\n",
    "absolute": b"GET http://x:1/a?b HTTP/1.1\r\nhost: x\r\n" + CLOSE + b"\r\n",
    "1.0": b"POST / HTTP/1.0\r\ncontent-length: 2\r\n\r\nhi",
    "body": b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n" + CLOSE + b"\r\nhi",
    "chunked": b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n"
    + CLOSE
    + b"\r\n2\r\nhi\r\n1\r\n!\r\n0\r\n\r\n",
    "large": b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 200000\r\n" + CLOSE + b"\r\n" + LARGE,
    "expects": b"POST / HTTP/1.1\r\nhost: x\r\nExpect: 100-Continue\r\ncontent-length: 2\r\n"
    + CLOSE
    + b"\r\nhi",
    "expects nonsense": b"POST / HTTP/1.1\r\nhost: x\r\nexpect: much\r\ncontent-length: 2\r\n"
    + CLOSE
    + b"\r\nhi",
    "two": b"GET /1 HTTP/1.1\r\nhost: x\r\n\r\nPOST /2 HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\n"
    + CLOSE
    + b"\r\nhi",
    "options": b"OPTIONS * HTTP/1.1\r\nhost: x\r\n" + CLOSE + b"\r\n",
    "no address": b"GET http://:x HTTP/1.1\r\nhost: x\r\n" + CLOSE + b"\r\n",
}


async def what_is_seen(request: bytes, protocol: object) -> tuple[list[Any], bytes]:
    """The scopes with their bodies, and what came back."""
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        told = {name: value for name, value in scope.items() if name not in ("client", "server")}
        seen.append((told, type(scope["client"]), type(scope["server"]), message["type"], body))
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})
        assert await receive() == {"type": "http.disconnect"}

    async with serve(app, lifespan="off", http=protocol) as base:
        reader, writer = await asyncio.open_connection(urlsplit(base).hostname, urlsplit(base).port)
        writer.write(request)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
    lines = [line for line in answer.split(b"\r\n") if not line.startswith(b"date:")]
    return seen, b"\r\n".join(lines)


@pytest.mark.parametrize("name", sorted(REQUESTS))
async def test_an_application_is_told_the_same(name: str) -> None:
    ours, our_answer = await what_is_seen(REQUESTS[name], GuardedProtocol)
    theirs, their_answer = await what_is_seen(REQUESTS[name], "httptools")
    assert ours == theirs
    assert (our_answer == their_answer) or not ours
    assert len(ours) == ({"no address": 0, "two": 2}.get(name, 1))
