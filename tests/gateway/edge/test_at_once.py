"""A whole answer in one write: the same on the wire as the two messages of ASGI."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import urlsplit

import pytest

from pointsman.gateway.edge.at_once import write_at_once
from tests.support.servers import serve

BODY = b'{"ok":true}'
HEADERS = [(b"content-type", b"application/json"), (b"x-request-id", b"req_1")]


def an_app(*, at_once: bool, status: int = 200) -> Any:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if at_once:
            assert write_at_once(send, status, HEADERS, BODY)
            return
        length = (b"content-length", b"%d" % len(BODY))
        await send({"type": "http.response.start", "status": status, "headers": [*HEADERS, length]})
        await send({"type": "http.response.body", "body": BODY})

    return app


REQUESTS = [
    b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    b"GET / HTTP/1.0\r\n\r\n",
    b"GET / HTTP/1.1\r\nhost: x\r\n\r\nGET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
]


async def talk(base: str, request: bytes) -> bytes:
    """Everything that comes back until the server closes."""
    parts = urlsplit(base)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(request)
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer


def without_date(answer: bytes) -> bytes:
    return b"\r\n".join(sorted(line for line in answer.split(b"\r\n") if not line.startswith(b"date:")))


@pytest.mark.parametrize("request_bytes", REQUESTS)
@pytest.mark.parametrize("status", [200, 404, 529])
async def test_it_is_the_same_on_the_wire(request_bytes: bytes, status: int) -> None:
    seen = []
    for at_once in (True, False):
        async with serve(an_app(at_once=at_once, status=status), lifespan="off") as base:
            seen.append(without_date(await talk(base, request_bytes)))
    assert seen[0] == seen[1]
    assert BODY in seen[0]


async def test_another_send_is_left_alone() -> None:
    async def send(_: Any) -> None:
        raise AssertionError("nothing is to be sent")

    assert not write_at_once(send, 200, HEADERS, BODY)


async def test_a_head_request_is_left_to_uvicorn() -> None:
    refused = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        refused.append(write_at_once(send, 200, HEADERS, BODY))
        await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
        await send({"type": "http.response.body", "body": BODY})

    async with serve(app, lifespan="off") as base:
        answer = await talk(base, b"HEAD / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
    assert refused == [False]
    assert BODY not in answer
