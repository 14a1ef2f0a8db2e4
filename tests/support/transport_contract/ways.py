"""Contract: TLS is verified, proxies are used, and what is in flight when a caller leaves is kept."""

from __future__ import annotations

import asyncio
import base64
import ssl

import pytest
import trustme

from pointsman.errors import UpstreamUnreachable
from pointsman.http1 import Leave
from tests.support.http_proxy import ConnectProxy
from tests.support.http_server import RawServer, echo
from tests.support.transport_contract.case import BRIEF, PATIENT, MakeTransport, post

_HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n"


class _Authority:
    """Certificates for 127.0.0.1 and upstream.test, and a client that trusts their issuer."""

    def __init__(self) -> None:
        authority = trustme.CA()
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.set_alpn_protocols(["h2", "http/1.1"])
        authority.issue_cert("127.0.0.1", "upstream.test").configure_cert(self.server)
        self.wrong = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("other.test").configure_cert(self.wrong)
        self.client = ssl.create_default_context()
        authority.configure_trust(self.client)


async def check_tls(make: MakeTransport) -> None:
    authority = _Authority()
    body = bytes(range(256)) * 8000
    async with RawServer(echo, tls=authority.server) as server:
        transport = make(tls=authority.client)
        for sent in (b"small", body, b"small again"):
            assert await (await transport.send(post(server.url(), sent), PATIENT)).read() == sent
        assert server.accepted == 1
        await transport.close()


async def check_tls_that_cannot_be_trusted(make: MakeTransport) -> None:
    authority = _Authority()
    for context, trusting in ((authority.wrong, authority.client), (authority.server, None)):
        async with RawServer(echo, tls=context) as server:
            transport = make(tls=trusting)
            with pytest.raises(UpstreamUnreachable, match="certificate is not trusted") as caught:
                await transport.send(post(server.url()), PATIENT)
            assert not caught.value.sent
            await transport.close()


