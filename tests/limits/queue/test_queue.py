from __future__ import annotations

import asyncio

import pytest

from pointsman.errors import RateLimited
from pointsman.limits import Scope, make_limit
from pointsman.limits.values.limit import NOTHING
from pointsman.limits.values.ticket import Place
from tests.support.queueing import DEPLOYMENT, Bench, amounts, exhaust, virtual
from tests.support.virtual_time import run_virtual

RPM = make_limit(DEPLOYMENT, "rpm", 60)
TPM = make_limit(DEPLOYMENT, "tpm", 60_000)
ONE = make_limit(DEPLOYMENT, "concurrency", 1)


@virtual
async def test_what_fits_starts_at_once() -> None:
    bench = Bench()
    held = bench.queue.try_enter(bench.ticket(RPM, TPM, tokens=100))
    assert held is not None
    assert bench.used(RPM, TPM) == [1, 100]
    bench.queue.settle(held, amounts(40))
    bench.queue.settle(held, amounts(40))
    assert bench.used(RPM, TPM) == [1, 40]


@pytest.mark.parametrize("window", ["refill", "rolling"])
@pytest.mark.parametrize("keys", [1, 3])
@pytest.mark.parametrize("ahead", [0, 5, 150])
def test_retry_after_is_exact(window: str, keys: int, ahead: int) -> None:
    async def work() -> None:
        bench = Bench()
        limit = make_limit(DEPLOYMENT, "rpm", 60, window="rolling" if window == "rolling" else "refill")
        for _ in range(20):
            await asyncio.sleep(0.37)
            bench.queue.try_enter(bench.ticket(limit))
        await exhaust(bench, limit)
        tasks = [
            asyncio.create_task(bench.enter(bench.ticket(limit, key=f"k{n % keys}"))) for n in range(ahead)
        ]
        await asyncio.sleep(0)
        with pytest.raises(RateLimited) as first:
            await bench.enter(bench.ticket(limit, key="k0", max_wait=0.25))
        after = first.value.retry_after
        assert after is not None
        await asyncio.sleep(after - 0.001)
        with pytest.raises(RateLimited) as second:
            await bench.enter(bench.ticket(limit, key="k0", max_wait=0.25))
        assert second.value.retry_after == pytest.approx(0.001, abs=0.0001)
        await asyncio.sleep(second.value.retry_after or 0)
        began = bench.now
        await bench.enter(bench.ticket(limit, key="k0", max_wait=0.25))
        assert bench.now - began == pytest.approx(0.25, abs=0.001)
        await asyncio.gather(*tasks)

    run_virtual(work)


@virtual
async def test_what_is_larger_than_a_limit_is_never_let_wait() -> None:
    bench = Bench()
    with pytest.raises(
        RateLimited, match=r"60,000 tokens a minute .* needs 60,001: it can never start"
    ) as refused:
        await bench.enter(bench.ticket(RPM, TPM, tokens=60_001))
    assert (refused.value.retry_after, refused.value.retryable) == (None, False)
    assert bench.used(RPM, TPM) == [0, 0]


@virtual
async def test_the_refusal_says_what_to_do() -> None:
    bench = Bench()
    await exhaust(bench, RPM)
    with pytest.raises(RateLimited) as refused:
        await bench.enter(bench.ticket(RPM, max_wait=0.4))
    assert str(refused.value) == (
        "acme/model may have 60 requests a minute (rpm), and that is reached. This request could start in "
        "1.0 s, but may wait 0.4 s. Send it again in 0.6 s, or allow it to wait with x-pointsman-max-wait."
    )
    assert bench.now == 0


@virtual
async def test_who_does_not_want_to_wait_does_not() -> None:
    bench = Bench()
    held = await bench.enter(bench.ticket(ONE))
    with pytest.raises(RateLimited) as refused:
        await bench.enter(bench.ticket(ONE, max_wait=0))
    assert refused.value.retry_after is None  # no call has ended yet, so nobody knows
    bench.queue.settle(held, NOTHING)
    assert bench.queue.try_enter(bench.ticket(ONE, max_wait=0)) is not None


