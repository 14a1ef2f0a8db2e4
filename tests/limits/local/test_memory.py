"""The store in this process: the contract, the oracle, and what it forgets."""

from __future__ import annotations

import tracemalloc

import pytest
from hypothesis import settings

from pointsman.limits import Limit, LocalLimits, Reservation, Scope, make_limit
from pointsman.limits.local.memory import MemoryLimits
from tests.support.limits_contract import (
    NOW,
    SECOND_US,
    LimitsContract,
    a_limit,
    level,
    short,
    taken,
    tokens,
)
from tests.support.limits_oracle import LimitsMachine


class TestMemoryLimits(LimitsContract):
    @pytest.fixture
    def store(self) -> LocalLimits:
        return MemoryLimits()


class MemoryMachine(LimitsMachine):
    def make_store(self) -> LocalLimits:
        return MemoryLimits()


class ForgetfulMachine(LimitsMachine):
    """Looks for idle buckets with every call, though there are few."""

    def make_store(self) -> LocalLimits:
        return MemoryLimits(few=0)


class PackingMachine(LimitsMachine):
    """Packs whatever it looks at, with every call."""

    def make_store(self) -> LocalLimits:
        return MemoryLimits(few=0, many=0)


TestAgainstTheOracle = MemoryMachine.TestCase
TestAgainstTheOracle.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestForgettingAgainstTheOracle = ForgetfulMachine.TestCase
TestForgettingAgainstTheOracle.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestPackingAgainstTheOracle = PackingMachine.TestCase
TestPackingAgainstTheOracle.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)


def limits_of(number: int) -> tuple[Limit, ...]:
    scope = Scope("key", f"k{number}")
    return (
        make_limit(scope, "rpm", 60),
        make_limit(scope, "tpm", 100_000),
        make_limit(scope, "concurrency", 5),
    )


def test_what_is_full_again_and_holds_nothing_is_forgotten() -> None:
    store, now, most = MemoryLimits(few=10), NOW, 0
    held = [taken(store, limits_of(number), 1_000, now) for number in range(5)]
    for number in range(5, 2_000):
        now += 10_000  # 1 request of 60 is back after a second: a hundred keys later
        store.settle(taken(store, limits_of(number), 1_000, now), tokens(1_000), now)
        most = max(most, len(store))
    assert most < 700
    now += 60 * SECOND_US
    for _ in range(2 * most):
        now += SECOND_US
        store.settle(taken(store, limits_of(0), 1, now), tokens(1), now)
    assert len(store) == 15
    for number, reservation in enumerate(held):
        assert level(store, limits_of(number)[2], now) == (1, 1, 0)
        store.settle(reservation, tokens(1_000), now)
        assert level(store, limits_of(number)[2], now) == (0, 0, 0)


def test_a_bucket_that_nobody_asks_for_takes_less_than_a_hundred_bytes() -> None:
    """Ten thousand keys in one microsecond, of which a thousand buckets are kept at hand."""
    store = MemoryLimits(many=1_000)
    for number in range(1_000):
        store.settle(taken(store, limits_of(number)[:2], 1_000, NOW), tokens(1_000), NOW)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for number in range(1_000, 11_000):
            store.settle(taken(store, limits_of(number)[:2], 1_000, NOW), tokens(1_000), NOW)
        each = (tracemalloc.get_traced_memory()[0] - before) / 20_000
    finally:
        tracemalloc.stop()
    assert len(store) == 22_000
    assert each < 100


def test_what_was_packed_is_as_it_was() -> None:
    store, limits = MemoryLimits(few=0, many=0), limits_of(1)[:2]
    store.settle(taken(store, limits, 1_000, NOW), tokens(1_000), NOW)
    for number in range(2, 100):
        store.settle(taken(store, limits_of(number)[:2], 1_000, NOW), tokens(1_000), NOW)
    assert len(store) == 198
    assert level(store, limits[0], NOW) == (1, 0, SECOND_US)
    taken(store, (limits[1],), 99_000, NOW)
    assert short(store, (limits[1],), 1, NOW).wait_us == 600
    store.charge(limits[0], 59, NOW)
    assert short(store, (limits[0],), 0, NOW).wait_us == SECOND_US


def test_few_buckets_are_not_searched() -> None:
    store = MemoryLimits()
    store.settle(taken(store, limits_of(1), 1, NOW), tokens(1), NOW)
    for number in range(100):
        store.reserve((), tokens(1), NOW + number * SECOND_US)
    assert len(store) == 3


@pytest.mark.parametrize("kind", ["refill", "rolling"])
def test_what_was_not_foreseen_is_found_though_the_bucket_was_forgotten(kind: str) -> None:
    limit = a_limit("tpm", 60, "rolling" if kind == "rolling" else "refill")
    store = MemoryLimits(few=0)
    reservation = taken(store, (limit,), 0, NOW)
    for _ in range(3):
        store.reserve((), tokens(0), NOW)
    assert len(store) == 0
    store.settle(reservation, tokens(70), NOW + 1)
    assert level(store, limit, NOW + 1)[0] == 70


def test_a_shortage_keeps_the_memory_of_nothing() -> None:
    store = MemoryLimits(few=0)
    limits = (a_limit("tpm", 60, "rolling"), a_limit("concurrency", 1))
    reservation = taken(store, (limits[1],), 0, NOW)
    for number in range(100):
        assert not isinstance(store.reserve(limits, tokens(5), NOW + number), Reservation)
    store.settle(reservation, tokens(0), NOW + 100)
    taken(store, (limits[0],), 60, NOW + 100)


def test_time_that_runs_backwards_stands_still() -> None:
    store, limit = MemoryLimits(), a_limit("rpm", 60)
    reservation = taken(store, (limit,), 0, NOW)
    assert taken(store, (limit,), 0, NOW - SECOND_US).at_us == NOW
    store.settle(reservation, tokens(0), NOW - SECOND_US)
    assert level(store, limit, NOW - SECOND_US) == (2, 1, 2 * SECOND_US)
