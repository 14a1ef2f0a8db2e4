"""Replicas that wait for the same limit are served in the order in which they came, whatever they ask for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import pytest

from pointsman.limits import Limit, Reservation, Scope, Shortage, make_limit
from pointsman.limits.shared.link import Wish
from tests.support.redis_server import RedisServer, redis_server
from tests.support.shared_world import MakeWorld, Referee, Replica, World, one, worlds

DEPLOYMENT = Scope("deployment", "openai/gpt-6-luna")
TPM, OTHER = make_limit(DEPLOYMENT, "tpm", 6_000), make_limit(Scope("provider", "openai"), "tpm", 6_000)


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
def make_world(server: RedisServer) -> Iterator[MakeWorld]:
    with worlds(server.url) as make:
        yield make


def ask(replica: Replica, size: int, *limits: Limit, waits: bool = True) -> Reservation | Shortage:
    answers: list[Reservation | Shortage] = []
    replica.link.ask(Wish(limits, one(size), answers.append, waits=waits))
    replica.exchange()
    (answer,) = answers
    return answer


class Heads:
    """Every replica has a queue, all of whose requests are of the same size."""

    def __init__(self, world: World, limit: Limit, *sizes: int) -> None:
        self.world, self.limit, self.sizes = world, limit, sizes
        self.referee = Referee(limit)
        self.started = [0] * len(sizes)

    def __call__(self) -> None:
        for number, replica in enumerate(self.world.replicas):
            answer = ask(replica, self.sizes[number], self.limit)
            if isinstance(answer, Reservation):
                self.started[number] += 1
                self.referee.sent.append((self.world.now, self.sizes[number]))
                replica.link.settle(answer, answer.amounts)


@pytest.mark.parametrize("window", ["refill", "rolling"])
def test_who_asks_for_much_is_not_passed_by_those_who_ask_for_little(
    make_world: MakeWorld, window: Literal["refill", "rolling"]
) -> None:
    world = make_world(seed=1, replicas=3)
    world.run(3, lambda: None)
    heads = Heads(world, make_limit(DEPLOYMENT, "tpm", 6_000, window=window), 2_000, 50, 50)
    world.run(190, heads)
    assert heads.referee.over() == 0
    assert heads.referee.total() >= 6_000 * (3.7 if window == "refill" else 2.7)
    assert max(heads.started) - min(heads.started) <= 20
    assert heads.started[0] >= 6


def test_nobody_passes_who_waits(make_world: MakeWorld) -> None:
    world = make_world(seed=2, replicas=3)
    world.run(3, lambda: None)
    first, second, third = world.replicas
    assert isinstance(ask(first, 6_000, TPM), Reservation)
    world.run(5, lambda: None)
    assert isinstance(ask(first, 1_000, TPM), Shortage)
    assert isinstance(ask(second, 100, TPM, waits=False), Shortage)
    assert isinstance(ask(second, 100, TPM), Shortage)
    late = ask(third, 100, TPM, waits=False)
    assert isinstance(late, Shortage)
    assert late.wait_us == pytest.approx(7_000_000, abs=200_000), "for those before it, too"


def test_a_claim_that_is_not_renewed_is_nobody_s(make_world: MakeWorld) -> None:
    world = make_world(seed=3, replicas=2)
    world.run(3, lambda: None)
    gone, stays = world.replicas
    assert isinstance(ask(gone, 6_000, TPM), Reservation)
    assert isinstance(ask(gone, 6_000, TPM), Shortage)
    world.run(1.5, lambda: None)
    assert isinstance(ask(stays, 100, TPM), Shortage)
    world.run(1, lambda: None)
    assert isinstance(ask(stays, 100, TPM), Reservation)


def test_who_does_not_wait_claims_nothing(make_world: MakeWorld) -> None:
    world = make_world(seed=4, replicas=2)
    world.run(3, lambda: None)
    asks, takes = world.replicas
    assert isinstance(ask(asks, 5_900, TPM), Reservation)
    assert isinstance(ask(asks, 5_000, TPM, waits=False), Shortage)
    assert isinstance(ask(takes, 100, TPM), Reservation)


def test_no_two_wait_for_each_other_at_two_limits(make_world: MakeWorld) -> None:
    """Each first at one limit; the order is that of the older claim at both."""
    world = make_world(seed=5, replicas=2)
    world.run(3, lambda: None)
    one_, two = world.replicas
    for limit in (TPM, OTHER):
        assert isinstance(ask(one_, 6_000, limit), Reservation)
    ask(one_, 4_000, TPM)
    ask(two, 4_000, OTHER)
    started = []

    def both() -> None:
        for replica in (one_, two):
            if replica not in started and isinstance(ask(replica, 4_000, TPM, OTHER), Reservation):
                started.append(replica)

    world.run(85, both)
    assert started == [one_, two]


def test_a_limit_that_is_too_small_is_not_claimed(make_world: MakeWorld) -> None:
    world = make_world(seed=6, replicas=2)
    world.run(3, lambda: None)
    asks, takes = world.replicas
    answer = ask(asks, 7_000, TPM)
    assert isinstance(answer, Shortage)
    assert answer.never
    assert isinstance(ask(takes, 6_000, TPM), Reservation)