@virtual
async def test_a_settled_call_lets_the_next_one_start_at_once() -> None:
    bench = Bench()
    held = await bench.enter(bench.ticket(ONE))
    task = asyncio.create_task(bench.enter(bench.ticket(ONE)))
    await asyncio.sleep(3)
    assert not task.done()
    bench.queue.settle(held, NOTHING)
    await asyncio.sleep(0)
    assert task.done()
    assert bench.now == 3


@virtual
async def test_a_refund_lets_the_next_one_start_earlier() -> None:
    bench = Bench()
    held = await bench.enter(bench.ticket(TPM, tokens=60_000))
    task = asyncio.create_task(bench.enter(bench.ticket(TPM, tokens=30_000)))
    await asyncio.sleep(1)
    bench.queue.settle(held, amounts(40_000))
    await task
    assert bench.now == 10


@virtual
async def test_nobody_passes_who_waits() -> None:
    """A large request gathers what it needs, however many small ones come after it."""
    bench = Bench()
    await bench.enter(bench.ticket(TPM, tokens=60_000))
    large = asyncio.create_task(bench.enter(bench.ticket(TPM, tokens=30_000, key="large")))
    await asyncio.sleep(0)
    small = []
    for _ in range(300):
        small.append(asyncio.create_task(bench.enter(bench.ticket(TPM, tokens=100, key="large"))))
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.01)
    assert large.done()
    assert not any(task.done() for task in small[:-1])
    await asyncio.gather(*small)


@virtual
async def test_a_large_request_of_one_key_does_not_starve_among_the_small_of_others() -> None:
    bench, ends = Bench(), dict[str, float]()
    await bench.enter(bench.ticket(TPM, tokens=60_000))

    async def one(key: str, tokens: int) -> None:
        await bench.enter(bench.ticket(TPM, tokens=tokens, key=key))
        ends[key] = bench.now

    tasks = [asyncio.create_task(one("large", 40_000))]
    for number in range(1_200):
        tasks.append(asyncio.create_task(one(f"small{number % 4}", 100)))
        await asyncio.sleep(0.05)
    await asyncio.gather(*tasks)
    assert ends["large"] < 45


@virtual
async def test_a_key_at_its_own_limit_holds_up_nobody_else() -> None:
    bench = Bench()
    own = make_limit(Scope("key", "slow"), "rpm", 1)
    await bench.enter(bench.ticket(own, RPM, key="slow"))
    slow = asyncio.create_task(bench.enter(bench.ticket(own, RPM, key="slow")))
    await asyncio.sleep(0)
    for _ in range(59):
        await bench.enter(bench.ticket(RPM, key="quick"))
    assert bench.now == 0
    assert not slow.done()
    await slow
    assert bench.now == 60


@virtual
async def test_a_lane_at_its_own_limit_holds_up_no_lane_of_the_same_account() -> None:
    bench = Bench()
    account = make_limit(Scope("provider", "acme"), "rpm", 600)
    narrow = make_limit(Scope("deployment", "acme/narrow"), "rpm", 1)
    wide = make_limit(Scope("deployment", "acme/wide"), "rpm", 600)
    await bench.enter(bench.ticket(narrow, account, lane="narrow"))
    waits = asyncio.create_task(bench.enter(bench.ticket(narrow, account, lane="narrow")))
    await asyncio.sleep(0)
    for _ in range(599):
        await bench.enter(bench.ticket(wide, account, lane="wide"))
    assert bench.now == 0
    for _ in range(300):  # now the account is the limit for both
        await bench.enter(bench.ticket(wide, account, lane="wide"))
    assert bench.now == pytest.approx(30, abs=0.2)
    await waits
    assert bench.now == pytest.approx(60, abs=0.2)


@virtual
async def test_keys_share_an_account_alike_in_whatever_lane_they_wait() -> None:
    bench, served = Bench(), dict.fromkeys("abcde", 0)
    account = make_limit(Scope("provider", "acme"), "rpm", 60)
    lanes = {lane: make_limit(Scope("deployment", f"acme/{lane}"), "rpm", 6_000) for lane in ("one", "two")}

    async def one(key: str, lane: str) -> None:
        await bench.enter(bench.ticket(lanes[lane], account, key=key, lane=lane))
        if bench.now:
            served[key] += 1

    await exhaust(bench, account)
    tasks = [
        asyncio.create_task(one(key, "one" if key == "a" else "two")) for _ in range(100) for key in "abcde"
    ]
    await asyncio.sleep(300.5)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert sum(served.values()) == 300
    assert all(abs(count - 60) <= 1 for count in served.values())


