"""The store in a file: as the one in memory, and besides what other processes and the disk do."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from pointsman.caching.idempotency.idempotency import Begun, IdempotencyPolicy, Kept
from pointsman.caching.idempotency.sqlite import LEASE_US, SqliteIdempotency
from pointsman.errors import ServerBusy
from tests.support.idempotency_contract import HOUR, NOW, POLICY, IdempotencyContract, asked, kept


def opened(
    path: Path, owner: bytes = b"one", *, policy: IdempotencyPolicy = POLICY, now: int = NOW
) -> SqliteIdempotency:
    return SqliteIdempotency(path, policy, owner=owner, now_us=lambda: now)


class TestSqliteIdempotency(IdempotencyContract):
    @pytest.fixture(autouse=True)
    def folder(self, tmp_path: Path) -> Iterator[None]:
        self._paths = (tmp_path / f"{number}.db" for number in count())
        yield

    def open(self) -> SqliteIdempotency:
        return opened(next(self._paths))


async def test_it_survives_a_restart(tmp_path: Path) -> None:
    store = opened(tmp_path / "db")
    await store.claim(asked(1))
    await store.finish(asked(1), kept(asked(1), b"data: 1\n\n" * 1000, streamed=True))
    await store.claim(asked(2, key=2))
    await store.close()
    again = opened(tmp_path / "db", b"two")
    assert await again.claim(asked(3)) == kept(asked(1), b"data: 1\n\n" * 1000, streamed=True)
    assert isinstance(await again.claim(asked(4, key=2)), Begun)
    await again.close()


@pytest.mark.parametrize(("later", "alive"), [(0, True), (LEASE_US - 1, True), (LEASE_US, False)])
async def test_another_process_is_taken_to_be_alive_for_a_while(
    tmp_path: Path, later: int, alive: bool
) -> None:
    one, two = opened(tmp_path / "db"), opened(tmp_path / "db", b"two")
    await one.claim(asked(1))
    found = await two.claim(asked(2, at=later))
    assert found == Begun(asked(1).fingerprint, "req_1", alive=alive)
    await one.close()
    await two.close()


async def test_who_is_at_it_says_so_again(tmp_path: Path) -> None:
    one, two = opened(tmp_path / "db", now=NOW + HOUR), opened(tmp_path / "db", b"two")
    for number in (1, 2, 3):  # behind the second one it said, an hour later, that it was alive
        await one.claim(asked(number, key=number))
    found = await two.claim(asked(4, at=HOUR))
    assert isinstance(found, Begun) and found.alive
    await one.close()
    await two.close()


async def test_two_processes_never_begin_the_same(tmp_path: Path) -> None:
    stores = [opened(tmp_path / "db", b"%d" % number) for number in range(3)]
    claims = [
        store.claim(asked(10 * key + n, key=key)) for n, store in enumerate(stores) for key in range(30)
    ]
    found = await asyncio.gather(*claims)
    assert sum(one is None for one in found) == 30
    for store in stores:
        await store.close()


async def test_what_is_over_is_deleted(tmp_path: Path) -> None:
    store = opened(tmp_path / "db")
    for number in range(150):
        await store.claim(asked(number, key=number))
        await store.finish(asked(number, key=number), kept(asked(number)))
    await store.close()
    later = opened(tmp_path / "db", now=NOW + 24 * HOUR, policy=IdempotencyPolicy())
    await later.claim(asked(900, key=900, at=24 * HOUR))
    await later.close()
    connection = sqlite3.connect(tmp_path / "db")
    assert connection.execute("SELECT request_id FROM idempotency").fetchall() == [("req_900",)]
    connection.close()


async def test_a_file_that_cannot_be_written_is_told_and_mended(tmp_path: Path) -> None:
    store = opened(tmp_path / "db")
    other = sqlite3.connect(tmp_path / "db", isolation_level=None)
    other.execute("DROP TABLE idempotency")
    with pytest.raises(ServerBusy, match="cannot be used"):
        await store.claim(asked(1))
    other.close()
    await store.close()


async def test_after_its_close_it_takes_nothing(tmp_path: Path) -> None:
    store = opened(tmp_path / "db")
    await store.close()
    with pytest.raises(ServerBusy):
        await store.claim(asked(1))


async def test_a_repeated_body_takes_little_room(tmp_path: Path) -> None:
    store = opened(tmp_path / "db")
    await store.claim(asked(1))
    await store.finish(asked(1), kept(asked(1), b"data: the same again\n\n" * 5000))
    found = await store.claim(asked(2))
    assert isinstance(found, Kept) and len(found.body or b"") == 110_000
    assert store.evicted == 0  # of 20,000 bytes
    await store.close()
