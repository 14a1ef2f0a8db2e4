"""What a public port needs: bounded heads, no half-open clients, and answers that nothing is mixed into."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from pointsman.gateway.edge.server import (
    MAX_HEAD_BYTES,
    MAX_TRAILERS,
    GuardedProtocol,
    Server,
    address,
    listen,
    run_servers,
)
from tests.support.gateway import CHAT, MESSAGES, Rig
from tests.support.hostile import closed, head, judge, obliging, target
from tests.support.provider_bytes import OPENAI_EVENTS, OPENAI_WHOLE
from tests.support.raw_http import RawConnection, exchange
from tests.support.servers import serve
from tests.support.upstream import Scripted, Wait

BODY = b'{"model":"gpt-6-luna","messages":[{"role":"user","content":"Hi"}]}'
GOOD = head(CHAT, f"content-length: {len(BODY)}") + BODY
STREAM = b'{"model":"gpt-6-luna","messages":[{"role":"user","content":"Hi"}],"stream":true}'


class Hasty(GuardedProtocol):
    """Waits for no one."""

    head_timeout = 0.15
    body_timeout = 0.15


def error_in(answer: bytes, path: str = CHAT) -> tuple[int, str]:
    """Status and type of the only answer in these bytes."""
    first, _, body = answer.partition(b"\r\n\r\n")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"connection: close" in first.lower()
    status = int(first.split(b" ")[1])
    return status, judge(path, status, body)


# -- half-open clients


async def test_a_head_that_never_ends_is_answered_and_closed() -> None:
    async with target(Hasty) as its:
        for beginning in (b"P", b"POST /v1/mess", head(MESSAGES, "x-a: b")[:-2]):
            connection = await its.open()
            connection.writer.write(beginning)
            status, kind = error_in(await closed(connection), MESSAGES if len(beginning) > 20 else CHAT)
            assert (status, kind) == (408, "invalid_request_error")
        await its.still_serves()


async def test_a_head_in_drops_is_no_better() -> None:
    async with target(Hasty) as its:
        connection = await its.open()

        async def drip() -> None:
            while True:
                connection.writer.write(b"x")
                await asyncio.sleep(0)

        connection.writer.write(b"GET / HTTP/1.1\r\nx-slow: ")
        dripping = asyncio.create_task(drip())
        answer = await closed(connection)
        dripping.cancel()
        assert error_in(answer)[0] in (408, 431)
        await its.still_serves()


async def test_a_connection_that_never_asks_is_closed_without_a_word() -> None:
    async with target(Hasty) as its:
        connection = await its.open()
        assert await closed(connection) == b""
        await connection.close()


@pytest.mark.parametrize("framing", ["content-length: 1000", "transfer-encoding: chunked"])
@pytest.mark.parametrize("piece", [b"", b'5\r\n{"a":\r\n'])
async def test_a_body_that_never_ends_is_answered_and_closed(framing: str, piece: bytes) -> None:
    async with target(Hasty) as its:
        connection = await its.open()
        connection.writer.write(head(MESSAGES, framing) + piece)
        assert error_in(await closed(connection), MESSAGES) == (408, "invalid_request_error")
        await its.still_serves()
        assert len(its.rig.ledger.entries) == 2


async def test_a_body_that_was_refused_and_never_ends_is_closed_without_a_second_answer() -> None:
    async with target(Hasty) as its:
        connection = await its.open()
        connection.writer.write(head("/nowhere", "content-length: 1000") + b"x")
        assert (await connection.receive()).status == 404
        assert await closed(connection) == b""
        await connection.close()


async def test_waiting_between_two_requests_is_no_half_of_one() -> None:
    """Neither a slow provider nor an idle keep-alive connection is the client's delay."""
    async with target(Hasty) as its:
        its.rig.transport.then(Scripted(body=[*OPENAI_EVENTS[:2], Wait.UNTIL_LEFT]))
        slow = await its.open()
        slow.writer.write(head(CHAT, f"content-length: {len(STREAM)}") + STREAM)
        await slow.reader.readuntil(b"\n\r\n")
        idle = await its.open()
        await its.still_serves(idle)
        its.protocol.head_timeout = Hasty.head_timeout
        never = await its.open()
        assert await closed(never) == b"", "all this time the others have been waiting longer"
        await its.still_serves(idle)
        assert not slow.reader.at_eof()
        await slow.close()
        await its.rig.ledger.has(5)


