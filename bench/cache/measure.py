"""What the store of answers does with a trace, what it takes, and what it costs."""

from __future__ import annotations

import gc
import os
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from bench.cache.traces import digest, digests
from pointsman.caching.kept.memory import MemoryStore

_PAGE = os.sysconf("SC_PAGE_SIZE")


class Run(NamedTuple):
    hits: list[bool]
    places: int
    """Answers that it held in the end."""


def play(trace: list[int], max_bytes: int, size: int) -> Run:
    """Each question is looked up, and its answer stored if it was not there."""
    store = MemoryStore(max_bytes, time.monotonic)
    keys, body = digests(max(trace) + 1), b"x" * size
    hits = []
    for question in trace:
        key = keys[question]
        hit = store.get(key) is not None
        hits.append(hit)
        if not hit:
            store.put(key, body, ttl=3600.0, tenant="us", route="m")
    return Run(hits, len(store))


class Scan(NamedTuple):
    requests: int
    bound: int
    said: int
    """Most bytes that the store said it takes."""
    resident: int
    """Most bytes by which the process grew, as the kernel counts them."""
    at_the_end: int


def scan(requests: int, max_bytes: int, size: int) -> Scan:
    """Every request another question, each answer with bytes of its own."""
    gc.collect()
    before = _resident()
    store = MemoryStore(max_bytes, time.monotonic)
    said = most = 0
    for n in range(requests):
        key = digest(n)
        if store.get(key) is None:
            store.put(key, key * (size // 32 + n % 7), ttl=3600.0, tenant="us", route="m")
        if not n % 10_000:
            said = max(said, store.stats().bytes)
            most = max(most, _resident() - before)
    return Scan(requests, max_bytes, said, most, _resident() - before)


def scan_of_unlike(requests: int, max_bytes: int) -> Scan:
    """The same with answers of 0.3 to 8 KB, of which a third grow later by as much, as those do that are
    wanted in another form too."""
    gc.collect()
    before, dice = _resident(), random.Random(1)
    store = MemoryStore(max_bytes, time.monotonic)
    said = most = 0
    for n in range(requests):
        key = digest(n)
        if store.get(key) is None:
            store.put(key, key * dice.randrange(9, 250), ttl=3600.0, tenant="us", route="m")
        if not n % 3:
            key = digest(max(0, n - dice.randrange(1, 2_000)))
            if (kept := store.get(key)) is not None:
                store.amend(key, kept.body + key * dice.randrange(9, 250))
        if not n % 10_000:
            said = max(said, store.stats().bytes)
            most = max(most, _resident() - before)
    return Scan(requests, max_bytes, said, most, _resident() - before)


class Costs(NamedTuple):
    """Nanoseconds of CPU."""

    hit: float
    miss: float
    miss_and_put: float
    lookup_of_a_dict: float


def costs(max_bytes: int, size: int) -> Costs:
    store = MemoryStore(max_bytes, time.monotonic)
    keys, body = digests(200_000), b"x" * size
    for key in keys[:100_000]:
        store.get(key)
        store.put(key, body, ttl=3600.0, tenant="us", route="m")
    there = [key for key in keys if key in store][:20_000]
    absent = keys[100_000:120_000]
    plain = dict.fromkeys(there)

    def miss_and_put(key: bytes) -> None:
        store.get(key)
        store.put(key, body, ttl=3600.0, tenant="us", route="m")

    return Costs(
        _best(store.get, there),
        _best(store.get, absent),
        _best(miss_and_put, absent),
        _best(plain.get, there),
    )


def _best(work: Callable[[bytes], object], keys: list[bytes]) -> float:
    """Of five rounds, since other programs only ever add."""
    rounds = []
    for _ in range(5):
        begun = time.process_time_ns()
        for key in keys:
            work(key)
        rounds.append((time.process_time_ns() - begun) / len(keys))
    return min(rounds)


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE
