"""A client that sees exactly what a server sends, and how the connection ends."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import msgspec


@dataclass
class Exchange:
    """What came back. ``ending``: "whole", "closed" (before the end) or "reset"."""

    status: int
    headers: dict[str, str]
    body: bytes
    ending: str

    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class RawConnection:
    """One connection, one request."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    @classmethod
    async def open(cls, base_url: str) -> RawConnection:
        parts = urlsplit(base_url)
        return cls(*await asyncio.open_connection(parts.hostname, parts.port, limit=2**26))

    async def send(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> None:
        lines = [f"{method} {path} HTTP/1.1", "host: simulator", f"content-length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self.writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        await self.writer.drain()

    async def receive(self) -> Exchange:
        """Everything up to the end of the answer, or of the connection."""
        status, headers, body = 0, dict[str, str](), bytearray()
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
            first, *rest = head.decode().strip().split("\r\n")
            status = int(first.split(" ")[1])
            headers = {name.lower(): value.strip() for name, _, value in (x.partition(":") for x in rest)}
            if "content-length" in headers:
                await self._exactly(int(headers["content-length"]), body)
            else:
                while size := int(await self.reader.readuntil(b"\r\n"), 16):
                    await self._exactly(size, body)
                    await self.reader.readexactly(2)
        except asyncio.IncompleteReadError as error:
            body += error.partial if not body else b""
            return Exchange(status, headers, bytes(body), "closed")
        except ConnectionResetError:
            body += self.left_over()
            return Exchange(status, headers, bytes(body), "reset")
        return Exchange(status, headers, bytes(body), "whole")

    async def _exactly(self, size: int, body: bytearray) -> None:
        """Like ``readexactly``, but what came before the connection broke is kept."""
        while size:
            piece = await self.reader.read(size)
            if not piece:
                raise asyncio.IncompleteReadError(b"", size)
            body += piece
            size -= len(piece)

    def left_over(self) -> bytes:
        """What had arrived before a reset and was not read yet: ``StreamReader`` raises and keeps it back."""
        kept: bytearray = self.reader._buffer  # type: ignore[attr-defined]  # there is no public way to it
        return bytes(kept)

    async def close(self) -> None:
        self.writer.close()
        try:
            await self.writer.wait_closed()
        except ConnectionError:
            return


async def exchange(
    base_url: str,
    path: str,
    body: Any = None,
    *,
    method: str = "POST",
    headers: Mapping[str, str] | None = None,
) -> Exchange:
    """Send one request on a connection of its own. ``body``: bytes, or a value to be sent as JSON."""
    connection = await RawConnection.open(base_url)
    data = b"" if body is None else body if isinstance(body, bytes) else msgspec.json.encode(body)
    try:
        await connection.send(method, path, data, headers or {})
        return await connection.receive()
    finally:
        await connection.close()
