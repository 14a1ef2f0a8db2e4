from __future__ import annotations

import asyncio

import pytest

from pointsman.errors import ServerBusy
from pointsman.keys import KeyDirectory, Snapshot
from pointsman.keys.refresh import KeyRefresh
from tests.support.some_keys import a_key, snapshot, stored


class Source:
    """A store of keys that can be away."""

    def __init__(self, now: Snapshot) -> None:
        self.now = now
        self.away = False

    def snapshot(self, known: int | None = None) -> Snapshot | None:
        if self.away:
            raise ServerBusy("The disk is away.")
        return None if self.now.version == known else self.now


async def test_changes_are_seen_and_nothing_else_is_done() -> None:
    source, directory = Source(snapshot(1, stored(1))), KeyDirectory()
    refresh = KeyRefresh(directory, source)
    assert [await refresh.refresh(), await refresh.refresh()] == [True, False]
    source.now = snapshot(2, stored(1), stored(2))
    assert await refresh.refresh()
    assert directory.authenticate(a_key(2)).id == "key_2"


async def test_while_the_store_is_away_good_keys_stay_good() -> None:
    source, directory = Source(snapshot(1, stored(1))), KeyDirectory()
    refresh = KeyRefresh(directory, source)
    await refresh.refresh()
    source.away = True
    assert not await refresh.refresh()
    assert directory.authenticate(a_key(1)).id == "key_1"
    assert "The disk is away" in str(refresh.problem)
    source.away = False
    assert not await refresh.refresh()
    assert refresh.problem is None


async def test_it_looks_again_and_again_until_cancelled() -> None:
    source, directory = Source(snapshot(1, stored(1))), KeyDirectory()
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
    assert directory.version == 1
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
