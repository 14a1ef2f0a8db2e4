"""The shared store over a real Valkey: the contract, the oracle, and the script against the pure core."""

from __future__ import annotations

import itertools
import random
import sys
from collections.abc import Iterator
from typing import Any, ClassVar, Literal, cast

import msgspec
import pytest
import redis
from hypothesis import settings
from hypothesis.stateful import run_state_machine_as_test

from pointsman.limits import Amounts, LocalLimits, Reservation, Scope, Shortage, make_limit
from pointsman.limits.local.memory import MemoryLimits
from pointsman.limits.values.limit import MINUTE_US, Dimension
from tests.support.limits_contract import NOW, LimitsContract
from tests.support.limits_oracle import LimitsMachine
from tests.support.redis_server import PROGRAMS, RedisServer, redis_server
from tests.support.waiting_limits import WaitingLimits


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
def shared(server: RedisServer, request: pytest.FixtureRequest) -> Iterator[WaitingLimits]:
    store = WaitingLimits(server.url, prefix=request.node.nodeid)
    yield store
    store.close()


class TestRedisLimits(LimitsContract):
    @pytest.fixture
    def store(self, shared: WaitingLimits) -> LocalLimits:
        return shared


class SharedMachine(LimitsMachine):
    """Random steps beside the oracle."""

    where: ClassVar[str]
    count: ClassVar[Iterator[int]] = itertools.count()

    def make_store(self) -> LocalLimits:
        self.shared = WaitingLimits(self.where, prefix=f"machine {next(self.count)}")
        return self.shared

    def teardown(self) -> None:
        self.shared.close()


def test_against_the_oracle(server: RedisServer) -> None:
    SharedMachine.where = server.url
    run_state_machine_as_test(
        SharedMachine, settings=settings(max_examples=25, stateful_step_count=40, deadline=None)
    )


class Fuzz:
    """Random work for the script and the pure core, many steps in one batch; both must say the same."""

    def __init__(self, seed: int, theirs: WaitingLimits) -> None:
        self.dice = random.Random(seed)
        self.now = NOW
        self.theirs, self.ours = theirs, MemoryLimits()
        slack = self.dice.choice([0, 1, 999_983, 30_000_000, MINUTE_US])
        self.limits = [
            make_limit(Scope("key", f"k{number}"), dimension, self.size(), window=window, slack_us=slack)
            for number, (dimension, window) in enumerate(_SHAPES)
        ]
        self.open: list[tuple[Reservation, Reservation]] = []

    def size(self) -> int:
        return self.dice.randint(1, self.dice.choice([3, 60, 10**6, 2 * 10**8]))

    def amounts(self) -> Amounts:
        most = self.dice.choice(self.limits).amount
        return cast(Amounts, tuple(self.dice.choice([0, 1, self.dice.randint(0, most)]) for _ in range(7)))

    def step(self) -> int:
        self.now += self.dice.choice([0, 1, self.dice.randint(0, 10**6), self.dice.randint(0, 9 * 10**7)])
        kind = self.dice.choice(["reserve"] * 4 + ["settle"] * 3 + ["charge", "change", "look"])
        if kind == "reserve":
            return self.reserve(self.dice.randint(1, 6))
        if kind == "settle" and self.open:
            ours, theirs = self.open.pop(self.dice.randrange(len(self.open)))
            used = self.dice.choice([ours.amounts, self.amounts()])
            self.ours.settle(ours, used, self.now)
            self.theirs.settle(theirs, used, self.now)
        elif kind == "charge":
            limit, amount = self.dice.choice(self.limits), self.size()
            self.ours.charge(limit, amount, self.now)
            self.theirs.charge(limit, amount, self.now)
        elif kind == "change":
            place = self.dice.randrange(len(self.limits))
            self.limits[place] = msgspec.structs.replace(self.limits[place], amount=self.size())
        assert self.theirs.levels(self.limits, self.now) == self.ours.levels(self.limits, self.now)
        return 1

    def reserve(self, count: int) -> int:
        wanted = [
            (tuple(self.dice.sample(self.limits, self.dice.randint(1, 4))), self.amounts())
            for _ in range(count)
        ]
        theirs = self.theirs.reserve_all(wanted, self.now)
        for (limits, amounts), their in zip(wanted, theirs, strict=True):
            our = self.ours.reserve(limits, amounts, self.now)
            if isinstance(our, Shortage) or isinstance(their, Shortage):
                assert their == our
            else:
                assert their.at_us == our.at_us
                self.open.append((our, their))
        return count


_SHAPES: tuple[tuple[Dimension, Literal["refill", "rolling"]], ...] = (
    ("rpm", "refill"),
    ("tpm", "refill"),
    ("input_tpm", "rolling"),
    ("output_tpm", "rolling"),
    ("concurrency", "refill"),
)


@pytest.mark.parametrize("name", PROGRAMS)
def test_the_script_says_what_the_pure_core_says(name: str) -> None:
    seed = random.SystemRandom().randrange(10**9)
    steps = 0
    with redis_server(program=PROGRAMS[name]) as server:
        for number in range(12):
            sys.stdout.write(f"replay with seed {seed + number}\n")
            store = WaitingLimits(server.url, prefix=f"fuzz {number}")
            fuzz = Fuzz(seed + number, store)
            done = 0
            while done < 250:
                done += fuzz.step()
            store.close()
            steps += done
    assert steps >= 2_000


def test_all_keys_are_in_one_slot_of_a_cluster() -> None:
    with redis_server("--cluster-enabled", "yes") as server:
        client: Any = redis.Redis.from_url(server.url)
        client.execute_command("CLUSTER", "ADDSLOTSRANGE", 0, 16383)
        while b"cluster_state:ok" not in client.execute_command("CLUSTER", "INFO", **{"NEVER_DECODE": True}):
            pass
        client.close()
        store = WaitingLimits(server.url, prefix="points")
        limits = tuple(
            make_limit(Scope("key", "k"), dimension, 5, window=window) for dimension, window in _SHAPES
        )
        assert isinstance(store.reserve(limits, (1, 1, 1, 1, 1, 1, 1), NOW), Reservation)
        assert [level.used for level in store.levels(limits, NOW)] == [1] * 5
        store.close()
