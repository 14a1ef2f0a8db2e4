"""Shared answers over a real Valkey."""

from __future__ import annotations

import asyncio
import itertools
import secrets
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from pointsman.caching.shared.answers import Purge
from pointsman.caching.shared.redis_answers import MOST_ANSWER
from tests.support.redis_server import PROGRAMS, RedisServer, redis_server
from tests.support.shared_lines import Lines

BODY = b"the rain in Spain stays mainly in the plain. " * 40
ONE_KEY, OTHER_KEY = (b64encode(bytes([number]) * 32).decode() for number in (1, 2))
_prefix = map("answers {}".format, itertools.count())
Open = Callable[..., Lines]


@pytest.fixture(scope="module", params=sorted(PROGRAMS))
def server(request: pytest.FixtureRequest) -> Iterator[RedisServer]:
    with redis_server(program=PROGRAMS[request.param]) as running:
        yield running


@pytest.fixture
async def process(server: RedisServer) -> AsyncIterator[Open]:
    """Processes that share a prefix."""
    opened: list[Lines] = []
    prefix = next(_prefix)

    def make(**how: Any) -> Lines:
        opened.append(Lines(server.url, prefix, **how))
        return opened[-1]

    yield make
    for lines in opened:
        await lines.close()


async def put(lines: Lines, key: bytes, body: bytes = BODY, ttl: float = 60.0, **labels: Any) -> None:
    """Put, and wait until it is there."""
    told = {"tenant": "acme", "model": "m", **labels}
    lines.answers.put(key, body, ttl=ttl, **told)
    await lines.answers.settled()


async def test_what_one_process_stores_another_finds(process: Open) -> None:
    one, other = process(), process()
    assert await other.answers.get(b"k" * 32) is None
    await put(one, b"k" * 32)
    found = await other.answers.get(b"k" * 32)
    assert found is not None and found.body == BODY
    assert 0 <= found.age < 1 and 59 < found.life <= 60
    view = other.answers.view()
    assert (view.hits, view.misses, view.away, view.connected, view.trouble) == (1, 1, 0, True, "")
    mine = one.answers.view()
    assert (mine.stored, mine.entries, mine.dropped) == (1, 1, 0)
    assert mine.bytes is not None and mine.bytes < len(BODY)
    assert mine.compressed is not None and mine.compressed < 0.2


async def test_it_expires_by_the_clock_of_redis(process: Open) -> None:
    one = process()
    await put(one, b"k" * 32, ttl=0.03)
    found = await one.answers.get(b"k" * 32)
    while found is not None:
        assert 0 < found.life <= 0.03 and found.age + found.life == pytest.approx(0.03)
        found = await one.answers.get(b"k" * 32)
    await put(one, b"l" * 32)
    assert one.answers.view().entries == 1


async def test_all_keys_expire_and_none_shows_what_was_said(process: Open) -> None:
    one = process(keys=ONE_KEY)
    await put(one, b"k" * 32, tenant="Secret Service", model="m", tags=("Secret project",))
    await one.answers.purge(Purge(tenant="Secret Enemy"))
    names = await one.tells.ask("KEYS", f"{one.answers._answer.partition(':')[0]}:*")
    assert len(names) == 6
    for name in names:
        assert await one.tells.ask("PTTL", name) > 0
        dumped = await one.tells.ask("DUMP", name)
        assert not any(word in name + dumped for word in (b"Spain", b"Secret"))


PUT: dict[bytes, dict[str, Any]] = {
    b"a" * 32: {"tenant": "acme", "model": "large", "tags": ("x", "y")},
    b"b" * 32: {"tenant": "acme", "model": "small", "tags": ("y",)},
    b"c" * 32: {"tenant": "zeta", "model": "small", "tags": ()},
}


