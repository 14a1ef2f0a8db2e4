"""The shared store in real time: frozen, killed, and come back; and a replica that dies."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from pointsman.errors import ConfigurationError
from pointsman.limits import Amounts, Reservation, Scope, Shortage, make_limit
from pointsman.limits.shared.redis import Health, RedisLimits
from pointsman.secret import Secret
from tests.support.redis_server import RedisServer, redis_server

KEY = Scope("key", "k")
TPM = make_limit(KEY, "tpm", 60_000)
SLOTS = make_limit(KEY, "concurrency", 4)
LEASE = 1.0
TIMEOUT = 0.1
MARGIN = 0.4
"""Seconds by which a machine with other work may be late."""


def one(count: int) -> Amounts:
    return (1, count, count, count, count, count, 1)


async def turn() -> None:
    """Let everything else go on once."""
    await asyncio.sleep(0)


async def until(condition: Callable[[], bool], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not condition():
            await turn()


def connected(*stores: RedisLimits) -> Callable[[], bool]:
    return lambda: all(store.health().connected for store in stores)


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
async def stores(server: RedisServer) -> AsyncIterator[list[RedisLimits]]:
    """Four that know of each other."""
    made = [RedisLimits(server.url, lease=LEASE, timeout=TIMEOUT) for _ in range(4)]
    for store in made:
        await store.start()
    await until(lambda: all(store.health().share == 0.25 for store in made))
    yield made
    for store in made:
        await store.close()


async def timed(store: RedisLimits, count: int = 1) -> tuple[Reservation | Shortage, float]:
    begun = time.monotonic()
    answer = await store.reserve((TPM,), one(count))
    return answer, time.monotonic() - begun


@pytest.mark.parametrize("how", ["frozen", "killed"])
async def test_nobody_hangs_and_all_recover(server: RedisServer, stores: list[RedisLimits], how: str) -> None:
    assert isinstance(await stores[0].reserve((TPM,), one(60_000)), Reservation)
    emptied = time.monotonic()
    if how == "frozen":
        server.freeze()
    else:
        server.kill()
    taken = 0

    def all_away() -> bool:
        return not any(store.health().connected for store in stores)

    async with asyncio.timeout(10):
        while taken < 200:  # they go on within their shares
            for store in stores:
                answer, seconds = await timed(store)
                assert seconds < TIMEOUT + MARGIN
                taken += isinstance(answer, Reservation)
            await turn()
    assert taken <= (time.monotonic() - emptied) * 1_000
    assert all_away()
    assert all(store.health().trouble for store in stores)
    if how == "frozen":
        server.thaw()
    else:
        server.start()
    await until(connected(*stores))
    assert [store.health().trouble for store in stores] == [""] * 4
    answer = await stores[0].reserve((TPM,), one(60_000))
    assert isinstance(answer, Shortage), "it was in use, and does not begin full"
    (level,) = await stores[1].levels([TPM])
    flowed = (time.monotonic() - emptied) * 1_000
    assert level.used + flowed >= 60_000


async def test_a_frozen_store_costs_its_timeout_once(server: RedisServer, stores: list[RedisLimits]) -> None:
    server.freeze()
    begun = time.monotonic()
    answers = await asyncio.gather(*[stores[0].reserve((TPM,), one(1)) for _ in range(500)])
    for _ in range(500):
        await stores[0].reserve((TPM,), one(1))
    assert time.monotonic() - begun < TIMEOUT + MARGIN
    assert all(isinstance(answer, Shortage) for answer in answers)


async def test_who_gives_up_leaves_nothing_behind(server: RedisServer, stores: list[RedisLimits]) -> None:
    """Before the answer came, when it just had, and where it never did."""
    store = stores[0]
    gone = [asyncio.create_task(store.reserve((SLOTS,), one(1))) for _ in range(3)]
    await asyncio.sleep(0)
    for task in gone:
        task.cancel()
    server.freeze()
    late = asyncio.create_task(store.reserve((SLOTS,), one(1)))
    await asyncio.sleep(0)
    late.cancel()
    await asyncio.gather(*gone, late, return_exceptions=True)
    assert all(task.cancelled() for task in (*gone, late))
    await until(lambda: not store.health().connected)
    server.thaw()
    await until(connected(*stores))
    while (await stores[1].levels([SLOTS]))[0].used:
        await turn()
    held = [await store.reserve((SLOTS,), one(1)) for _ in range(4)]
    assert all(isinstance(answer, Reservation) for answer in held)


async def test_settlements_of_an_outage_are_told_afterwards(
    server: RedisServer, stores: list[RedisLimits]
) -> None:
    store = stores[0]
    held = [await store.reserve((TPM, SLOTS), one(10_000)) for _ in range(4)]
    server.freeze()
    await until(lambda: not store.health().connected)
    for reservation in held:
        assert isinstance(reservation, Reservation)
        store.settle(reservation, one(2_000))
        store.settle(reservation, one(0))
    server.thaw()
    await until(connected(*stores))
    tokens, slots = await stores[1].levels([TPM, SLOTS])
    while slots.used:
        tokens, slots = await stores[1].levels([TPM, SLOTS])
    assert tokens.reserved == 0
    assert tokens.used <= 8_000


_HOLDER = """
import asyncio, sys
from pointsman.limits import Scope, make_limit
from pointsman.limits.shared.redis import RedisLimits

