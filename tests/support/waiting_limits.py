"""A shared store as a local one: something that waits for its answers, with a time that is told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from pointsman.limits import Amounts, Level, Limit, Reservation, Shortage
from pointsman.limits.shared.redis import RedisLimits


class WaitingLimits:
    """``LocalLimits`` over a ``RedisLimits`` that nobody else uses. To be closed."""

    def __init__(self, url: str, prefix: str) -> None:
        self.now_us = 0
        self._loop = asyncio.new_event_loop()
        # Time stands still here between calls, so that nothing of it may be measured by the wall's clock.
        self.store = RedisLimits(
            url, prefix=prefix, timeout=30, lease=1_000, share=0, store_now_us=lambda: self.now_us
        )

    def reserve(self, limits: tuple[Limit, ...], amounts: Amounts, now_us: int) -> Reservation | Shortage:
        self.now_us = now_us
        return self._loop.run_until_complete(self.store.reserve(limits, amounts))

    def reserve_all(
        self, wanted: Sequence[tuple[tuple[Limit, ...], Amounts]], now_us: int
    ) -> list[Reservation | Shortage]:
        """Many at once, which go in one batch."""
        self.now_us = now_us

        async def all_of_them() -> list[Reservation | Shortage]:
            return await asyncio.gather(*[self.store.reserve(*one) for one in wanted])

        return self._loop.run_until_complete(all_of_them())

    def settle(self, reservation: Reservation, used: Amounts, now_us: int) -> None:
        self.now_us = now_us
        self.store.settle(reservation, used)
        self._loop.run_until_complete(self.store.levels([]))

    def charge(self, limit: Limit, amount: int, now_us: int) -> None:
        self.now_us = now_us
        self.store.charge(limit, amount)
        self._loop.run_until_complete(self.store.levels([]))

    def levels(self, limits: Sequence[Limit], now_us: int) -> list[Level]:
        self.now_us = now_us
        return self._loop.run_until_complete(self.store.levels(limits))

    def close(self) -> None:
        self._loop.run_until_complete(self.store.close())
        self._loop.close()