@virtual
async def test_within_a_key_the_lowest_priority_number_goes_first() -> None:
    bench, order = Bench(), list[str]()

    async def one(name: str, priority: int) -> None:
        await bench.enter(bench.ticket(RPM, priority=priority))
        order.append(name)

    await exhaust(bench, RPM)
    names = [("late", 5), ("first", 0), ("second", 0), ("urgent", -1)]
    async with asyncio.TaskGroup() as group:
        for name, priority in names:
            group.create_task(one(name, priority))
    assert order == ["urgent", "first", "second", "late"]


@virtual
async def test_places_are_bounded_and_one_key_cannot_take_them_all() -> None:
    bench = Bench(max_waiting=9)
    await exhaust(bench, RPM)
    tasks, refused = [], list[str]()
    for key in "aaaaaaaaaabbbbcd":
        task = asyncio.create_task(bench.enter(bench.ticket(RPM, key=key)))
        await asyncio.sleep(0)
        if task.done():
            with pytest.raises(RateLimited, match="9 places are kept") as full:
                await task
            assert full.value.code == "queue_full"
            assert full.value.retry_after == pytest.approx(1, abs=0.001)
            refused.append(key)
        else:
            tasks.append(task)
    assert "".join(refused) == "aaaabbd"  # a took six; c had one kept for it; then all were taken
    await asyncio.gather(*tasks)


@virtual
async def test_it_is_told_where_it_stands_and_when_it_will_start() -> None:
    bench, places = Bench(), list[tuple[float, Place]]()
    await exhaust(bench, RPM)
    tasks = [asyncio.create_task(bench.enter(bench.ticket(RPM))) for _ in range(11)]
    await asyncio.sleep(0)
    await bench.enter(bench.ticket(RPM), None, lambda place: places.append((bench.now, place)))
    assert bench.now == pytest.approx(12)
    assert [(round(at), place.position) for at, place in places] == [(0, 12), (5, 7), (10, 2)]
    assert [place.starts_in for _, place in places] == pytest.approx([12, 7, 2], abs=0.001)
    await asyncio.gather(*tasks)


@virtual
async def test_a_limit_that_changes_holds_for_those_who_wait_too() -> None:
    bench = Bench()
    await exhaust(bench, RPM)
    task = asyncio.create_task(bench.enter(bench.ticket(RPM)))
    await asyncio.sleep(0.1)
    bench.queue.revise(make_limit(DEPLOYMENT, "rpm", 600))
    await task
    assert bench.now == pytest.approx(0.1, abs=0.05)


@virtual
async def test_what_was_let_wait_on_a_wrong_estimate_is_told_so_at_its_deadline() -> None:
    bench = Bench()
    held = await bench.enter(bench.ticket(ONE))
    with pytest.raises(RateLimited):
        await bench.enter(bench.ticket(ONE, max_wait=5))
    assert bench.now == 5
    assert (await bench.queue.snapshot()).late == 1
    bench.queue.settle(held, NOTHING)
    assert bench.held(ONE) == [0]


@virtual
async def test_it_can_be_looked_at() -> None:
    bench = Bench()
    await exhaust(bench, RPM)
    tasks = [asyncio.create_task(bench.enter(bench.ticket(RPM, key=key))) for key in "aab"]
    await asyncio.sleep(0.5)
    seen = await bench.queue.snapshot()
    (lane,) = seen.lanes
    assert (lane.name, lane.waiting, lane.by_key) == ("lane", 3, {"a": 2, "b": 1})
    assert (lane.oldest_seconds, lane.clear_in_seconds) == pytest.approx((0.5, 2.5), abs=0.001)
    assert seen.queued == {RPM.id: 3}
    await asyncio.gather(*tasks)