async def check_tls_to_a_server_without(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make()
        call = asyncio.ensure_future(transport.send(post(server.url().replace("http:", "https:")), PATIENT))
        (await server.accept()).send(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        with pytest.raises(UpstreamUnreachable, match=r"TLS to 127.0.0.1:\d+ failed") as caught:
            await call
        assert not caught.value.sent
        await transport.close()


async def check_tunnel(make: MakeTransport) -> None:
    authority = _Authority()
    async with RawServer(echo, tls=authority.server) as server, ConnectProxy() as proxy:
        address = f"http://user:p%40ss@127.0.0.1:{proxy.port}"
        transport = make(tls=authority.client, environment={"HTTPS_PROXY": address})
        for body in (b"one", b"two", bytes(3_000_000)):
            response = await transport.send(post(server.url(host="upstream.test"), body), PATIENT)
            assert await response.read() == body
        (asked,) = proxy.asked
        assert asked.line == f"CONNECT upstream.test:{server.port} HTTP/1.1"
        assert asked.headers == {
            "host": f"upstream.test:{server.port}",
            "proxy-authorization": "Basic " + base64.b64encode(b"user:p@ss").decode(),
        }
        await transport.close()
        await server.empty()
        await proxy.empty()


async def check_tunnel_verifies_the_server(make: MakeTransport) -> None:
    authority = _Authority()
    async with RawServer(echo, tls=authority.wrong) as server, ConnectProxy() as proxy:
        transport = make(tls=authority.client, environment={"HTTPS_PROXY": f"127.0.0.1:{proxy.port}"})
        with pytest.raises(UpstreamUnreachable, match="certificate is not trusted"):
            await transport.send(post(server.url(host="upstream.test")), PATIENT)
        await proxy.empty()
        await transport.close()


async def check_tunnel_refused(make: MakeTransport) -> None:
    refusals = {
        b"HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n": "status 407",
        b"HTTP/1.1 200 OK\r\n\r\nearly bytes": "nobody asked for",
        b"SSH-2.0\r\n\r\n": "not HTTP",
    }
    for refusal, match in refusals.items():
        async with ConnectProxy(refusal=refusal) as proxy:
            environment = {"https_proxy": f"http://user:secret@127.0.0.1:{proxy.port}"}
            transport = make(environment=environment, tls=ssl.create_default_context())
            with pytest.raises(UpstreamUnreachable, match=match) as caught:
                await transport.send(post("https://upstream.test/"), PATIENT)
            assert not caught.value.sent
            assert "secret" not in caught.value.message
            await proxy.empty()
            await transport.close()


async def check_cancel_during_a_tunnels_handshake(make: MakeTransport) -> None:
    async with RawServer() as server, ConnectProxy() as proxy:
        environment = {"https_proxy": f"http://127.0.0.1:{proxy.port}"}
        transport = make(environment=environment, tls=ssl.create_default_context())
        call = asyncio.ensure_future(transport.send(post(f"https://upstream.test:{server.port}/"), PATIENT))
        peer = await server.accept()
        await peer.received(1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await peer.gone()
        await transport.close()


async def check_plain_http_through_a_proxy(make: MakeTransport) -> None:
    """Absolute form, and the host is the server's; loopback itself is never sent to a proxy."""
    async with RawServer() as proxy, RawServer(echo) as local:
        transport = make(environment={"HTTP_PROXY": f"http://a:b@127.0.0.1:{proxy.port}"})
        call = asyncio.ensure_future(transport.send(post("http://upstream.test:81/v1?x=1"), PATIENT))
        peer = await proxy.accept()
        line, headers, _ = await peer.request()
        assert line == "POST http://upstream.test:81/v1?x=1 HTTP/1.1"
        assert headers["host"] == "upstream.test:81"
        assert headers["proxy-authorization"] == "Basic YTpi"
        peer.answer()
        assert await (await call).read() == b"ok"
        assert await (await transport.send(post(local.url(), b"direct"), PATIENT)).read() == b"direct"
        await transport.close()


async def check_drain_returns_what_was_in_flight(make: MakeTransport) -> None:
    """The server is told at once; what it still sends until it closes is collected, unread bytes first."""
    async with RawServer() as server:
        transport = make()
        call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
        peer = await server.accept()
        await peer.request()
        peer.send(_HEAD, b"unread ")
        response = await call
        drained = asyncio.ensure_future(response.close(drain=10.0))
        await peer.gone()
        peer.send(b"in flight")
        peer.close()
        assert await drained == b"unread in flight"
        assert await response.close(drain=1.0) == b""
        await server.empty()
        await transport.close()


async def check_drain_ends_with_the_body(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make()
        call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
        peer = await server.accept()
        await peer.request()
        peer.send(_HEAD, b"1234567890")
        chunks = (response := await call).chunks()
        assert await anext(chunks) == b"1234567890"
        drained = asyncio.ensure_future(response.close(drain=10.0))
        await peer.gone()
        peer.send(b"0987654321")
        assert await drained == b"0987654321"
        peer.close()
        await server.empty()
        await transport.close()


async def check_drain_ends_with_its_time(make: MakeTransport) -> None:
    async with RawServer() as server:
        transport = make()
        call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
        peer = await server.accept()
        await peer.request()
        peer.send(_HEAD, b"part")
        response = await call
        assert await response.close(drain=BRIEF) == b"part"
        await peer.gone()
        await transport.close()


async def check_drain_over_tls_keeps_what_has_arrived(make: MakeTransport) -> None:
    authority = _Authority()
    async with RawServer(tls=authority.server) as server:
        transport = make(tls=authority.client)
        call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT))
        peer = await server.accept()
        await peer.request()
        peer.send(_HEAD, b"part")
        response = await call
        chunks = response.chunks()
        assert await anext(chunks) == b"part"
        peer.send(b" more")
        waiting = asyncio.ensure_future(anext(chunks))
        assert await waiting == b" more"
        assert await response.close(drain=5.0) == b""
        await peer.gone()
        await transport.close()


async def check_leaving_before_anything_is_sent(make: MakeTransport) -> None:
    """Already gone, during the dial, and in the queue."""
    async with RawServer() as server:
        transport = make(max_connections=1, tls=ssl.create_default_context())
        gone = Leave()
        gone.now()
        with pytest.raises(UpstreamUnreachable, match="caller left") as caught:
            await transport.send(post(server.url()), PATIENT, gone)
        assert not caught.value.sent
        assert server.accepted == 0
        for queued in (False, True):
            url = server.url() if queued else server.url().replace("http:", "https:")
            if queued:
                first = asyncio.ensure_future(transport.send(post(url), PATIENT))
                await (await server.accept()).request()
            leave = Leave()
            call = asyncio.ensure_future(transport.send(post(url), PATIENT, leave))
            await asyncio.sleep(0)
            if not queued:
                await (await server.accept()).received(1)
            leave.now()
            with pytest.raises(UpstreamUnreachable, match="caller left") as caught:
                await call
            assert not caught.value.sent
        await transport.close()
        with pytest.raises(UpstreamUnreachable):
            await first


async def check_leaving_before_the_head(make: MakeTransport) -> None:
    """The server is told, and an answer that it sends all the same is an answer."""
    for answers in (True, False):
        async with RawServer() as server:
            transport = make()
            leave = Leave()
            call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT, leave))
            peer = await server.accept()
            await peer.request()
            leave.now()
            leave.now()
            await peer.gone()
            if answers:
                peer.answer(b"whole")
                assert await (await call).read() == b"whole"
            peer.close()
            if not answers:
                with pytest.raises(UpstreamUnreachable, match="before an answer came") as caught:
                    await call
                assert caught.value.sent
            await server.empty()
            await transport.close()


async def check_leaving_in_the_body(make: MakeTransport) -> None:
    """What was in flight is seen; the end that follows is not taken for the body's."""
    async with RawServer() as server:
        transport = make()
        leave = Leave()
        call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT, leave))
        peer = await server.accept()
        await peer.request()
        peer.send(_HEAD, b"unread ")
        chunks = (await call).chunks()
        leave.now()
        await peer.gone()
        assert await anext(chunks) == b"unread "
        peer.send(b"in flight")
        assert await anext(chunks) == b"in flight"
        peer.close()
        with pytest.raises(UpstreamUnreachable, match="before the end of the answer"):
            await anext(chunks)
        await transport.close()


async def check_leaving_over_tls(make: MakeTransport) -> None:
    authority = _Authority()
    async with RawServer(tls=authority.server) as server:
        transport = make(tls=authority.client)
        leave = Leave()
        call = asyncio.ensure_future(transport.send(post(server.url()), PATIENT, leave))
        peer = await server.accept()
        await peer.request()
        peer.send(_HEAD, b"part")
        chunks = (await call).chunks()
        assert await anext(chunks) == b"part"
        leave.now()
        with pytest.raises(UpstreamUnreachable, match="caller left"):
            await anext(chunks)
        await peer.gone()
        await transport.close()


async def check_leaving_after_the_end_disturbs_nobody(make: MakeTransport) -> None:
    async with RawServer(echo) as server:
        transport = make()
        leave = Leave()
        assert await (await transport.send(post(server.url(), b"1"), PATIENT, leave)).read() == b"1"
        second = asyncio.ensure_future(transport.send(post(server.url(), b"2"), PATIENT))
        await asyncio.sleep(0)
        leave.now()
        assert await (await second).read() == b"2"
        assert server.accepted == 1
        await transport.close()
