"""A million virtual keys, each with limits of its own, that nobody uses just now: memory, look-ups, changes.

Each figure is taken in a process of its own. The naive way is a dict of values for each key, made anew as a
whole when one has changed.
"""

from __future__ import annotations

import asyncio
import sqlite3
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from bench.process import in_a_process_of_its_own, resident
from pointsman.gateway.build import FrontDoor, build_gateway
from pointsman.http1 import HttpRequest, Leave, Timeouts
from pointsman.keys import KeyLimits, StoredKey, hash_key, make_key
from pointsman.keys.directory import KeyDirectory
from pointsman.keys.refresh import KeyRefresh, load_keys
from pointsman.keys.sqlite import SqliteKeys
from pointsman.ledger import MemoryLedger
from pointsman.ledger.entry import Entry
from pointsman.providers import simulated_providers
from tests.support.asgi import AsgiCall
from tests.support.clock import FakeClock
from tests.support.gateway import CHAT, ask
from tests.support.provider_bytes import OPENAI_WHOLE
from tests.support.stack import settings
from tests.support.upstream import Scripted, ScriptedResponse

LOOK_UPS = 10_000
_PER_SECOND = 1_000
"""Requests, by the gateway's clock."""
_INSERT = """
    INSERT INTO keys (id, name, tenant, hash, hint, created_us, rpm, tpm)
    VALUES (?, ?, 'acme', ?, 'pm_aa…aaaa', ?, ?, ?)
"""


class AtRest(msgspec.Struct):
    """What was measured, for so many keys as there were. Bytes and seconds."""

    load_s: float = 0
    directory: int = 0
    whole: int = 0
    request_us: float = 0
    in_use_us: float = 0
    packed_us: float = 0
    refresh_s: float = 0
    """Until a revoked key is refused, once the refresh has begun."""
    refresh_stop_s: float = 0
    """The longest that the event loop was kept from other work meanwhile."""
    renewal_s: float = 0
    """The same where all keys had to be read."""
    renewal_stop_s: float = 0
    naive_directory: int = 0
    naive_stop_s: float = 0


def token(number: int) -> str:
    return make_key(number.to_bytes(24, "big"))


def fill(path: Path, count: int) -> SqliteKeys:
    """A database with keys, without asking the disk for each."""
    keys = SqliteKeys(path, now_us=lambda: 1, random_bytes=bytes)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = off")
    connection.executemany(
        _INSERT,
        (
            (f"key_{n:012}", f"team-{n}", hash_key(token(n)), n, 60 + n % 1_000, 100_000 + n)
            for n in range(count)
        ),
    )
    connection.commit()
    connection.close()
    return keys


def at_rest(path: str, count: int, used: int) -> AtRest:
    """Load ``count`` keys, send one request with each of the first ``used``, and look."""
    found, keys = AtRest(), SqliteKeys(Path(path), now_us=lambda: 1, random_bytes=bytes)
    before, start = resident(), time.monotonic()
    directory = load_keys(keys)
    found.load_s, found.directory = time.monotonic() - start, resident() - before
    found.in_use_us = each_us(lambda: directory.authenticate(IN_USE), LOOK_UPS)
    packed = iter([token(number) for number in range(LOOK_UPS)])
    found.packed_us = each_us(lambda: directory.authenticate(next(packed)), LOOK_UPS)
    found.request_us = asyncio.run(use_each(directory, used))
    found.whole = resident()
    asyncio.run(refreshed(found, directory, keys))
    return found


IN_USE = token(7)


class Always:
    """A transport that answers always the same, and remembers nothing."""

    async def send(
        self, request: HttpRequest, timeouts: Timeouts, leave: Leave | None = None
    ) -> ScriptedResponse:
        return ScriptedResponse(Scripted(body=OPENAI_WHOLE), asyncio.Event())

    async def close(self) -> None:
        pass


class NoLedger(MemoryLedger):
    """Keeps nothing."""

    def record(self, entry: Entry) -> None:
        pass


def each_us(work: Callable[[], object], calls: int) -> float:
    start = time.process_time_ns()
    for _ in range(calls):
        work()
    return (time.process_time_ns() - start) / calls / 1_000