async def hold():
    store = RedisLimits(sys.argv[1], lease=float(sys.argv[2]))
    slots = make_limit(Scope("key", "k"), "concurrency", 4)
    for _ in range(4):
        await store.reserve((slots,), (1, 0, 0, 0, 0, 0, 1))
    print("holds", flush=True)
    await asyncio.Event().wait()

asyncio.run(hold())
"""


@pytest.fixture
def holder(server: RedisServer) -> Iterator[subprocess.Popen[str]]:
    """A process that holds all slots."""
    command = [sys.executable, "-c", _HOLDER, server.url, str(LEASE)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "holds\n"
            yield process
        finally:
            process.kill()


async def test_what_a_killed_process_held_returns_with_its_lease(
    server: RedisServer, holder: subprocess.Popen[str]
) -> None:
    store = RedisLimits(server.url, lease=LEASE, timeout=5)
    await store.start()
    assert isinstance(await store.reserve((SLOTS,), one(1)), Shortage)
    holder.kill()
    begun = time.monotonic()
    async with asyncio.timeout(LEASE + MARGIN):
        while isinstance(await store.reserve((SLOTS,), one(1)), Shortage):
            await turn()
    assert time.monotonic() - begun > LEASE / 2
    assert (await store.levels([SLOTS]))[0].used == 1
    await store.close()


async def test_who_closes_gives_everything_back_at_once(stores: list[RedisLimits]) -> None:
    assert isinstance(await stores[0].reserve((SLOTS,), one(1)), Reservation)
    await stores[0].close()
    assert (await stores[1].levels([SLOTS]))[0].used == 0
    assert isinstance(await stores[0].reserve((SLOTS,), one(1)), Shortage | Reservation)
    await stores[0].close()


async def test_a_store_that_was_never_there_is_told_of_and_grants_nothing() -> None:
    store = RedisLimits(Secret("redis://user:hush-hush@127.0.0.1:1/0"), timeout=TIMEOUT)
    assert await store.reserve((TPM,), one(1)) == Shortage(TPM, None, away=True)
    assert await store.reserve((), one(1)) != Shortage(TPM, None, away=True)
    assert [level.used for level in await store.levels([TPM])] == [0]
    health = store.health()
    assert (health.connected, health.replicas, health.share) == (False, None, 0)
    assert "127.0.0.1:1" in health.trouble
    assert "hush" not in f"{health} {store!r}"
    await store.close()


async def test_a_wrong_password_is_told_of(server: RedisServer) -> None:
    store = RedisLimits(server.url.replace("unix://", "unix://user:hush-hush@"), timeout=TIMEOUT)
    await store.start()
    assert "WRONGPASS" in store.health().trouble or "invalid username" in store.health().trouble
    assert "hush" not in store.health().trouble
    await store.close()


def test_an_address_that_is_none() -> None:
    with pytest.raises(ConfigurationError, match="redis://host:6379/0") as caught:
        RedisLimits("hush-hush@nowhere")
    assert "hush" not in str(caught.value)
    assert caught.value.param == "redis.url"


def test_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    with pytest.raises(ConfigurationError, match=r"pip install 'pointsman\[redis\]'"):
        RedisLimits("redis://localhost")


async def test_it_is_told_once_when_the_store_goes_and_when_it_is_back(server: RedisServer) -> None:
    told: list[tuple[bool, str]] = []

    def changed(health: Health) -> None:
        told.append((health.connected, health.trouble))

    store = RedisLimits(server.url, timeout=TIMEOUT, lease=LEASE, changed=changed)
    await store.start()
    assert told == [(True, "")]
    server.freeze()
    for _ in range(20):
        await store.reserve((TPM,), one(1))
    await until(lambda: len(told) > 1)
    server.thaw()
    await until(connected(store))
    await store.reserve((TPM,), one(1))
    assert told == [(True, ""), (False, "no answer within 0.1 s"), (True, "")]
    await store.close()
    nowhere = RedisLimits("redis://127.0.0.1:1/0", timeout=TIMEOUT, changed=changed)
    await nowhere.start()
    await nowhere.reserve((TPM,), one(1))
    assert [connected for connected, _ in told[3:]] == [False]
    await nowhere.close()


async def test_an_answer_that_is_late_once_is_not_told(server: RedisServer) -> None:
    told: list[bool] = []
    store = RedisLimits(server.url, timeout=TIMEOUT, changed=lambda health: told.append(health.connected))
    await store.start()
    server.freeze()
    await store.reserve((TPM,), one(1))
    assert not store.health().connected
    server.thaw()
    await until(connected(store))
    assert told == [True]
    await store.close()
