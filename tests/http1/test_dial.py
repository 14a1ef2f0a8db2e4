"""Socket options, and whatever a proxy may say; the ways themselves are in the contract."""

from __future__ import annotations

import asyncio
import socket
import ssl

import pytest

from pointsman.http1.connection import Connection
from pointsman.http1.dial import TunnelRefused, dial
from pointsman.http1.gathering import Outbox
from pointsman.http1.proxy import Proxy
from pointsman.http1.url import parse_target
from tests.support.http_server import Peer, RawServer


class _Nobody:
    def released(self, connection: Connection) -> None: ...

    def dropped(self, connection: Connection) -> None: ...

    def disconnected(self, connection: Connection) -> None: ...


def _make() -> Connection:
    return Connection(_Nobody(), "x:1", 10.0, asyncio.get_running_loop(), Outbox())


async def test_the_kernel_probes_silent_connections() -> None:
    async with RawServer() as server:
        connection = await dial(
            asyncio.get_running_loop(), parse_target(server.url()), None, ssl.create_default_context, _make
        )
        assert connection.is_usable()
        transport = connection._transport
        assert transport is not None
        sock = transport.get_extra_info("socket")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        connection.abort()
        await (await server.accept()).gone()


@pytest.mark.parametrize(
    ("pieces", "match"),
    [
        ([b"HTTP/1.1 502 Bad Gateway\r\n", b"\r\n"], "status 502"),
        ([b"HTTP/1.1 200 OK\r\n\r\n16 03"], "nobody asked for"),
        ([b"nonsense\r\n\r\n"], "not HTTP/1.1"),
        ([b"x" * 70_000], "not HTTP/1.1"),
        ([], "closed the connection"),
    ],
)
async def test_what_a_proxy_may_say(pieces: list[bytes], match: str) -> None:
    async def say(peer: Peer) -> None:
        await peer.request()
        for piece in pieces:
            peer.send(piece)
            await asyncio.sleep(0)
        if pieces:
            await peer.gone()
        peer.close()

    async with RawServer(say) as server:
        with pytest.raises(OSError, match=match) as caught:
            await dial(
                asyncio.get_running_loop(),
                parse_target("https://x.test/"),
                Proxy("http", "127.0.0.1", server.port),
                ssl.create_default_context,
                _make,
            )
        assert isinstance(caught.value, TunnelRefused | ssl.SSLError | ConnectionError)
        await server.empty()
