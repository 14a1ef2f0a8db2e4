"""Contract: timeouts strike and are named, breaks are reported, whoever gives up closes the connection."""

from __future__ import annotations

import asyncio
import socket
import ssl
from typing import Any

import pytest

from pointsman.errors import InvalidRequest, UpstreamTimeout, UpstreamUnreachable
from pointsman.http1 import HttpRequest, Timeouts
from tests.support.http_server import RawServer, echo
from tests.support.transport_contract.case import BRIEF, PATIENT, MakeTransport, post

_PART = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npart"


async def check_connect_timeout(make: MakeTransport) -> None:
    """A server that accepts but never shakes hands."""
    async with RawServer() as server:
        transport = make(tls=ssl.create_default_context())
        with pytest.raises(
            UpstreamTimeout, match=r"connect to 127.0.0.1:\d+ took longer than 0.05 s"
        ) as caught:
            await transport.send(post(server.url().replace("http:", "https:")), Timeouts(connect=BRIEF))
        assert not caught.value.sent
        await (await server.accept()).gone()
        await transport.close()


async def check_first_byte_timeout(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make()
        with pytest.raises(UpstreamTimeout, match=r"first byte.* took longer than 0.05 s") as caught:
            await transport.send(post(server.url()), Timeouts(first_byte=BRIEF))
        assert caught.value.sent
        await (await server.accept()).gone()
        await transport.close()


async def check_first_byte_is_counted_from_the_requests_last(make: MakeTransport) -> None:
    """While the server is slow to take a large body, the first byte of its answer is not due; then it is."""
    body = bytes(32 << 20)
    async with RawServer() as server:
        transport = make()
        limits = Timeouts(first_byte=BRIEF, total=10.0)
        call = asyncio.ensure_future(transport.send(post(server.url(), body), limits))
        peer = await server.accept()
        peer.transport.pause_reading()
        await asyncio.wait([call], timeout=3 * BRIEF)
        assert not call.done()
        peer.transport.resume_reading()
        await peer.request()
        with pytest.raises(UpstreamTimeout, match=r"first byte.* took longer than 0.05 s"):
            await call
        await transport.close()


async def check_idle_timeout(make: MakeTransport) -> None:
    """In the head, and in the body: what came before it is delivered."""
    async with RawServer() as server:
        transport = make()
        limits = Timeouts(idle=BRIEF)
        call = asyncio.ensure_future(transport.send(post(server.url()), limits))
        peer = await server.accept()
        peer.send(b"HTTP/1.1 200 O")
        with pytest.raises(UpstreamTimeout, match=r"next bytes.* took longer than 0.05 s"):
            await call
        await peer.gone()
        call = asyncio.ensure_future(transport.send(post(server.url()), limits))
        peer = await server.accept()
        peer.send(_PART)
        chunks = (await call).chunks()
        assert await anext(chunks) == b"part"
        with pytest.raises(UpstreamTimeout, match=r"next bytes.* took longer than 0.05 s"):
            await anext(chunks)
        await peer.gone()
        await transport.close()


async def check_total_timeout(make: MakeTransport) -> None:
    """While waiting for the head, and although bytes keep coming."""
    async with RawServer() as server:
        transport = make()
        with pytest.raises(UpstreamTimeout, match=r"whole call.* took longer than 0.05 s"):
            await transport.send(post(server.url()), Timeouts(total=BRIEF))
        await (await server.accept()).gone()
        call = asyncio.ensure_future(transport.send(post(server.url()), Timeouts(total=BRIEF)))
        peer = await server.accept()
        await peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        with pytest.raises(UpstreamTimeout, match=r"whole call.* took longer than 0.05 s"):
            async for _ in (await call).chunks():
                raise AssertionError
            while True:
                peer.send(b"1\r\nx\r\n")
        await peer.gone()
        await transport.close()


async def check_slow_reader_is_no_idle_server(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make()
        call = asyncio.ensure_future(transport.send(post(server.url()), Timeouts(idle=BRIEF)))
        peer = await server.accept()
        await peer.request()
        peer.send(_PART)
        response = await call
        await asyncio.wait([asyncio.ensure_future(peer.received(1))], timeout=3 * BRIEF)
        peer.send(b" rest")
        assert await response.read() == b"part rest"
        await transport.close()


async def check_refused_and_unknown(make: MakeTransport) -> None:
    with socket.socket() as placeholder:
        placeholder.bind(("127.0.0.1", 0))
        port = placeholder.getsockname()[1]
        transport = make()
        with pytest.raises(
            UpstreamUnreachable, match=rf"connect to 127.0.0.1:{port}: connection refused"
        ) as caught:
            await transport.send(post(f"http://127.0.0.1:{port}/?key=secret"), PATIENT)
        assert not caught.value.sent
        assert "secret" not in caught.value.message
    with pytest.raises(UpstreamUnreachable, match=r"connect to no-such-host.invalid:80") as caught:
        await transport.send(post("http://no-such-host.invalid/"), PATIENT)
    assert not caught.value.sent
    await transport.close()


async def check_closed_before_an_answer(make: MakeTransport) -> None:
    """On a fresh connection and on a used one: the server may have acted, so nothing is sent twice."""
    for used in (False, True):
        for reset in (False, True):
            async with RawServer() as server:
                transport = make()
                if used:
                    call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
                    peer = await server.accept()
                    await peer.request()
                    peer.answer()
                    await (await call).read()
                call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
                if not used:
                    peer = await server.accept()
                await peer.request()
                if reset:
                    peer.reset()
                else:
                    peer.close()
                with pytest.raises(UpstreamUnreachable, match="before an answer came") as caught:
                    await call
                assert caught.value.sent
                assert server.accepted == 1
                await transport.close()


async def check_smuggling_headers_are_refused(make: MakeTransport) -> None:
    async with RawServer(echo) as server:
        transport = make()
        for value in ("a\r\nx: 1", "a\nb", "a\rb", "a\0b", "€"):
            with pytest.raises(InvalidRequest):
                await transport.send(HttpRequest("GET", server.url(), (("x-a", value),)), PATIENT)
        assert server.accepted == 0
        await transport.close()


async def check_cancel_during_connect(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make(tls=ssl.create_default_context())
        call = asyncio.ensure_future(transport.send(post(server.url().replace("http:", "https:")), PATIENT))
        peer = await server.accept()
        await peer.received(1)
        await _cancel(call)
        await peer.gone()
        await transport.close()


async def check_cancel_before_the_answer(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make(max_connections=1)
        call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
        peer = await server.accept()
        await peer.request()
        await _cancel(call)
        await peer.gone()
        call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))  # the slot is free again
        peer = await server.accept()
        await peer.request()
        peer.answer()
        assert await (await call).read() == b"ok"
        await transport.close()


async def check_cancel_while_reading(make: MakeTransport) -> None:
    for whole in (False, True):
        async with RawServer() as server:
            transport = make()
            call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
            peer = await server.accept()
            await peer.request()
            peer.send(_PART)
            response = await call
            if whole:
                read = asyncio.ensure_future(response.read())
            else:
                chunks = response.chunks()
                await anext(chunks)
                read = asyncio.ensure_future(anext(chunks))
            await asyncio.sleep(0)
            await _cancel(read)
            await peer.gone()
            with pytest.raises(UpstreamUnreachable):  # not an end that looks like the body's
                await response.read()
            await transport.close()


async def check_close_without_reading(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make()
        call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
        peer = await server.accept()
        await peer.request()
        peer.send(_PART)
        response = await call
        assert await response.close() == b""
        assert await response.close() == b""
        await peer.gone()
        await transport.close()


async def check_transport_close_fails_what_is_under_way(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make(max_connections=2)
        url = server.url()
        waiting = asyncio.ensure_future(transport.send(post(url), PATIENT))
        await (await server.accept()).request()
        reading = asyncio.ensure_future(transport.send(post(url), PATIENT))
        peer = await server.accept()
        await peer.request()
        peer.send(_PART)
        response = await reading
        queued = asyncio.ensure_future(transport.send(post(url), PATIENT))
        await asyncio.sleep(0)
        await transport.close()
        for call, sent in ((waiting, True), (queued, False)):
            with pytest.raises(UpstreamUnreachable) as caught:
                await call
            assert caught.value.sent is sent
        with pytest.raises(UpstreamUnreachable):
            await response.read()
        await server.empty()
        for path in (url, server.url("/new")):
            with pytest.raises(UpstreamUnreachable, match="closed") as caught:
                await transport.send(post(path), PATIENT)
            assert not caught.value.sent


async def check_transport_close_ends_a_dial(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make(tls=ssl.create_default_context())
        call = asyncio.ensure_future(transport.send(post(server.url().replace("http:", "https:")), PATIENT))
        peer = await server.accept()
        await peer.received(1)
        await transport.close()
        with pytest.raises(UpstreamUnreachable, match="closed") as caught:
            await call
        assert not caught.value.sent
        await peer.gone()


async def _cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
