"""The store in memory."""

from __future__ import annotations

import gc
import tracemalloc

from pointsman.caching.idempotency.idempotency import IdempotencyPolicy, Kept
from pointsman.caching.idempotency.memory import MemoryIdempotency
from tests.support.idempotency_contract import HOUR, POLICY, IdempotencyContract, asked


class TestMemoryIdempotency(IdempotencyContract):
    def open(self) -> MemoryIdempotency:
        return MemoryIdempotency(POLICY)


async def test_what_is_over_is_let_go() -> None:
    store = MemoryIdempotency(POLICY)
    for number in range(10):
        await store.claim(asked(number, key=number))
    assert len(store) == 10
    await store.claim(asked(11, key=11, at=24 * HOUR))
    assert len(store) == 1


async def test_what_it_takes_is_what_is_counted() -> None:
    """Within 10 %, headers included, which are most of a short answer."""
    many, most = 1_200, 2_000_000
    store = MemoryIdempotency(IdempotencyPolicy(most=most))
    gc.collect()
    tracemalloc.start()
    for number in range(many):
        ask = asked(number, key=number)
        await store.claim(ask)
        headers = tuple((b"x-header-%d" % each, b"value %d of %d" % (each, number)) for each in range(12))
        store.finish(
            ask, Kept(ask.fingerprint, ask.request_id, ask.at_us, 200, headers, b"%0500d" % number, False)
        )
    taken, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert store.evicted > 0
    assert 0.85 * most < taken < 1.1 * most
