"""A replica's talk with the store: what is lost, late or repeated counts once, and no limit is exceeded.

The store is a real one; time and the line are not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

import pytest

from pointsman.limits import NOTHING, Level, Limit, Reservation, Scope, Shortage, make_limit
from pointsman.limits.shared.link import Wish
from tests.support.redis_server import RedisServer, redis_server
from tests.support.shared_world import SECOND_US, START_US, MakeWorld, Referee, Replica, World, one, worlds

DEPLOYMENT = Scope("deployment", "openai/gpt-6-luna")
SLOTS = make_limit(DEPLOYMENT, "concurrency", 40)
Kind = Literal["refill", "rolling"]


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
def make_world(server: RedisServer) -> Iterator[MakeWorld]:
    with worlds(server.url) as make:
        yield make


def tpm(kind: Kind, amount: int = 6_000) -> Limit:
    return make_limit(DEPLOYMENT, "tpm", amount, window=kind, slack_us=0)


class Traffic:
    """More than the limit allows, from every replica, for as long as the world runs."""

    def __init__(self, world: World, limit: Limit) -> None:
        self.world, self.limit = world, limit
        self.referee = Referee(limit)
        self.begun = world.now
        self.most_slots = 0

    def __call__(self) -> None:
        for replica in self.world.replicas:
            if replica.alive:
                self.ask(replica)
        self.most_slots = max(self.most_slots, sum(len(replica.open) for replica in self.world.replicas))

    def ask(self, replica: Replica) -> None:
        dice = self.world.dice
        for _ in range(3):
            count = dice.randint(1, 200)
            if isinstance(replica.reserve((self.limit, SLOTS), one(count)), Shortage):
                break
            self.referee.sent.append((self.world.now, count))
        while replica.open and dice.random() < 0.7:
            replica.settle(replica.open[0].amounts)

    def utilisation(self) -> float:
        minutes = (self.world.now - self.begun) / 60 / SECOND_US
        first = self.limit.amount if self.limit.window == "refill" else 0
        return self.referee.total() / (first + minutes * self.limit.amount)


def nobody(world: World, replica: Replica, second: float) -> bool:
    return False


def everybody(world: World, replica: Replica, second: float) -> bool:
    return 70 < second < 130


def the_first(world: World, replica: Replica, second: float) -> bool:
    return second > 70 and replica is world.replicas[0]


def now_and_then(world: World, replica: Replica, second: float) -> bool:
    return (world.replicas.index(replica) * 5 + int(second / 7) * 3) % 8 < 3


Cut = Callable[[World, Replica, float], bool]


@pytest.mark.parametrize("kind", ["refill", "rolling"])
@pytest.mark.parametrize(
    ("cut", "losses", "emptied", "least"),
    [
        pytest.param(nobody, 0.0, None, 0.98, id="all is well"),
        pytest.param(nobody, 0.1, None, 0.95, id="answers get lost"),
        pytest.param(everybody, 0.0, None, 0.9, id="the store is away for a minute"),
        pytest.param(the_first, 0.0, None, 0.9, id="one replica is cut off for good"),
        pytest.param(nobody, 0.0, 100, 0.9, id="the store is emptied"),
        pytest.param(everybody, 0.0, 120, 0.9, id="the store was killed, and comes back empty"),
        pytest.param(now_and_then, 0.05, 100, 0.8, id="all of it"),
    ],
)
def test_no_limit_is_exceeded(
    make_world: MakeWorld, kind: Kind, cut: Cut, losses: float, emptied: float | None, least: float
) -> None:
    world = make_world(seed=7, replicas=3)
    world.losses = losses
    world.cut = lambda replica: cut(world, replica, (world.now - START_US) / SECOND_US)
    traffic = Traffic(world, tpm(kind))
    world.run(100, traffic, step_us=SECOND_US // 2)
    if emptied is not None:
        world.run(emptied - 100, traffic, step_us=SECOND_US // 2)
        world.empty()
    world.run(220 - (emptied or 100), traffic, step_us=SECOND_US // 2)
    assert traffic.referee.over() == 0
    assert traffic.utilisation() >= least


@pytest.mark.parametrize("kind", ["refill", "rolling"])
def test_no_limit_is_exceeded_where_the_store_goes_back_to_an_older_state(
    make_world: MakeWorld, kind: Kind
) -> None:
    world = make_world(seed=6, replicas=3)
    traffic = Traffic(world, tpm(kind))
    world.run(50, lambda: None, step_us=SECOND_US // 2)
    saved = world.save()
    world.run(10, traffic, step_us=SECOND_US // 2)
    world.restore(saved)
    world.run(100, traffic, step_us=SECOND_US // 2)
    assert traffic.referee.over() == 0
    assert all(not replica.link.away for replica in world.replicas)


def test_calls_at_once_stay_within_the_limit_while_all_are_heard(make_world: MakeWorld) -> None:
    world = make_world(seed=8, replicas=4)
    traffic = Traffic(world, tpm("refill", 10**6))
    world.losses = 0.1
    world.run(60, traffic, step_us=SECOND_US // 2)
    assert 30 < traffic.most_slots <= SLOTS.amount


def levels(replica: Replica, *limits: Limit) -> list[Level]:
    seen: list[list[Level]] = []
    replica.link.ask(Wish(limits, NOTHING, seen.append, looks=True))
    while not seen:
        replica.exchange()
    return seen[0]


def test_everything_comes_back_to_zero(make_world: MakeWorld) -> None:
    """Also what was granted to somebody who did not wait for it any more."""
    world = make_world(seed=9, replicas=3)
    world.losses = 0.2
    traffic = Traffic(world, tpm("rolling"))
    world.run(60, traffic, step_us=SECOND_US // 2)
    world.losses = 0.0
    for replica in world.replicas:
        while replica.open:
            replica.settle(replica.open[0].amounts)
    world.run(5, lambda: None)
    assert [level.reserved for level in levels(world.replicas[0], traffic.limit, SLOTS)] == [0, 0]


def test_what_a_dead_replica_held_returns_with_its_lease(make_world: MakeWorld) -> None:
    world = make_world(seed=1, replicas=2)
    world.run(2, lambda: None)
    survivor, dead = world.replicas
    limit = tpm("rolling")
    assert isinstance(dead.reserve((limit, SLOTS), (1, 9, 9, 600, 9, 600, 40)), Reservation)
    dead.alive = False
    assert isinstance(survivor.reserve((SLOTS,), one(1)), Shortage)
    world.run(9, lambda: None)
    assert [level.reserved for level in levels(survivor, limit, SLOTS)][1] == 40
    world.run(1.2, lambda: None)
    assert levels(survivor, SLOTS)[0].used == 0
    assert isinstance(survivor.reserve((SLOTS,), one(1)), Reservation)
    # What it sent was counted by the provider, and ages there too.
    (found,) = levels(survivor, limit)
    assert found.reserved == 0
    assert found.used >= 600


def test_a_replica_that_was_thought_dead_tells_what_it_holds(make_world: MakeWorld) -> None:
    world = make_world(seed=1, replicas=2)
    world.run(2, lambda: None)
    looks, sleeps = world.replicas
    assert isinstance(sleeps.reserve((SLOTS,), (1, 0, 0, 0, 0, 0, 30)), Reservation)
    world.run(1, lambda: None)
    sleeps.alive = False
    world.run(20, lambda: None)
    assert levels(looks, SLOTS)[0].used == 0
    sleeps.alive = True
    world.run(2, lambda: None)
    assert levels(looks, SLOTS)[0].used == 30
    sleeps.settle(one(1))
    world.run(1, lambda: None)
    assert levels(looks, SLOTS)[0].used == 0


def test_a_replica_that_parts_leaves_nothing_behind(make_world: MakeWorld) -> None:
    world = make_world(seed=1, replicas=2)
    world.run(3, lambda: None)
    stays, parts = world.replicas
    parts.reserve((SLOTS,), one(1))
    assert stays.link.share == 500_000
    world.do(parts.link.farewell(world.now))
    parts.alive = False
    assert levels(stays, SLOTS)[0].used == 0
    world.run(2, lambda: None)
    assert (stays.link.replicas, stays.link.share) == (1, 1_000_000)


def test_one_that_is_alone_has_all_of_a_window_as_soon_as_the_store_is_away(make_world: MakeWorld) -> None:
    world = make_world(seed=1, replicas=1)
    (replica,) = world.replicas
    limit = tpm("rolling")
    world.run(1, lambda: None)
    assert isinstance(replica.reserve((limit,), one(1_000)), Reservation)
    world.run(2, lambda: None)
    world.cut = lambda _: True
    replica.exchange()
    world.run(5, lambda: None)
    assert isinstance(replica.reserve((limit,), one(5_001)), Shortage)
    assert isinstance(replica.reserve((limit,), one(5_000)), Reservation)


@pytest.mark.parametrize("emptied", [False, True])
def test_one_that_others_left_a_moment_ago_has_not(make_world: MakeWorld, emptied: bool) -> None:
    world = make_world(seed=1, replicas=2)
    stays, parts = world.replicas
    limit = tpm("rolling")
    world.run(3, lambda: None)
    assert isinstance(parts.reserve((limit,), one(6_000)), Reservation)
    world.do(parts.link.farewell(world.now))
    parts.alive = False
    if emptied:
        world.run(120, lambda: None)
        world.empty()
    world.run(3, lambda: None)
    world.cut = lambda _: True
    stays.exchange()
    world.run(5, lambda: None)
    assert isinstance(stays.reserve((limit,), one(1)), Shortage)
    world.run(60, lambda: None)
    assert isinstance(stays.reserve((limit,), one(6_000)), Reservation)


def test_shares_never_add_up_to_more_than_all(make_world: MakeWorld) -> None:
    world = make_world(seed=3, replicas=1)
    world.losses = 0.3

    def more() -> None:
        if len(world.replicas) < 9 and world.dice.random() < 0.1:
            world.replicas.append(Replica(world))
        assert sum(replica.link.share for replica in world.replicas) <= 1_000_000

    world.run(30, more)
    world.losses = 0.0
    world.run(5, more)
    assert [replica.link.share for replica in world.replicas] == [111_111] * 9


def test_whoever_waits_when_the_answer_is_lost_is_answered_from_the_share(make_world: MakeWorld) -> None:
    world = make_world(seed=1, replicas=1)
    (replica,) = world.replicas
    world.run(2, lambda: None)
    answers: list[Any] = []
    replica.link.ask(Wish((SLOTS,), one(1), answers.append))
    replica.link.ask(Wish((SLOTS,), NOTHING, answers.append, looks=True))
    world.cut = lambda _: True
    replica.exchange()
    assert isinstance(answers[0], Shortage)
    assert 0 < (answers[0].wait_us or 0) <= 3 * SECOND_US
    assert answers[1] == [Level(SLOTS, 0, 0, 0)]
    world.run(4, lambda: None)
    assert isinstance(replica.reserve((SLOTS,), one(1)), Reservation)


def test_charges_are_kept_while_the_store_is_away(make_world: MakeWorld) -> None:
    world = make_world(seed=1, replicas=1)
    (replica,) = world.replicas
    limit = tpm("rolling")
    world.run(2, lambda: None)
    world.cut = lambda _: True
    world.run(2, lambda: None)
    for _ in range(1_000):
        replica.link.charge(limit, 2)
    replica.link.charge(SLOTS, 1)
    assert replica.link.waiting() == 2  # the beat that was not answered, and one charge
    world.cut = lambda _: False
    world.run(2, lambda: None)
    assert levels(replica, limit, SLOTS) == [
        Level(limit, 2_000, 0, levels(replica, limit)[0].free_at_us),
        Level(SLOTS, 0, 0, 0),
    ]
