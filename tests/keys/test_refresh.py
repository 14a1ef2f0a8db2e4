from __future__ import annotations

import asyncio
from pathlib import Path

import msgspec
import pytest

from pointsman.errors import AuthenticationFailed, ServerBusy
from pointsman.keys import Gone, KeyDirectory, KeyLimits, hash_key
from pointsman.keys.refresh import KeyRefresh, load_keys
from pointsman.keys.sqlite import SqliteKeys
from tests.support.databases import copied
from tests.support.some_keys import SomeKeys, a_key, stored


def name_of(directory: KeyDirectory, number: int) -> str:
    """Or why not."""
    try:
        return directory.authenticate(a_key(number)).name
    except AuthenticationFailed as error:
        return error.code


def test_a_gateway_starts_with_all_keys_or_not_at_all() -> None:
    source = SomeKeys(stored(1), stored(2, revoked_us=9))
    directory = load_keys(source)
    assert [name_of(directory, number) for number in (1, 2)] == ["team-1", "revoked_api_key"]
    assert directory.mark is not None
    source.breaks_after = 1
    with pytest.raises(ServerBusy):
        load_keys(source)


async def test_changes_alone_are_read_and_nothing_else_is_done() -> None:
    source = SomeKeys(*map(stored, range(1, 6)))
    directory = load_keys(source)
    refresh = KeyRefresh(directory, source)
    for number in (1, 2, 3):
        directory.authenticate(a_key(number))
    assert not await refresh.refresh()
    limited = msgspec.structs.replace(stored(3), limits=KeyLimits(rpm=5))
    source.put(stored(1, revoked_us=9), Gone(hash_key(a_key(2))), limited, stored(6))
    assert [await refresh.refresh(), await refresh.refresh()] == [True, False]
    assert [name_of(directory, number) for number in range(1, 7)] == [
        "revoked_api_key",
        "invalid_api_key",
        "team-3",
        "team-4",
        "team-5",
        "team-6",
    ]
    assert directory.authenticate(a_key(3)).limits.rpm == 5
    assert source.read_by == [True, False]


async def test_a_gateway_goes_by_the_file_whatever_becomes_of_it(tmp_path: Path) -> None:
    numbers = iter(range(1, 100))
    keys = SqliteKeys(
        tmp_path / "k.db", now_us=lambda: 5, random_bytes=lambda n: next(numbers).to_bytes(n, "big")
    )
    (_, one), (_, two) = keys.create("one"), keys.create("two")
    copied(keys.path, tmp_path / "backup.db")
    directory = load_keys(keys)
    refresh = KeyRefresh(directory, keys)
    for token in (one, two):
        directory.authenticate(token)
    keys.revoke("one")
    keys.limit("two", {"rpm": 5})
    _, three = keys.create("three")
    assert [await refresh.refresh(), await refresh.refresh()] == [True, False]
    with pytest.raises(AuthenticationFailed, match="revoked"):
        directory.authenticate(one)
    assert (directory.authenticate(two).limits.rpm, directory.authenticate(three).name) == (5, "three")
    copied(tmp_path / "backup.db", keys.path)
    assert await refresh.refresh()
    assert directory.authenticate(one).name == "one"
    assert directory.authenticate(two).limits.rpm is None
    with pytest.raises(AuthenticationFailed, match="not known here"):
        directory.authenticate(three)


async def test_in_another_store_all_are_read() -> None:
    directory = load_keys(SomeKeys(stored(1), stored(2)))
    directory.authenticate(a_key(1))
    source = SomeKeys(stored(2, revoked_us=9), stored(3))
    source.forgotten = True
    assert await KeyRefresh(directory, source).refresh()
    found = [name_of(directory, number) for number in (1, 2, 3)]
    assert found == ["invalid_api_key", "revoked_api_key", "team-3"]


async def test_what_breaks_off_is_read_again() -> None:
    source, directory = SomeKeys(*map(stored, range(1, 10))), KeyDirectory([stored(10)])
    refresh = KeyRefresh(directory, source)
    source.breaks_after = 4
    assert not await refresh.refresh()
    assert "The disk broke" in str(refresh.problem)
    assert name_of(directory, 10) in ("team-10", "invalid_api_key")
    source.breaks_after = None
    assert await refresh.refresh()
    assert refresh.problem is None
    assert [name_of(directory, number) for number in range(1, 10)] == [f"team-{n}" for n in range(1, 10)]


async def test_while_the_store_is_away_good_keys_stay_good() -> None:
    source = SomeKeys(stored(1))
    directory = load_keys(source)
    refresh = KeyRefresh(directory, source)
    source.away = True
    assert not await refresh.refresh()
    assert directory.authenticate(a_key(1)).id == "key_1"
    assert "The disk is away" in str(refresh.problem)
    source.away = False
    assert not await refresh.refresh()
    assert refresh.problem is None


async def test_it_looks_again_and_again_until_cancelled() -> None:
    source, directory = SomeKeys(stored(1)), KeyDirectory()
    looked = asyncio.Event()
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if len(slept) == 3:
            looked.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(KeyRefresh(directory, source, interval=0.5, sleep=sleep).run())
    await looked.wait()
    assert slept == [0.5] * 3
    assert len(directory) == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
