from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pointsman.limits import Amounts, Level, Limit, MemoryLimits, Reservation, Scope, Shortage, make_limit
from pointsman.limits.learning.till import LocalTill, SharedTill, till_of

LIMIT = make_limit(Scope("provider", "shop"), "rpm", 60)


class Shared:
    """A shared store that only remembers what it was charged."""

    def __init__(self) -> None:
        self.charged: list[tuple[str, int]] = []

    async def reserve(
        self, limits: tuple[Limit, ...], amounts: Amounts, *, waits: bool = False
    ) -> Reservation | Shortage:
        return Reservation(limits, amounts, 0)

    def settle(self, reservation: Reservation, used: Amounts) -> None:
        reservation.settled = True

    def charge(self, limit: Limit, amount: int) -> None:
        self.charged.append((limit.id, amount))

    async def levels(self, limits: Sequence[Limit]) -> list[Level]:
        return [Level(limit, 0, 0, 0) for limit in limits]

    async def close(self) -> None:
        await asyncio.sleep(0)


def test_a_store_of_this_process_is_charged_by_our_clock_and_asked() -> None:
    till = till_of(MemoryLimits())
    assert isinstance(till, LocalTill)
    till.charge(LIMIT, 7, 1_000_000)
    assert till.used(LIMIT, 1_000_000) == 7
    assert till.used(LIMIT, 4_000_000) == 4


def test_a_shared_store_is_charged_by_its_own() -> None:
    store = Shared()
    till = till_of(store)
    assert isinstance(till, SharedTill)
    till.charge(LIMIT, 7, 1_000_000)
    assert store.charged == [(LIMIT.id, 7)]