@pytest.mark.parametrize(
    ("which", "left"),
    [
        (Purge(), ""),
        (Purge(tenant="acme"), "c"),
        (Purge(model="small"), "a"),
        (Purge(tag="y"), "c"),
        (Purge(tag="x"), "bc"),
        (Purge(tenant="acme", model="small"), "ac"),
        (Purge(tenant="zeta", tag="y"), "abc"),
        (Purge(tenant="nobody"), "abc"),
        (Purge(older_than=3600), "abc"),
        (Purge(older_than=0, model="large"), "bc"),
    ],
)
async def test_a_purge_forgets_what_all_of_it_holds_for(process: Open, which: Purge, left: str) -> None:
    one, other = process(), process()
    for key, labels in PUT.items():
        await put(one, key, **labels)
    await one.tells.ask("BLPOP", "nothing", "0.005", patience=1)  # so that all are older than 0
    assert await other.answers.purge(which) == 3 - len(left)
    there = [key[:1].decode() for key in PUT if await one.answers.get(key) is not None]
    assert "".join(there) == left
    view = other.answers.view()
    assert view.entries == len(left) and (view.bytes == 0) is (left == "")


async def test_a_purge_walks_in_pieces_through_any_number(process: Open) -> None:
    one = process(most=100 << 20)
    for number in range(1500):
        tenant = "acme" if number % 3 else "zeta"
        one.answers.put(number.to_bytes(32, "big"), b"x", ttl=60, tenant=tenant, model="m")
    await one.answers.settled()
    assert await one.answers.purge(Purge(tenant="acme")) == 1000
    assert one.answers.view().entries == 500


async def test_the_others_are_told_of_a_purge(process: Open) -> None:
    one, other = process(), process()
    heard: asyncio.Queue[Purge] = asyncio.Queue()
    mine: list[Purge] = []
    one.answers.listen(mine.append)
    other.answers.listen(heard.put_nowait)
    for each in (one, other):
        await each.answers.get(b"k" * 32)
    which = Purge(model="m", tag="t", older_than=1.5)
    while heard.empty():  # until it listens
        await one.answers.purge(which)
        await one.tells.ask("PING")
    assert await heard.get() == which
    assert mine == []


async def test_what_waits_to_be_stored_is_purged_too(process: Open) -> None:
    one = process()
    for tenant in ("acme", "zeta"):
        one.answers.put(tenant.encode() * 8, BODY, ttl=60, tenant=tenant, model="m")
    assert await one.answers.purge(Purge(tenant="acme")) in (0, 1)
    await one.answers.close()
    assert await one.answers.get(b"acme" * 8) is None
    assert await one.answers.get(b"zeta" * 8) is not None


async def test_it_keeps_within_its_bound_and_lets_the_oldest_go(process: Open) -> None:
    one = process(most=10_000)
    for number in range(40):
        await put(one, bytes([number]) * 32, secrets.token_bytes(600))
        held = one.answers.view().bytes
        assert held is not None and held <= 10_000
    there = [number for number in range(40) if await one.answers.get(bytes([number]) * 32) is not None]
    assert there == list(range(40 - len(there), 40)) and len(there) >= 8
    await put(one, b"L" * 32, secrets.token_bytes(20_000))
    assert await one.answers.get(b"L" * 32) is None
    assert one.answers.view().dropped == 1
    assert one.answers.view().entries == len(there)


async def test_who_only_looks_knows_how_many_there_are(process: Open) -> None:
    one, other = process(), process()
    for number in range(3):
        await put(one, bytes([number]) * 32)
    assert other.answers.view().entries is None
    await other.answers.get(b"k" * 32)
    async with asyncio.timeout(5):
        while other.answers.view().entries is None:
            await other.tells.ask("PING")
    mine, theirs = one.answers.view(), other.answers.view()
    assert (theirs.entries, theirs.bytes) == (3, mine.bytes)


async def test_storing_again_replaces(process: Open) -> None:
    one = process()
    for body in (b"first", b"second"):
        await put(one, b"k" * 32, body)
    found = await one.answers.get(b"k" * 32)
    assert found is not None and found.body == b"second"
    assert one.answers.view().entries == 1


