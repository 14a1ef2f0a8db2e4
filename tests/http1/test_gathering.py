"""What is written within a turn of the loop goes out at its end, in order, and is never lost by closing."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterable
from typing import cast

import pytest

from pointsman.http1.gathering import HELD_MOST, Gathering, Outbox

LARGE = b"x" * (HELD_MOST + 1)


class Recorder:
    """Notes what a transport is told, together with others."""

    def __init__(self, name: str, told: list[str]) -> None:
        self._name = name
        self._told = told
        self.closing = False

    def write(self, data: bytes) -> None:
        self._told.append(f"{self._name}: {data.decode()}" if len(data) < 99 else f"{self._name}: large")

    def writelines(self, pieces: Iterable[bytes]) -> None:
        self.write(b"".join(pieces))

    def is_closing(self) -> bool:
        return self.closing

    def _tell(self, what: str) -> Callable[..., None]:
        return lambda *_: self._told.append(f"{self._name} {what}")

    def __getattr__(self, name: str) -> Callable[..., None]:
        return self._tell(name)


def gathering(name: str, told: list[str], outbox: Outbox) -> tuple[Gathering, Recorder]:
    inner = Recorder(name, told)
    return Gathering(cast(asyncio.Transport, inner), outbox), inner


async def test_writes_of_a_turn_go_out_at_its_end_in_their_order() -> None:
    told: list[str] = []
    outbox = Outbox()
    a, _ = gathering("a", told, outbox)
    b, _ = gathering("b", told, outbox)
    for transport, data in ((b, b"1"), (a, b"2"), (b, b"3")):
        transport.write(data)
    assert told == []
    await asyncio.sleep(0)
    assert told == ["b: 13", "a: 2"]
    a.write(b"4")
    await asyncio.sleep(0)
    assert told[2:] == ["a: 4"], "a later turn sends again, and only what is new"


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda it: it.write(LARGE), ["a: large"]),
        (lambda it: it.writelines([LARGE, b"!"]), ["a: held", "a: large"]),
        (lambda it: it.write_eof(), ["a: held", "a write_eof"]),
        (lambda it: it.close(), ["a: held", "a close"]),
        (lambda it: it.abort(), ["a abort"]),
        (lambda it: it.pause_reading(), ["a pause_reading", "a: held"]),
    ],
)
async def test_what_was_written_goes_before_what_comes_after(
    act: Callable[[Gathering], None], expected: list[str]
) -> None:
    told: list[str] = []
    transport, _ = gathering("a", told, Outbox())
    transport.write(b"held")
    act(transport)
    assert told == ([expected[0]] if "pause" in expected[0] else expected)
    await asyncio.sleep(0)
    assert told == expected, "and nothing twice"


async def test_a_slow_reader_is_heard_of_within_the_turn() -> None:
    """What is written piece by piece, without a pause, is not gathered for ever."""
    told: list[str] = []
    transport, _ = gathering("a", told, Outbox())
    for _ in range(3 * HELD_MOST // 1000):
        transport.write(b"x" * 1000)
    assert told == ["a: large"] * 2
    await asyncio.sleep(0)
    assert told == ["a: large"] * 3


async def test_nothing_is_written_to_a_connection_that_has_gone() -> None:
    told: list[str] = []
    outbox = Outbox()
    gone, inner = gathering("gone", told, outbox)
    other, _ = gathering("other", told, outbox)
    gone.write(b"lost")
    other.write(b"kept")
    inner.closing = True
    await asyncio.sleep(0)
    assert told == ["other: kept"]


async def test_on_a_real_socket_all_arrives_before_the_end() -> None:
    here, there = socket.socketpair()
    loop = asyncio.get_running_loop()
    made, _ = await loop.create_connection(asyncio.Protocol, sock=here)
    transport = Gathering(made, Outbox())
    reader, writer = await asyncio.open_connection(sock=there)
    transport.write(b"head ")
    transport.write(b"body")
    transport.close()
    assert await reader.read() == b"head body"
    writer.close()
