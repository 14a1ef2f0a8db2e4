from __future__ import annotations

from datetime import date

from pointsman.gateway.labels.purse import Held, Purse
from pointsman.routing.labels.memory import MemoryLabels
from tests.support.clock import FakeClock


async def test_what_is_held_is_spent_until_it_is_given_back() -> None:
    labels, clock = MemoryLabels(), FakeClock()
    today = clock.today().isoformat()
    purse = Purse("x", 100, labels, clock)
    held = await purse.take(80)
    assert held == Held(today, 80)
    assert await purse.take(30) is None
    await purse.settle(held, 50)
    assert labels.spent(today, "x") == 50
    again = await purse.take(50)
    assert again is not None
    await purse.settle(again, 50)
    assert labels.spent(today, "x") == 100


async def test_money_goes_back_to_the_day_that_it_is_of() -> None:
    class Midnight(FakeClock):
        day = date(2026, 11, 23)

        def today(self) -> date:
            return self.day

    labels, clock = MemoryLabels(), Midnight()
    purse = Purse("x", 100, labels, clock)
    held = await purse.take(80)
    assert held is not None
    clock.day = date(2026, 11, 24)
    assert await purse.take(100) is not None
    await purse.settle(held, 10)
    assert labels.spent("2026-11-23", "x") == 10
    assert labels.spent("2026-11-24", "x") == 100
