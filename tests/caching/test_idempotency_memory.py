"""The store in memory."""

from __future__ import annotations

from pointsman.caching.idempotency_memory import MemoryIdempotency
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
