from __future__ import annotations

from collections.abc import Sequence

import pytest

from pointsman.limits import (
    NOTHING,
    Amounts,
    Level,
    Limit,
    LocalLimits,
    Reservation,
    Scope,
    SharedLimits,
    Shortage,
    Ticket,
    make_limit,
)
from pointsman.limits.local.memory import MemoryLimits
from pointsman.limits.queue.asking import AskLocal, AskShared, asking
from tests.support.queueing import Bench, amounts
from tests.support.virtual_time import run_virtual

ROLLING = make_limit(Scope("model", "m"), "rpm", 2, window="rolling")


def test_a_store_is_known_by_whether_it_must_be_awaited() -> None:
    class Shared:
        async def reserve(self) -> None: ...

    local: LocalLimits = MemoryLimits()
    shared: SharedLimits = Shared()  # type: ignore[assignment]  # only this method is looked at
    assert isinstance(asking(local, lambda: 0), AskLocal)
    assert isinstance(asking(shared, lambda: 0), AskShared)


def test_asking_how_long_takes_nothing() -> None:
    async def work() -> None:
        bench = Bench()
        ask = AskLocal(bench.store, bench.queue.now_us)
        for _ in range(2):
            assert isinstance(ask.ask_now(bench.ticket(ROLLING)), Reservation)
        assert ask.wait_for(ROLLING, 1) == ask.wait_for(ROLLING, 2) == 60_000_000
        assert (await ask.levels((ROLLING,)))[0].used == 2

    run_virtual(work)


def test_what_fits_after_all_is_given_back() -> None:
    store = MemoryLimits()
    ask = AskLocal(store, lambda: 0)
    assert ask.wait_for(ROLLING, 2) == 0
    assert store.levels((ROLLING,), 0)[0].used == 0
    assert amounts(3)[0] == 1


class Says:
    """A shared store that answers as it is told."""

    def __init__(self) -> None:
        self.answer: Reservation | Shortage = Shortage(ROLLING, None)
        self.waits: list[bool] = []

    async def reserve(
        self, limits: tuple[Limit, ...], amounts: Amounts, *, waits: bool = False
    ) -> Reservation | Shortage:
        self.waits.append(waits)
        return self.answer

    def settle(self, reservation: Reservation, used: Amounts) -> None: ...

    def charge(self, limit: Limit, amount: int) -> None: ...

    async def levels(self, limits: Sequence[Limit]) -> list[Level]:
        return []

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    ("wait_us", "dice", "again_us"),
    [
        pytest.param(100_000, 0.0, 100_000, id="when it was told"),
        pytest.param(100_000, 1.0, 105_000, id="a little later, so that not all ask at once"),
        pytest.param(400_000, 1.0, 420_000, id="a little later"),
        pytest.param(450_000, 1.0, 470_000, id="but no more than a little"),
        pytest.param(30_000_000, 0.5, 500_000, id="often enough to hear what others gave back"),
        pytest.param(None, 0.0, 25_000, id="soon where calls have to end"),
        pytest.param(None, 1.0, 75_000, id="or a little later"),
    ],
)
def test_a_shared_store_is_asked_again(wait_us: int | None, dice: float, again_us: int) -> None:
    ask = AskShared(Says(), lambda: 0, lambda: dice)
    assert ask.again(Shortage(ROLLING, wait_us)) == Shortage(ROLLING, again_us)


async def test_what_a_shared_store_said_last_is_known_until_it_lets_somebody_in() -> None:
    now = 0
    store = Says()
    ask = AskShared(store, lambda: now, lambda: 0.0)
    first, second = (_ticket(lane) for lane in ("first", "second"))
    assert ask.told("first") is None
    assert ask.soonest_us() is None
    store.answer = Shortage(ROLLING, 9_000)
    await ask.ask(first, waits=True)
    store.answer = Shortage(ROLLING, None, away=True)
    await ask.ask(second, waits=False)
    now = 4_000
    assert ask.told("first") == Shortage(ROLLING, 5_000)
    assert ask.told("second") == Shortage(ROLLING, None, away=True)
    assert ask.soonest_us() == 5_000
    now = 10_000
    assert ask.told("first") == Shortage(ROLLING, 0)
    store.answer = Reservation((ROLLING,), NOTHING, 0)
    assert await ask.ask(first, waits=True) is store.answer
    assert ask.told("first") is None
    assert store.waits == [True, False, True]


def _ticket(lane: str) -> Ticket:
    return Ticket((ROLLING,), NOTHING, key="k", lane=lane, at_us=0, deadline_us=0)
