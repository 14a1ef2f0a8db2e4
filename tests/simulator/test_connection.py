"""Under servers whose transport is out of reach; ``test_perform.py`` has the rest, under uvicorn."""

import asyncio
from typing import Any

import pytest

from pointsman.simulator.connection import Connection


class _Wire:
    """Both ends of ASGI's channel."""

    def __init__(self, *messages: dict[str, Any]) -> None:
        self.inbox: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        for message in messages:
            self.inbox.put_nowait(message)
        self.sent: list[dict[str, Any]] = []

    async def receive(self) -> dict[str, Any]:
        return await self.inbox.get()

    def connection(self) -> Connection:
        async def send(message: dict[str, Any]) -> None:
            self.sent.append(message)

        return Connection(self.receive, send)


def _body(data: bytes, *, more: bool) -> dict[str, Any]:
    return {"type": "http.request", "body": data, "more_body": more}


LEFT = {"type": "http.disconnect"}


async def test_reads_a_body_in_pieces() -> None:
    connection = _Wire(_body(b"ab", more=True), _body(b"", more=True), _body(b"c", more=False)).connection()
    assert await connection.read(3) == b"abc"
    connection.close()


@pytest.mark.parametrize(
    ("messages", "gone"),
    [
        ([_body(b"abcd", more=False)], False),
        ([_body(b"ab", more=True), _body(b"cd", more=True)], False),
        ([_body(b"ab", more=True), LEFT], True),
    ],
)
async def test_too_long_or_never_whole(messages: list[dict[str, Any]], gone: bool) -> None:
    connection = _Wire(*messages).connection()
    assert await connection.read(3) is None
    assert connection.gone is gone


async def test_a_pause_ends_when_the_client_leaves() -> None:
    wire = _Wire()
    connection = wire.connection()
    pause = asyncio.create_task(connection.pause(None))
    await asyncio.sleep(0)
    wire.inbox.put_nowait(LEFT)
    await asyncio.wait_for(pause, 5)
    assert connection.gone
    assert not await connection.write(b"late")
    assert wire.sent == []


async def test_a_pause_ends_by_itself() -> None:
    connection = _Wire().connection()
    await connection.pause(0.001)
    assert not connection.gone
    connection.close()


async def test_a_pause_ends_when_the_simulator_stops() -> None:
    connection = _Wire().connection()
    pause = asyncio.create_task(connection.pause(None))
    await asyncio.sleep(0)
    connection.stop()
    await asyncio.wait_for(pause, 5)
    assert connection.gone
    connection.close()


async def test_a_reset_out_of_reach_is_an_exception() -> None:
    connection = _Wire().connection()
    with pytest.raises(ConnectionResetError):
        await connection.reset()