async def use_each(directory: KeyDirectory, used: int) -> float:
    """One request with each key, then a minute of nothing. Returns microseconds of CPU a request."""
    clock = FakeClock()
    gateway = build_gateway(
        settings(),
        simulated_providers("http://upstream"),
        ledger=NoLedger(),
        door=FrontDoor(directory),
        environment={},
        transport=Always(),
        clock=clock,
    )
    body = [msgspec.json.encode(ask("gpt-4.1"))]
    start = time.process_time_ns()
    for number in range(used):
        clock.advance(1 / _PER_SECOND)
        headers = {"authorization": f"Bearer {token(number)}"}
        done = await AsgiCall(gateway.app, "POST", CHAT, body, headers).run()
        if done.status != 200:
            raise RuntimeError(f"It should have been let in: {done.body!r}")
    return (time.process_time_ns() - start) / max(1, used) / 1_000


async def refreshed(found: AtRest, directory: KeyDirectory, keys: SqliteKeys) -> None:
    refresh = KeyRefresh(directory, keys)
    keys.revoke("team-7")
    found.refresh_s, found.refresh_stop_s = await beside(refresh)
    assert len(directory) and directory.mark is not None
    directory.mark = None
    found.renewal_s, found.renewal_stop_s = await beside(refresh)


async def beside(refresh: KeyRefresh) -> tuple[float, float]:
    """Seconds that it took, and the longest that other work of the loop waited. By the clock on the wall, so
    that waiting for the interpreter counts too; and what else runs on the machine."""
    task = asyncio.create_task(refresh.refresh())
    start = last = time.monotonic()
    longest = 0.0
    while not task.done():
        await asyncio.sleep(0.0005)
        now = time.monotonic()
        longest, last = max(longest, now - last - 0.0005), now
    if not await task:
        raise RuntimeError(f"Nothing was refreshed: {refresh.problem}")
    return time.monotonic() - start, longest


def naive(path: str, count: int) -> AtRest:
    """All keys as values in a dict, and how long it takes to make that anew."""
    found, before = AtRest(), resident()
    connection = sqlite3.connect(path)

    def load() -> dict[str, StoredKey]:
        rows = connection.execute(
            "SELECT id, name, tenant, hash, hint, created_us, revoked_us, rpm, tpm FROM keys"
        )
        return {row[3]: StoredKey(*row[:7], *[KeyLimits(rpm=row[7], tpm=row[8])]) for row in rows}

    table = load()
    found.naive_directory = resident() - before
    start = time.monotonic()
    table = load()
    found.naive_stop_s = time.monotonic() - start
    assert len(table) == count
    return found


def report(found: AtRest, plain: AtRest, count: int, used: int) -> None:
    million = 1_000_000 / count
    print(f"{count:,} virtual keys with rpm and tpm of their own, {used:,} of them used once")
    print(
        f"  directory alone        {found.directory * million / 1e6:7.0f} MB a million"
        f"   a dict: {plain.naive_directory * million / 1e6:.0f} MB,"
        f" {plain.naive_directory / found.directory:.1f} times"
    )
    print(
        f"  the whole process      {found.whole / 1e6:7.0f} MB   {found.request_us:.0f} µs of CPU a request"
    )
    print(f"  look-up, in use        {found.in_use_us:7.2f} µs   packed {found.packed_us:.2f} µs")
    print(f"  start                  {found.load_s:7.1f} s")
    print(
        f"  one key revoked        {found.refresh_s * 1e3:7.1f} ms"
        f"   longest stop {found.refresh_stop_s * 1e3:.1f} ms"
        f"   a dict made anew: {plain.naive_stop_s * million * 1e3:,.0f} ms,"
        f" {plain.naive_stop_s * million / found.refresh_stop_s:,.0f} times"
    )
    print(
        f"  all keys read anew     {found.renewal_s:7.1f} s "
        f"   longest stop {found.renewal_stop_s * 1e3:.1f} ms"
    )


def main(count: int, used: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "keys.db")
        fill(Path(path), count)
        plain = in_a_process_of_its_own(naive, path, count)
        report(in_a_process_of_its_own(at_rest, path, count, used), plain, count, used)
