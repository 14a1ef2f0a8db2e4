"""Contract: whatever way the server frames its answer, the reader gets status, headers and exact body."""

from __future__ import annotations

import asyncio
import gzip
import zlib

import pytest

from pointsman.errors import UpstreamMalformed, UpstreamUnreachable
from pointsman.http1 import HttpRequest
from tests.support.http_server import Peer, RawServer, echo
from tests.support.transport_contract.case import PATIENT, MakeTransport, post

_HEAD = b"HTTP/1.1 200 OK\r\n"
_WHOLE = {
    "content-length": (_HEAD + b"content-length: 11\r\n\r\nhello world", b"hello world", True),
    "empty": (_HEAD + b"content-length: 0\r\n\r\n", b"", True),
    "chunked": (
        _HEAD + b"transfer-encoding: chunked\r\n\r\n6;x=y\r\nhello \r\n5\r\nworld\r\n0\r\n\r\n",
        b"hello world",
        True,
    ),
    "trailers": (
        _HEAD + b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nx-sum: 1\r\n\r\n",
        b"hello",
        True,
    ),
    "interim": (
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n"
        + _HEAD
        + b"content-length: 2\r\n\r\nok",
        b"ok",
        True,
    ),
    "no content": (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
    "connection: close": (_HEAD + b"connection: close\r\ncontent-length: 2\r\n\r\nok", b"ok", False),
    "HTTP/1.0": (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok", b"ok", False),
}


async def check_request_bytes(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make()
        call = asyncio.ensure_future(
            transport.send(post(server.url("/v1/x?a=b"), b'{"a":1}', ("x-api-key", "k"), ("a", "ü")), PATIENT)
        )
        peer = await server.accept()
        line, headers, body = await peer.request()
        assert line == "POST /v1/x?a=b HTTP/1.1"
        assert headers == {
            "host": f"127.0.0.1:{server.port}",
            "x-api-key": "k",
            "a": "ü",
            "content-length": "7",
        }
        assert body == b'{"a":1}'
        peer.send(b"HTTP/1.1 418 I'm a teapot\r\nX-A: 1\r\nx-a: 2\r\nContent-Length: 2\r\n\r\nhi")
        response = await call
        assert (response.status, response.headers) == (418, {"x-a": "1, 2", "content-length": "2"})
        assert await response.read() == b"hi"
        await transport.close()


async def check_framings_at_once_and_byte_by_byte(make: MakeTransport) -> None:
    for raw, body, keeps in _WHOLE.values():
        for bytewise in (False, True):
            async with RawServer() as server:
                transport = make()
                call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
                peer = await server.accept()
                await peer.request()
                if bytewise:
                    await peer.send_each_byte(raw)
                else:
                    peer.send(raw)
                response = await call
                assert await response.read() == body
                if keeps:
                    call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
                    await peer.request()
                    peer.answer(b"again")
                    assert await (await call).read() == b"again"
                else:
                    await peer.gone()
                await transport.close()


async def check_body_until_the_end_of_the_connection(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make()
        for head in (_HEAD, b"HTTP/1.0 200 OK\r\n", _HEAD + b"connection: close\r\n"):
            call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
            peer = await server.accept()
            await peer.request()
            peer.send(head, b"\r\nhello ")
            chunks = (await call).chunks()
            assert await anext(chunks) == b"hello "
            peer.send(b"world")
            peer.close()
            assert b"".join([chunk async for chunk in chunks]) == b"world"
        await transport.close()


async def check_chunks_are_not_held_back(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make()
        call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
        peer = await server.accept()
        await peer.request()
        peer.send(_HEAD, b"transfer-encoding: chunked\r\n\r\n")
        response = await call  # the head alone is an answer already
        chunks = response.chunks()
        for piece in (b"a", b"bc", b"def"):
            peer.send(b"%x\r\n%b\r\n" % (len(piece), piece))
            assert await anext(chunks) == piece
        peer.send(b"1\r\nx\r\n1\r\ny\r\n0\r\n\r\n")
        assert b"".join([chunk async for chunk in chunks]) == b"xy"
        await transport.close()


async def check_head_has_no_body(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make()
        call = asyncio.ensure_future(transport.send(HttpRequest("HEAD", server.url()), PATIENT))
        peer = await server.accept()
        assert "content-length" not in (await peer.request()).headers
        peer.send(_HEAD, b"content-length: 100\r\n\r\n")
        response = await call
        assert (response.headers["content-length"], await response.read()) == ("100", b"")
        await transport.close()


async def check_large_bodies_both_ways(make: MakeTransport) -> None:
    body = bytes(range(256)) * 20_000
    async with RawServer(echo) as server:
        transport = make()
        for _ in range(2):
            assert await (await transport.send(post(server.url(), body), PATIENT)).read() == body
        assert server.accepted == 1
        await transport.close()


async def check_backpressure(make: MakeTransport) -> None:
    """A reader that does not read stops the server, and loses nothing when it goes on."""
    size = 32 << 20
    async with RawServer() as server, RawServer(echo) as other:
        transport = make()
        call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
        peer = await server.accept()
        await peer.request()
        peer.send(_HEAD, b"content-length: %d\r\n\r\n" % size, bytes(size))
        response = await call
        for _ in range(300):  # time enough to read everything, if one did
            await (await transport.send(post(other.url()), PATIENT)).read()
        assert peer.transport.get_write_buffer_size() > size // 2
        assert len(await response.read()) == size
        await transport.close()


async def check_encoded_bodies_are_decoded(make: MakeTransport) -> None:
    plain = b"data: {}\n\n" * 1000
    bare = zlib.compressobj(wbits=-15)
    encoded = {
        "gzip": gzip.compress(plain),
        "deflate": zlib.compress(plain),
        "Deflate": bare.compress(plain) + bare.flush(),
    }
    async with RawServer() as server:
        transport = make()
        peer: Peer | None = None
        for name, raw in encoded.items():
            call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
            peer = peer or await server.accept()
            await peer.request()
            peer.answer(raw, "200 OK", f"content-encoding: {name}")
            response = await call
            assert await response.read() == plain
            assert "content-encoding" not in response.headers
        await transport.close()


_MALFORMED = {
    "not HTTP": b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
    "status line": b"HTTP/1.1 abc OK\r\n\r\n",
    "version": b"HTTP/3.0 200 OK\r\ncontent-length: 0\r\n\r\n",
    "huge header": _HEAD + b"x-a: " + b"a" * 70_000 + b"\r\n\r\n",
    "endless header": _HEAD + b"x-a: " + b"a" * 300_000,
    "many headers": _HEAD + b"x-a: 1\r\n" * 2_000 + b"\r\n",
    "endless interim": b"HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" * 4_000,
    "two lengths": _HEAD + b"content-length: 1\r\ncontent-length: 2\r\n\r\nab",
    "length and chunked": _HEAD + b"content-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "other transfer-encoding": _HEAD + b"transfer-encoding: gzip\r\n\r\nxx",
    "switching": b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    "unknown encoding": _HEAD + b"content-encoding: br\r\ncontent-length: 1\r\n\r\na",
}


async def check_malformed_heads(make: MakeTransport) -> None:
    for name, raw in _MALFORMED.items():
        async with RawServer() as server:
            transport = make()
            call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
            peer = await server.accept()
            await peer.request()
            peer.send(raw)
            with pytest.raises(UpstreamMalformed) as caught:
                pytest.fail(f"{name}: {await call}")
            assert "127.0.0.1" in caught.value.message or "encoding" in caught.value.message
            await peer.gone()
            await transport.close()


async def check_malformed_bodies(make: MakeTransport) -> None:
    for raw in (
        _HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n",
        _HEAD + b"transfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nx: " + b"a" * 300_000,
        _HEAD + b"content-encoding: gzip\r\ncontent-length: 5\r\n\r\nplain",
        _HEAD + b"content-encoding: gzip\r\ncontent-length: 12\r\n\r\n" + gzip.compress(b"cut")[:12],
    ):
        async with RawServer() as server:
            transport = make()
            call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
            peer = await server.accept()
            await peer.request()
            peer.send(raw)
            with pytest.raises(UpstreamMalformed):
                await (await call).read()
            await transport.close()


async def check_cut_bodies(make: MakeTransport) -> None:
    """What came before the cut is delivered, then the error."""
    for framing in (b"content-length: 9\r\n\r\nhello", b"transfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"):
        for reset in (False, True):
            async with RawServer() as server:
                transport = make()
                call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
                peer = await server.accept()
                await peer.request()
                peer.send(_HEAD, framing)
                chunks = (await call).chunks()
                assert await anext(chunks) == b"hello"
                if reset:
                    peer.reset()
                else:
                    peer.close()
                with pytest.raises(UpstreamUnreachable, match="before the end of the answer") as caught:
                    await anext(chunks)
                assert caught.value.sent
                await transport.close()
