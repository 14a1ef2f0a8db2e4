"""A gateway on a real port, for clients that mean no good, and a judge of what it answers them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anthropic.types
import msgspec
import openai.types.shared

from pointsman.gateway.edge.server import GuardedProtocol
from pointsman.http1 import HttpRequest
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    ANTHROPIC_WHOLE,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_WHOLE,
)
from tests.support.raw_http import Exchange, RawConnection
from tests.support.servers import serve
from tests.support.upstream import Scripted

PATIENCE = 10.0
"""Seconds after which a hang is called one."""


def obliging(request: HttpRequest) -> Scripted:
    """A provider that answers whatever is JSON."""
    asked = msgspec.json.decode(request.body)
    assert isinstance(asked["model"], str)
    ours = request.url.endswith("/v1/messages")
    if asked.get("stream"):
        return Scripted(body=ANTHROPIC_EVENTS if ours else OPENAI_EVENTS)
    return Scripted(body=ANTHROPIC_WHOLE if ours else OPENAI_WHOLE)


def judge(path: str, status: int, body: bytes) -> str:
    """Hold an error's body against the types of the SDK that reads it; the error's type."""
    assert 400 <= status < 500, (status, body)
    shape: Any = msgspec.json.decode(body)
    if path.startswith(MESSAGES):
        assert shape["type"] == "error"
        if status == 413:  # documented, but missing from the SDK's union
            assert shape["error"]["type"] == "request_too_large"
            return "request_too_large"
        typed = anthropic.types.ErrorResponse.model_validate(shape)
        assert typed.error.message
        return typed.error.type
    told = openai.types.shared.ErrorObject.model_validate(shape["error"])
    assert told.message
    return told.type


def head(path: str, *lines: str, method: str = "POST") -> bytes:
    return "\r\n".join([f"{method} {path} HTTP/1.1", "host: x", *lines, "", ""]).encode("latin-1")


class Target:
    """What is attacked."""

    def __init__(self, rig: Rig, url: str, protocol: type[GuardedProtocol]) -> None:
        self.rig = rig
        self.url = url
        self.protocol = protocol
        self._opened: list[RawConnection] = []

    async def open(self) -> RawConnection:
        """A connection that is closed with everything else, if not before."""
        connection = await RawConnection.open(self.url)
        self._opened.append(connection)
        return connection

    async def close(self) -> None:
        for connection in self._opened:
            await connection.close()

    async def raw(self, *pieces: bytes) -> Exchange:
        """Send bytes on a connection of their own; the first answer to them."""
        connection = await self.open()
        try:
            async with asyncio.timeout(PATIENCE):
                for piece in pieces:
                    connection.writer.write(piece)
                return await connection.receive()
        finally:
            await connection.close()

    async def post(self, path: str, body: bytes, *lines: str) -> Exchange:
        return await self.raw(head(path, f"content-length: {len(body)}", *lines), body)

    async def still_serves(self, connection: RawConnection | None = None) -> None:
        """Good requests to both faces, on this connection or a new one; from now on without haste, since a
        busy machine may be slow to send them."""
        self.protocol.head_timeout = self.protocol.body_timeout = 30.0
        own = connection or await self.open()
        async with asyncio.timeout(PATIENCE):
            for path, model in ((CHAT, OPENAI_MODEL), (MESSAGES, ANTHROPIC_MODEL)):
                await own.send("POST", path, msgspec.json.encode(ask(model)), {})
                answer = await own.receive()
                assert (answer.status, answer.ending) == (200, "whole"), answer
        if connection is None:
            await own.close()


@asynccontextmanager
async def target(protocol: type[GuardedProtocol] = GuardedProtocol, **rig: Any) -> AsyncIterator[Target]:
    ours = Rig(otherwise=obliging, **rig)

    class Own(protocol):  # type: ignore[valid-type,misc]  # a class of this target's own, to be changed
        pass

    async with serve(ours.gateway.app, http=Own, timeout_keep_alive=60) as url:
        its = Target(ours, url, Own)
        try:
            yield its
        finally:
            await its.close()


async def closed(connection: RawConnection) -> bytes:
    """What comes until the server closes."""
    async with asyncio.timeout(PATIENCE):
        try:
            return await connection.reader.read()
        except ConnectionResetError:
            return connection.left_over()
