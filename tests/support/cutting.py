"""A network between client and server that cuts each connection after some bytes of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit


class Network:
    """Its near end, where it leads to, and how often it has cut."""

    def __init__(self, target: str) -> None:
        self.url = ""
        self.target = target
        self.cuts = 0
        self.cut = asyncio.Event()
        """Set by the first one."""


@asynccontextmanager
async def cutting(url: str, *, after: int, most: int = 1_000_000) -> AsyncIterator[Network]:
    """
    Args:
        after: bytes of an answer, its head among them, behind which the connection is cut.
        most: connections that are cut.
    """
    network = Network(url)
    tasks: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        target = urlsplit(network.target)
        assert target.hostname is not None
        try:
            there, back = await asyncio.open_connection(target.hostname, target.port)
        except OSError:
            writer.close()
            return
        up = asyncio.ensure_future(_pump(reader, back))
        tasks.add(up)
        left = after if network.cuts < most else 1 << 40
        try:
            while left > 0 and (data := await there.read(left)):
                left -= len(data)
                writer.write(data)
                await writer.drain()
            if left <= 0:
                network.cuts += 1
                network.cut.set()
        finally:
            up.cancel()
            writer.close()
            back.close()
            await asyncio.gather(writer.wait_closed(), back.wait_closed(), up, return_exceptions=True)
            tasks.discard(up)

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    network.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield network
    finally:
        server.close()
        await server.wait_closed()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65_536):
        writer.write(data)
        await writer.drain()
