"""Streams over a real Valkey."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.support.redis_server import RedisServer, redis_server
from tests.support.shared_lines import Lines

_prefix = map("streams {}".format, itertools.count())
Heard = asyncio.Queue[tuple[str, bytes]]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
async def lines(server: RedisServer) -> AsyncIterator[Lines]:
    lines = Lines(server.url, next(_prefix))
    yield lines
    await lines.close()


def listen(lines: Lines, stream: str) -> Heard:
    heard: Heard = asyncio.Queue()
    lines.streams.listen(stream, lambda ident, what: heard.put_nowait((ident, what)), after="0")
    return heard


async def add(lines: Lines, stream: str, number: int, what: str) -> None:
    await lines.tells.ask("XADD", stream, f"{number}-0", "d", what)


async def test_the_past_and_then_what_comes(lines: Lines) -> None:
    stream = next(_prefix)
    for number in range(1, 200):
        await add(lines, stream, number, str(number))
    heard = listen(lines, stream)
    for number in range(1, 200):
        assert await heard.get() == (f"{number}-0", str(number).encode())
    await add(lines, stream, 200, "live")
    assert await heard.get() == ("200-0", b"live")


async def test_another_stream_is_heard_while_the_first_is_waited_for(lines: Lines) -> None:
    first, second = next(_prefix), next(_prefix)
    await add(lines, first, 1, "a")
    heard = listen(lines, first)
    await heard.get()  # and now it waits
    await add(lines, second, 1, "b")
    async with asyncio.timeout(2):
        assert await listen(lines, second).get() == ("1-0", b"b")


async def test_who_comes_late_to_a_stream_has_its_past_alone(lines: Lines) -> None:
    stream = next(_prefix)
    await add(lines, stream, 1, "a")
    one = listen(lines, stream)
    await one.get()
    other = listen(lines, stream)
    assert await other.get() == ("1-0", b"a")
    await add(lines, stream, 2, "b")
    assert await one.get() == await other.get() == ("2-0", b"b")
    assert one.empty() and other.empty()


async def test_who_stops_hears_nothing_more(lines: Lines) -> None:
    stream = next(_prefix)
    told: list[bytes] = []
    stop = lines.streams.listen(stream, lambda _, what: told.append(what), after="0")
    stay = listen(lines, stream)
    await add(lines, stream, 1, "a")
    await stay.get()
    stop()
    stop()
    await add(lines, stream, 2, "b")
    await stay.get()
    assert told == [b"a"]


async def test_it_goes_on_where_it_was_when_the_server_is_back(server: RedisServer) -> None:
    lines, other = (Lines(server.url, next(_prefix), timeout=0.1) for _ in range(2))
    stream = next(_prefix)
    heard = listen(lines, stream)
    await add(other, stream, 1, "a")
    await heard.get()
    assert await other.tells.ask("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes") >= 1
    await add(other, stream, 2, "b")
    async with asyncio.timeout(5):
        assert await heard.get() == ("2-0", b"b")
    for each in (lines, other):
        await each.close()