async def test_half_of_a_next_request_does_not_spoil_the_answer_before_it() -> None:
    async with target(Hasty) as its:
        its.rig.transport.then(Scripted(body=[*OPENAI_EVENTS[:3], Wait.UNTIL_LEFT]))
        connection = await its.open()
        first = head(CHAT, f"content-length: {len(STREAM)}") + STREAM
        connection.writer.write(first + b"GET /v1/mod")
        await connection.reader.readuntil(b" so.")
        never = await its.open()
        assert await closed(never) == b""
        connection.writer.write(b"garbage\x00\x01\r\n\r\n")
        rest = await closed(connection)
        assert b"HTTP/1.1" not in rest, "closed, but nothing is written into the stream"
        await its.rig.ledger.has(1)
        assert its.rig.entry.outcome == "cut"


# -- floods


FLOODS: dict[str, bytes] = {
    "many": b"GET /v1/models HTTP/1.1\r\n" + b"".join(b"x-%d: y\r\n" % n for n in range(50_000)),
    "one huge": b"GET /v1/models HTTP/1.1\r\nx-huge: " + b"y" * 2**20,
    "a huge name": b"GET /v1/models HTTP/1.1\r\n" + b"y" * 2**20,
    "a huge target": b"GET /" + b"y" * 2**20,
}


@pytest.mark.parametrize("name", FLOODS)
async def test_a_flood_of_headers_is_refused(name: str) -> None:
    async with target() as its:
        connection = await its.open()
        connection.writer.write(FLOODS[name])
        assert error_in(await closed(connection))[0] == 431
        await its.still_serves()


async def test_a_large_head_that_is_no_flood_passes() -> None:
    async with target() as its:
        big = head("/v1/models", "x-big: " + "y" * (MAX_HEAD_BYTES - 1000), method="GET")
        assert (await its.raw(big)).status == 200


async def test_a_flood_of_trailers_is_refused() -> None:
    async with target() as its:
        connection = await its.open()
        connection.writer.write(head(CHAT, "transfer-encoding: chunked") + b"2\r\n{}\r\n0\r\n")
        connection.writer.write(b"x: y\r\n" * (MAX_TRAILERS + 2))
        assert error_in(await closed(connection))[0] == 431
        await its.still_serves()


async def test_a_few_trailers_pass() -> None:
    async with target() as its:
        chunked = b"%x\r\n%s\r\n0\r\nx-checksum: 1\r\n\r\n" % (len(BODY), BODY)
        assert (await its.raw(head(CHAT, "transfer-encoding: chunked") + chunked)).status == 200


# -- what is not HTTP, or not quite


NOT_HTTP = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"garbage\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    b"GET /\x00 HTTP/1.1\r\n\r\n",
    b"POST /v1/messages HTTP/1.1\r\ncontent-length: ten\r\n\r\n",
    b"POST /v1/messages HTTP/1.1\r\ncontent-length: -1\r\n\r\n",
    b"POST /v1/messages HTTP/1.1\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    b"POST /v1/messages HTTP/1.1\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n",
    b"POST /v1/messages HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n",
    b"GET http://[ HTTP/1.1\r\n\r\n",
    "GET /ü HTTP/1.1\r\n\r\n".encode(),
]


@pytest.mark.parametrize("raw", NOT_HTTP)
async def test_what_is_not_http_is_refused_in_a_dialect(raw: bytes) -> None:
    async with target() as its:
        connection = await its.open()
        connection.writer.write(raw)
        answer = await closed(connection)
        path = MESSAGES if raw.startswith(b"POST /v1/messages") else CHAT
        assert error_in(answer, path)[0] == 400
        await its.still_serves()


async def test_http_1_0_is_served_and_closed() -> None:
    async with target() as its:
        connection = await its.open()
        connection.writer.write(GOOD.replace(b"HTTP/1.1", b"HTTP/1.0"))
        answer = await closed(connection)
        assert answer.startswith(b"HTTP/1.1 200 ")
        assert answer.endswith(OPENAI_WHOLE)
        await connection.close()


