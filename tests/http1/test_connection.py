"""What the contract cannot see from outside: the timer, and mistakes in the use of a connection."""

from __future__ import annotations

import asyncio
import socket

import pytest

from pointsman.errors import InternalError
from pointsman.http1 import Timeouts
from pointsman.http1.connection import Connection
from pointsman.http1.gathering import Outbox
from tests.support.http_server import Peer, RawServer, echo

_HEAD = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\n\r\n"


class _Owner:
    def __init__(self) -> None:
        self.told: list[str] = []
        self.end = asyncio.Event()

    def released(self, connection: Connection) -> None:
        self.told.append("released")

    def dropped(self, connection: Connection) -> None:
        self.told.append("dropped")

    def disconnected(self, connection: Connection) -> None:
        self.told.append("disconnected")
        self.end.set()


async def _connect(server: RawServer, owner: _Owner, keep_alive: float = 10.0) -> Connection:
    loop = asyncio.get_running_loop()
    _, connection = await loop.create_connection(
        lambda: Connection(owner, "x:1", keep_alive, loop, Outbox()), "127.0.0.1", server.port
    )
    return connection


async def _exchange(connection: Connection, timeouts: Timeouts | None = None) -> bytes:
    response = await connection.exchange(_HEAD, b"x", timeouts or Timeouts(), None, None, head_only=False)
    return await response.read()


async def test_the_owner_is_told_each_thing_once() -> None:
    async with RawServer(echo) as server:
        owner = _Owner()
        connection = await _connect(server, owner)
        for _ in range(3):
            assert await _exchange(connection) == b"x"
        assert connection.is_usable()
        connection.abort()
        connection.abort()
        await owner.end.wait()
        assert owner.told == ["released"] * 3 + ["dropped", "disconnected"]


async def test_keeping_alive_arms_one_timer_for_many_requests() -> None:
    async with RawServer(echo) as server:
        loop = asyncio.get_running_loop()
        owner = _Owner()
        connection = await _connect(server, owner, keep_alive=0.05)
        start = loop.time()
        while loop.time() < start + 0.15:  # busy for longer than it may be idle
            assert await _exchange(connection) == b"x"
        await owner.end.wait()
        assert set(owner.told[:-2]) == {"released"}
        assert loop.time() - start >= 0.19


async def test_two_readers_of_one_answer_are_a_bug() -> None:
    async def half(peer: Peer) -> None:
        await peer.request()
        peer.send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n")
        await peer.gone()

    async with RawServer(half) as server:
        connection = await _connect(server, _Owner())
        response = await connection.exchange(_HEAD, b"x", Timeouts(), None, None, head_only=False)
        first = asyncio.ensure_future(response.read())
        await asyncio.sleep(0)
        with pytest.raises(InternalError, match="Two tasks"):
            await response.read()
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_cancelling_after_the_answer_came_spares_the_next_exchange() -> None:
    """The answer arrives, and the connection is lent on, before the cancelled task runs again."""
    here, there = socket.socketpair()
    with there:
        loop = asyncio.get_running_loop()
        owner = _Owner()
        _, connection = await loop.create_connection(
            lambda: Connection(owner, "x:1", 10.0, loop, Outbox()), sock=here
        )
        first = asyncio.ensure_future(_exchange(connection))
        await asyncio.sleep(0)
        first.cancel()
        connection.data_received(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
        second = connection.exchange(_HEAD, b"y", Timeouts(), None, None, head_only=False)
        following = asyncio.ensure_future(second)
        with pytest.raises(asyncio.CancelledError):
            await first
        there.send(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")
        assert await (await following).read() == b"ok"
        connection.abort()
        await owner.end.wait()
