"""What a bucket holds while one of those who share it is out of sight, and when it is back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pointsman.limits import Limit, Reservation, Scope, make_limit
from tests.support.redis_server import RedisServer, redis_server
from tests.support.shared_world import MakeWorld, Referee, Replica, World, one, worlds

DEPLOYMENT = Scope("deployment", "openai/gpt-6-luna")
TPM = make_limit(DEPLOYMENT, "tpm", 6_000)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
def make_world(server: RedisServer) -> Iterator[MakeWorld]:
    with worlds(server.url) as make:
        yield make


class Takers:
    """Take all that there is, when they are told to."""

    def __init__(self, world: World, limit: Limit = TPM) -> None:
        self.world, self.limit = world, limit
        self.referee = Referee(limit)

    def take(self, *replicas: Replica, size: int = 10) -> None:
        for replica in replicas:
            while isinstance(replica.reserve((self.limit,), one(size)), Reservation):
                self.referee.sent.append((self.world.now, size))
                replica.settle(replica.open[0].amounts)


def test_the_others_go_on_with_their_part_at_once_where_one_died(make_world: MakeWorld) -> None:
    world = make_world(seed=2, replicas=3)
    takers = Takers(world)
    dead, *others = world.replicas
    world.run(20, lambda: takers.take(*world.replicas))
    dead.alive = False
    died = world.now
    world.run(33, lambda: takers.take(*others))
    assert takers.referee.over() == 0
    # all of it for the grace of three seconds, then two thirds
    assert takers.referee.total(died) >= 0.98 * TPM.amount / 60 * (3 + 30 * 2 / 3)


def test_an_emptied_store_flows_on_at_once(make_world: MakeWorld) -> None:
    world = make_world(seed=3, replicas=3)
    takers = Takers(world)
    world.run(20, lambda: takers.take(*world.replicas))
    world.empty()
    emptied = world.now
    world.run(20, lambda: takers.take(*world.replicas))
    assert takers.referee.over() == 0
    assert takers.referee.total(emptied) >= 0.9 * TPM.amount / 60 * 20


@pytest.mark.parametrize("after", [40, 80, 150])
def test_what_one_saved_up_out_of_sight_is_not_there_for_the_others_when_it_is_back(
    make_world: MakeWorld, after: int
) -> None:
    """Nobody else looked at that bucket meanwhile, so that the store learns of it by the return alone."""
    world = make_world(seed=4, replicas=2)
    takers = Takers(world)
    lost, other = world.replicas
    world.run(20, lambda: takers.take(other))
    world.cut = lambda replica: replica is lost
    world.run(after, lambda: None)
    takers.take(lost)
    world.cut = lambda replica: False
    world.run(1.5, lambda: None)
    assert not lost.link.away
    takers.take(other)
    assert takers.referee.over() == 0
    assert takers.referee.total() >= TPM.amount / 60 * 15


def test_a_limit_too_small_for_a_share_is_no_less_for_the_others(make_world: MakeWorld) -> None:
    world = make_world(seed=5, replicas=3)
    dead, *others = world.replicas
    takers = Takers(world, make_limit(DEPLOYMENT, "rpm", 2))
    world.run(5, lambda: None)
    dead.alive = False
    world.run(100, lambda: takers.take(*others, size=1))
    assert takers.referee.over() == 0
    assert len(takers.referee.sent) >= 4


def test_who_used_nothing_leaves_everything(make_world: MakeWorld) -> None:
    """The time in which its share was presumed to be used is given back, and nothing is set aside."""
    world = make_world(seed=6, replicas=2)
    takers = Takers(world)
    lost, other = world.replicas
    world.run(5, lambda: None)
    world.cut = lambda replica: replica is lost
    world.run(60, lambda: None)
    world.cut = lambda replica: False
    world.run(5, lambda: None)
    begun = world.now
    takers.take(other)
    assert takers.referee.total(begun) == TPM.amount