async def test_values_cannot_be_swapped_where_they_are_encrypted(process: Open) -> None:
    one = process(keys=ONE_KEY)
    await put(one, b"a" * 32, b"for A", tenant="A")
    await put(one, b"b" * 32, b"for B", tenant="B")
    names = [one.answers._answer + key.hex() for key in (b"a" * 32, b"b" * 32)]
    await one.tells.ask("COPY", names[0], names[1], "REPLACE")
    assert await one.answers.get(b"b" * 32) is None
    assert (await one.answers.get(b"a" * 32)) is not None
    assert one.answers.view().unreadable == {"corrupt": 1}


async def test_another_key_is_a_miss(process: Open) -> None:
    one, other, plain = process(keys=ONE_KEY), process(keys=OTHER_KEY), process()
    await put(one, b"k" * 32)
    assert await other.answers.get(b"k" * 32) is None
    assert await plain.answers.get(b"k" * 32) is None
    assert other.answers.view().unreadable == {"other_key": 1}
    assert plain.answers.view().unreadable == {"encrypted": 1}
    await put(plain, b"k" * 32)
    assert await one.answers.get(b"k" * 32) is None
    assert one.answers.view().unreadable == {"not_encrypted": 1}
    assert one.answers.view().misses == 1


@pytest.mark.parametrize("value", [b"", b"\x01", b"\x01short", b"\x02nothing", b"\x77new"])
async def test_whatever_stands_there_is_a_miss(process: Open, value: bytes) -> None:
    one = process()
    await one.tells.ask("SET", one.answers._answer + (b"k" * 32).hex(), value, "PX", 60_000)
    assert await one.answers.get(b"k" * 32) is None
    await one.tells.ask("SET", one.answers._answer + (b"k" * 32).hex(), value)
    assert await one.answers.get(b"k" * 32) is None


async def test_what_waits_is_stored_when_it_is_closed(process: Open) -> None:
    one, other = process(), process()
    for number in range(100):
        one.answers.put(bytes([number]) * 32, BODY, ttl=60, tenant="acme", model="m")
    await one.answers.close()
    assert all([await other.answers.get(bytes([number]) * 32) for number in range(100)])
    one.answers.put(b"late" * 8, BODY, ttl=60, tenant="acme", model="m")
    assert one.answers.view().dropped == 1


async def test_one_that_is_too_large_is_dropped(process: Open) -> None:
    one = process(most=100 << 20)
    await put(one, b"k" * 32, bytes(2 * MOST_ANSWER))  # which is little, compressed
    await put(one, b"l" * 32, secrets.token_bytes(MOST_ANSWER))
    assert (one.answers.view().stored, one.answers.view().dropped) == (1, 1)


async def test_more_than_may_wait_is_dropped(process: Open) -> None:
    one = process()
    for number in range(40):
        one.answers.put(bytes([number]) * 32, bytes(1 << 20), ttl=60, tenant="acme", model="m")
    assert one.answers.view().dropped == 24


async def test_nobody_waits_long_for_a_server_that_is_frozen(process: Open, server: RedisServer) -> None:
    one = process(timeout=0.25)
    await one.start()
    await put(one, b"k" * 32)
    assert await one.answers.get(b"k" * 32) is not None
    server.freeze()
    try:
        found = await asyncio.gather(*(one.answers.get(b"k" * 32) for _ in range(50)))
        assert found == [None] * 50
        view = one.answers.view()
        assert view.away == 50 and not view.connected and "within 0.25 s" in view.trouble
        assert await one.answers.get(b"k" * 32) is None
        assert await one.answers.purge(Purge()) is None
        one.answers.put(b"l" * 32, BODY, ttl=60, tenant="acme", model="m")
        assert one.answers.view().dropped == 1
    finally:
        server.thaw()
    await asyncio.wait_for(one.asks.back(), 5)
    assert await one.answers.get(b"k" * 32) is not None
