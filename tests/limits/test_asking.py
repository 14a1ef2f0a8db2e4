from __future__ import annotations

from pointsman.limits import LocalLimits, Reservation, Scope, SharedLimits, make_limit
from pointsman.limits.asking import AskLocal, AskShared, asking
from pointsman.limits.memory import MemoryLimits
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
