"""A small HTTP proxy for tests: CONNECT tunnels only; for plain forwarding ``RawServer`` will do."""

from __future__ import annotations

import asyncio

from tests.support.http_server import Peer, RawServer, Received


class ConnectProxy(RawServer):
    """Opens a tunnel to a loopback port whatever host is named, and remembers what it was asked.

    Args:
        refusal: the whole answer to give instead of opening a tunnel.
    """

    def __init__(self, *, refusal: bytes = b"") -> None:
        super().__init__(self._tunnel)
        self._refusal = refusal
        self.asked: list[Received] = []

    async def _tunnel(self, peer: Peer) -> None:
        request = await peer.request()
        self.asked.append(request)
        if self._refusal:
            peer.send(self._refusal)
            await peer.gone()
            return
        port = int(request.line.split(" ")[1].rpartition(":")[2])
        loop = asyncio.get_running_loop()
        far, _ = await loop.create_connection(lambda: _Pipe(peer.transport), "127.0.0.1", port)
        peer.transport.set_protocol(_Pipe(far, peer))
        peer.send(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await peer.gone()


class _Pipe(asyncio.Protocol):
    """Copies what it receives to the other side; the end of one side is the end of both."""

    def __init__(self, other: asyncio.WriteTransport, peer: Peer | None = None) -> None:
        self._other = other
        self._peer = peer

    def data_received(self, data: bytes) -> None:
        self._other.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        self._other.close()
        if self._peer is not None:
            self._peer.connection_lost(exc)