async def test_an_upgrade_that_we_do_not_speak_is_passed_over() -> None:
    async with target() as its:
        lines = ("connection: Upgrade, HTTP2-Settings", "Upgrade: h2c")
        connection = await its.open()
        connection.writer.write(head(CHAT, f"content-length: {len(BODY)}", *lines) + BODY)
        assert (await connection.receive()).status == 200
        connection.writer.write(head(CHAT, "transfer-encoding: chunked", *lines))
        connection.writer.write(b"%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY))
        assert (await connection.receive()).status == 200
        assert its.rig.transport.requests[0].body == its.rig.transport.requests[1].body == BODY
        talk = BODY.replace(b"Hi", b"\\r\\nUpgrade: h2c")
        connection.writer.write(head(CHAT, f"content-length: {len(talk)}", *lines) + talk)
        assert (await connection.receive()).status == 200
        assert its.rig.transport.requests[2].body == talk
        await its.still_serves(connection)


async def test_pipelined_requests_are_answered_in_their_order() -> None:
    async with target() as its:
        connection = await its.open()
        missing = head("/v1/models/none", method="GET")
        connection.writer.write(GOOD + missing + GOOD + missing)
        assert [(await connection.receive()).status for _ in range(4)] == [200, 404, 200, 404]
        await connection.close()


async def test_a_request_byte_by_byte() -> None:
    async with target() as its:
        connection = await its.open()
        for at in range(len(GOOD)):
            connection.writer.write(GOOD[at : at + 1])
            await connection.writer.drain()
        assert (await connection.receive()).status == 200
        await connection.close()


# -- listening and stopping


async def test_no_answer_waits_for_an_acknowledgement() -> None:
    """asyncio's own loop leaves Nagle's algorithm on where a socket does not say that it is TCP's."""
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    class Look(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            connected: socket.socket = transport.get_extra_info("socket")
            accepted.set_result(connected.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY))

    listener = listen("127.0.0.1", 0)
    server = await asyncio.get_running_loop().create_server(Look, sock=listener)
    _, writer = await asyncio.open_connection(*listener.getsockname())
    async with asyncio.timeout(10):
        assert await accepted
    writer.close()
    server.close()
    await server.wait_closed()


def test_the_address_of_a_listener() -> None:
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        assert address(listener) == f"http://127.0.0.1:{port}"
        with pytest.raises(OSError, match="in use"):
            listen("127.0.0.1", port)
    with listen("[::1]", 0) as listener:
        assert address(listener) == f"http://[::1]:{listener.getsockname()[1]}"


@pytest.mark.parametrize("how", ["event", "SIGINT", "SIGTERM"])
async def test_servers_finish_what_is_under_way_before_they_stop(how: str) -> None:
    rig = Rig(Scripted(before=Wait.UNTIL_LEFT, body=OPENAI_WHOLE), otherwise=obliging)
    listeners = [listen("127.0.0.1", 0), listen("127.0.0.1", 0)]
    urls = [address(listener) for listener in listeners]
    servers = [
        (Server(rig.gateway.app, guarded=guarded), s)
        for guarded, s in zip((True, False), listeners, strict=True)
    ]
    up, stop = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(run_servers(servers, up.set, stop))
    await up.wait()
    for url in urls:
        assert (await exchange(url, "/health", method="GET")).status == 200
    connection = await RawConnection.open(urls[0])
    connection.writer.write(GOOD)
    await rig.transport.asked.wait()
    if how == "event":
        stop.set()
    else:
        os.kill(os.getpid(), getattr(signal, how))
        await asyncio.sleep(0)
    rig.transport.answer_now()
    assert (await connection.receive()).status == 200
    await asyncio.wait_for(running, 10)
    await connection.close()
    async with httpx2.AsyncClient() as client:
        with pytest.raises(httpx2.ConnectError):
            await client.get(urls[0])


async def test_an_idle_connection_is_closed_after_its_time_and_not_before() -> None:
    """Two answers, then nothing: the time counts from the last answer, with one timer for both."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    loop = asyncio.get_running_loop()
    async with serve(app, http=GuardedProtocol, lifespan="off", timeout_keep_alive=1) as base:
        parts = urlsplit(base)
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        for _ in range(2):
            writer.write(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n")
            await reader.readuntil(b"\r\n\r\nok")
            last = loop.time()
        async with asyncio.timeout(10):
            assert await reader.read() == b""
        assert loop.time() - last > 0.8
        writer.close()
        await writer.wait_closed()
