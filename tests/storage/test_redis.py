from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator

import pytest

from pointsman.clock import SystemClock
from pointsman.errors import ConfigurationError
from pointsman.secret import Secret
from pointsman.storage.redis import RedisAway, RedisLine, Script, redis_library
from tests.support.redis_server import RedisServer, redis_server

_name = map("key {}".format, itertools.count())


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def open_line(server: RedisServer, timeout: float = 1.0) -> RedisLine:
    return RedisLine(Secret(server.url), timeout=timeout)


@pytest.fixture
async def line(server: RedisServer) -> AsyncIterator[RedisLine]:
    line = open_line(server)
    yield line
    await line.close()


async def test_each_is_told_what_it_asked(line: RedisLine) -> None:
    names = [next(_name) for _ in range(300)]
    assert await asyncio.gather(*(line.ask("SET", name, name) for name in names)) == [True] * 300
    found = await asyncio.gather(*(line.ask("GET", name) for name in names))
    assert found == [name.encode() for name in names]
    assert line.trouble == ""


async def test_who_gives_up_leaves_nothing_for_the_next(line: RedisLine) -> None:
    name = next(_name)
    await line.ask("SET", name, "mine")
    for _ in range(20):
        asked = asyncio.create_task(line.ask("ECHO", "not mine"))
        await asyncio.sleep(0)
        asked.cancel()
        assert await line.ask("GET", name) == b"mine"


async def test_a_refusal_is_for_who_asked_alone(line: RedisLine) -> None:
    name = next(_name)
    await line.ask("SET", name, "text")
    said = await asyncio.gather(line.ask("INCR", name), line.ask("GET", name), return_exceptions=True)
    refused, found = said
    assert isinstance(refused, RedisAway) and "not an integer" in str(refused)
    assert found == b"text"
    with pytest.raises(RedisAway):
        await line.ask("INCR", name)
    assert not line.away and line.refused.startswith("INCR")
    await line.ask("GET", name)
    assert line.refused == ""


async def test_a_script_is_sent_once_and_again_where_the_server_forgot_it(line: RedisLine) -> None:
    script, name = Script("return {KEYS[1], ARGV[1]}"), next(_name)
    for _ in range(3):
        assert await line.run(script, 1, name, "a") == [name.encode(), b"a"]
    assert await _sent(line) == (1, 3)
    await line.ask("SCRIPT", "FLUSH")
    assert (
        await asyncio.gather(*(line.run(script, 1, name, "b") for _ in range(2)))
        == [[name.encode(), b"b"]] * 2
    )
    assert line.refused == ""


async def test_what_a_script_is_refused_is_told(line: RedisLine) -> None:
    script = Script("return redis.call('INCR', KEYS[1])")
    name = next(_name)
    await line.ask("SET", name, "text")
    for _ in range(2):
        with pytest.raises(RedisAway, match="not an integer"):
            await line.run(script, 1, name)
    assert line.refused.startswith("EVALSHA")


async def _sent(line: RedisLine) -> tuple[int, int]:
    """How often a text was, and how often its digest."""
    told = await line.ask("INFO", "commandstats")
    return told["cmdstat_eval"]["calls"], told["cmdstat_evalsha"]["calls"]


async def test_a_connection_that_was_closed_while_idle_is_made_anew(line: RedisLine) -> None:
    ident = await line.ask("CLIENT", "ID")
    other = RedisLine(line.url, timeout=1.0)
    assert await other.ask("CLIENT", "KILL", "ID", ident) == 1
    await other.close()
    assert await line.ask("ECHO", "again") == b"again"


async def test_a_frozen_server_is_waited_for_once(server: RedisServer) -> None:
    line = open_line(server, timeout=0.25)
    clock = SystemClock()
    assert await line.ask("ECHO", "1") == b"1"
    server.freeze()
    try:
        begun = clock.monotonic()
        said = await asyncio.gather(*(line.ask("ECHO", "2") for _ in range(50)), return_exceptions=True)
        assert all(isinstance(one, RedisAway) for one in said)
        assert clock.monotonic() - begun < 2
        assert line.away and "within 0.25 s" in line.trouble
        with pytest.raises(RedisAway):
            await line.ask("ECHO", "3")
    finally:
        server.thaw()
    await asyncio.wait_for(line.back(), 5)
    assert await line.ask("ECHO", "4") == b"4"
    await line.close()
    with pytest.raises(RedisAway):
        await line.ask("ECHO", "5")


async def test_a_server_that_was_killed_is_found_again() -> None:
    with redis_server() as server:
        line = open_line(server)
        await line.ask("PING")
        server.kill()
        with pytest.raises(RedisAway):
            await line.ask("PING")
        assert line.away
        server.start()
        await asyncio.wait_for(line.back(), 5)
        assert await line.ask("ECHO", "there") == b"there"
        await line.close()


async def test_it_can_be_connected_before_anybody_asks(server: RedisServer) -> None:
    line, nowhere = open_line(server), RedisLine(Secret("unix:///nowhere"), timeout=0.05)
    for each in (line, nowhere):
        async with asyncio.timeout(5):
            await each.start()
    assert (line.trouble, line.away) == ("", False)
    assert nowhere.away
    for each in (line, nowhere):
        await each.close()
        async with asyncio.timeout(5):
            await each.start()


async def test_closing_tells_who_waits(server: RedisServer) -> None:
    line = open_line(server)
    await line.ask("PING")
    waiting = asyncio.create_task(line.ask("BLPOP", next(_name), 0, patience=60))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await line.close()
    with pytest.raises(RedisAway):
        await waiting
    await line.close()


def test_what_is_no_address_is_said_at_once() -> None:
    with pytest.raises(ConfigurationError, match="address of Redis"):
        RedisLine(Secret("http://secret-host"), timeout=1.0)
    assert redis_library("tests need").__name__ == "redis"
