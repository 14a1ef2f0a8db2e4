"""Make a connection: directly, or through an HTTP proxy's CONNECT tunnel. Errors come as OSError."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Callable

from pointsman.http1.connection import Connection
from pointsman.http1.proxy import Proxy
from pointsman.http1.url import Target

_REPLY_MAX = 64 << 10
_ACCEPTED = re.compile(rb"HTTP/1\.[01] 2\d\d[ \r]")
_PROBE_AFTER = 60
"""Seconds of silence after which the kernel asks whether the other side is there: models can think for
minutes, and balancers forget a connection on which nothing moves."""


class TunnelRefused(OSError):
    """The proxy did not open a tunnel. The message names its status and nothing else it said."""


async def dial(
    loop: asyncio.AbstractEventLoop,
    target: Target,
    proxy: Proxy | None,
    tls: Callable[[], ssl.SSLContext],
    make: Callable[[], Connection],
) -> Connection:
    """Connect and, for https, shake hands. Cancelling it closes what there is.

    Raises:
        OSError: of any kind, ``ssl.SSLError`` and ``TunnelRefused`` included.
    """
    if proxy is not None and target.scheme == "https":
        return await _dial_tunnel(loop, target, proxy, tls, make)
    host, port = (target.host, target.port) if proxy is None else (proxy.host, proxy.port)
    secure = (target if proxy is None else proxy).scheme == "https"
    transport, connection = await loop.create_connection(make, host, port, ssl=tls() if secure else None)
    _keep_probing(transport)
    return connection


async def _dial_tunnel(
    loop: asyncio.AbstractEventLoop,
    target: Target,
    proxy: Proxy,
    tls: Callable[[], ssl.SSLContext],
    make: Callable[[], Connection],
) -> Connection:
    transport, tunnel = await loop.create_connection(
        lambda: _Tunnel(loop.create_future()),
        proxy.host,
        proxy.port,
        ssl=tls() if proxy.scheme == "https" else None,
    )
    try:
        _keep_probing(transport)
        lines = [f"CONNECT {target.authority} HTTP/1.1", f"host: {target.authority}"]
        if proxy.authorization is not None:
            lines.append(f"proxy-authorization: {proxy.authorization}")
        transport.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        await tunnel.opened
        connection = make()
        inner = await loop.start_tls(transport, connection, tls(), server_hostname=target.host)
        if inner is None:
            raise TunnelRefused("the proxy closed the tunnel")
    except BaseException:
        transport.abort()
        raise
    connection.connection_made(inner)
    return connection


def _keep_probing(transport: asyncio.BaseTransport) -> None:
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name in ("TCP_KEEPIDLE", "TCP_KEEPINTVL"):  # not every system has them
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, _PROBE_AFTER)


class _Tunnel(asyncio.Protocol):
    """Waits for the proxy's answer to CONNECT: a head without a body, behind which the server is silent."""

    def __init__(self, opened: asyncio.Future[None]) -> None:
        self.opened = opened
        self._reply = b""

    def data_received(self, data: bytes) -> None:
        self._reply += data
        head, end, rest = self._reply.partition(b"\r\n\r\n")
        if not end and len(self._reply) <= _REPLY_MAX:
            return
        status = head.split(b"\r\n", 1)[0][9:12]
        if end and _ACCEPTED.match(self._reply):
            early = TunnelRefused("the proxy sent bytes through the tunnel that nobody asked for")
            self._settle(early if rest else None)
        elif status.isdigit() and end:
            self._settle(TunnelRefused(f"the proxy refused the tunnel with status {status.decode()}"))
        else:
            self._settle(TunnelRefused("the proxy's reply to CONNECT is not HTTP/1.1"))

    def connection_lost(self, exc: Exception | None) -> None:
        self._settle(TunnelRefused("the proxy closed the connection"))

    def _settle(self, error: OSError | None) -> None:
        if self.opened.done():
            return
        if error is None:
            self.opened.set_result(None)
        else:
            self.opened.set_exception(error)
            self.opened.exception()  # seen: whoever dialled may have been cancelled before
