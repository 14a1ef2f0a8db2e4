"""What is kept of deployments and providers over the life of attempts."""

from __future__ import annotations

import pytest

from pointsman.errors import PointsmanError, UpstreamRateLimited, UpstreamRejected, UpstreamUnavailable
from pointsman.resilience import (
    BreakerPolicy,
    BudgetPolicy,
    DeploymentHealth,
    Health,
    HealthPolicy,
    HedgePolicy,
    Standing,
)

POLICY = HealthPolicy(
    breaker=BreakerPolicy(volume=4.0, threshold=0.5, open_for=5.0, probes=1, successes=1),
    budget=BudgetPolicy(share=0.5, reserve=0.0),
)
ILL, LIMITED, REJECTED = UpstreamUnavailable(""), UpstreamRateLimited(""), UpstreamRejected("", status=400)


def one(policy: HealthPolicy = POLICY) -> DeploymentHealth:
    return Health(policy).deployment("p/m", "p", 100.0)


def opened() -> DeploymentHealth:
    deployment = one()
    for _ in range(4):
        deployment.begin(100.0).fail(ILL, 100.0, 0.0)
    return deployment


def test_the_same_name_is_the_same_deployment() -> None:
    health = Health()
    assert health.deployment("p/m", "p", 1.0) is health.deployment("p/m", "p", 2.0)
    assert health.deployment("p/n", "p", 1.0).provider is health.provider("p", 3.0)
    assert len(health) == 2


def test_an_attempt_that_succeeds() -> None:
    deployment = one()
    ticket = deployment.begin(100.0)
    assert deployment.standing(100.0, 2.0) == Standing("p/m", 2.0, 1, 0.0)
    assert deployment.provider.budget.balance(100.0) == 0.5
    ticket.succeed(101.0, 1.0)
    assert deployment.in_flight == 0
    assert deployment.latency.quantile(0.5) == pytest.approx(1.0, rel=0.05)
    assert deployment.breaker.rate == 0.0


@pytest.mark.parametrize(("error", "rate"), [(ILL, 1.0), (LIMITED, None), (REJECTED, None)])
def test_only_what_speaks_ill_of_it_counts(error: PointsmanError, rate: float | None) -> None:
    deployment = one()
    deployment.begin(100.0).fail(error, 100.0, 0.0)
    assert deployment.in_flight == 0
    assert deployment.breaker.rate == rate
    assert deployment.latency.count == 0.0


def test_only_the_first_ending_counts() -> None:
    deployment = one()
    ticket = deployment.begin(100.0)
    ticket.cancel()
    ticket.cancel()
    ticket.first_byte(100.0, 0.1)
    ticket.succeed(100.0, 0.1)
    ticket.fail(ILL, 100.0, 0.0)
    assert (deployment.in_flight, deployment.breaker.rate, deployment.latency.count) == (0, None, 0.0)


def test_a_stream_counts_from_its_first_byte_and_is_in_flight_to_its_end() -> None:
    deployment = one()
    ticket = deployment.begin(100.0)
    ticket.first_byte(101.0, 1.0)
    ticket.first_byte(101.0, 1.0)
    assert (deployment.in_flight, deployment.latency.count, deployment.breaker.rate) == (1, 1.0, 0.0)
    ticket.succeed(150.0, 1.0)
    assert (deployment.in_flight, deployment.latency.count) == (0, 1.0)


def test_a_stream_that_breaks_later_still_counts_against_it() -> None:
    deployment = one()
    ticket = deployment.begin(100.0)
    ticket.first_byte(101.0, 1.0)
    ticket.fail(ILL, 102.0, 0.0)
    assert deployment.breaker.rate == pytest.approx(0.5, abs=0.03)
    assert deployment.in_flight == 0


def test_one_that_keeps_failing_is_not_healthy_until_a_probe_succeeds() -> None:
    deployment = opened()
    assert not deployment.healthy(100.0)
    assert deployment.standing(100.0).ready_in == 5.0
    deployment.begin(101.0).succeed(102.0, 1.0)  # sent all the same: changes nothing
    assert not deployment.healthy(102.0)
    probe = deployment.begin(105.0)
    assert not deployment.healthy(105.0)
    probe.first_byte(106.0, 1.0)
    assert deployment.healthy(106.0)


@pytest.mark.parametrize("ending", ["cancel", "limited"])
def test_a_probe_that_tells_nothing_gives_its_place_back(ending: str) -> None:
    deployment = opened()
    probe = deployment.begin(105.0)
    if ending == "cancel":
        probe.cancel()
    else:
        probe.fail(LIMITED, 105.0, 0.0)
    assert deployment.healthy(105.0)


def test_a_probe_that_is_cancelled_after_its_first_byte_gives_one_place_back_not_two() -> None:
    breaker = BreakerPolicy(volume=4.0, threshold=0.5, open_for=5.0, probes=2, successes=3)
    deployment = one(HealthPolicy(breaker=breaker))
    for _ in range(4):
        deployment.begin(100.0).fail(ILL, 100.0, 0.0)
    probe = deployment.begin(105.0)
    deployment.begin(105.0)
    probe.first_byte(106.0, 1.0)
    probe.cancel()
    assert deployment.healthy(106.0)
    deployment.begin(106.0)
    assert not deployment.healthy(106.0)


def test_retries_take_from_the_budget_of_the_provider() -> None:
    deployment = one()
    budget = deployment.provider.budget
    for _ in range(2):
        deployment.begin(100.0).fail(ILL, 100.0, 0.0)
    assert budget.has_room(100.0)
    deployment.begin(100.0, retry=True).succeed(100.0, 0.1)
    assert budget.balance(100.0) == 0.0


def test_names_that_callers_make_up_do_not_fill_the_memory() -> None:
    health = Health(HealthPolicy(most=10))
    busy = health.deployment("busy", "p", 100.0)
    ticket = busy.begin(100.0)
    for number in range(1_000):
        health.deployment(f"made-up-{number}", f"provider-{number}", 100.0)
        assert len(health) <= 10
    assert health.deployment("busy", "p", 100.0) is busy
    ticket.cancel()


def test_if_all_are_busy_a_new_one_works_without_being_kept() -> None:
    health = Health(HealthPolicy(most=1))
    kept = health.deployment("kept", "p", 100.0)
    kept.begin(100.0)
    other = health.deployment("other", "p", 100.0)
    other.begin(100.0).succeed(100.0, 0.1)
    assert health.deployment("kept", "p", 100.0) is kept
    assert health.deployment("other", "p", 100.0) is not other


def hedging(requests: int) -> tuple[Health, DeploymentHealth, DeploymentHealth]:
    health = Health(HealthPolicy(hedge=HedgePolicy(samples=10.0, share=0.1)))
    first, second = health.deployment("a/m", "a", 100.0), health.deployment("b/m", "b", 100.0)
    for _ in range(requests):
        first.begin(100.0).succeed(100.0, 2.0)
    return health, first, second


def test_hedging_is_for_those_who_ask_for_it() -> None:
    health = Health()
    first, second = health.deployment("a/m", "a", 100.0), health.deployment("b/m", "b", 100.0)
    assert health.hedge_after(first, second, 100.0, repeatable=True) is None
    assert not health.take_hedge(first, second, 100.0)


def test_hedges_wait_for_the_tail_and_are_held_to_their_share() -> None:
    health, first, second = hedging(20)
    assert health.hedge_after(first, second, 100.0, repeatable=True) == pytest.approx(2.0, rel=0.05)
    assert health.hedge_after(first, second, 100.0, repeatable=False) is None
    assert health.hedge_after(first, first, 100.0, repeatable=True) is None
    assert [health.take_hedge(first, second, 100.0) for _ in range(3)] == [True, True, False]
    assert health.hedge_after(first, second, 100.0, repeatable=True) is None


def test_no_hedge_without_room_in_the_retry_budget() -> None:
    health, first, second = hedging(20)
    assert health.hedge_after(first, second, 100.0, repeatable=True) is not None
    spent = 0
    while second.provider.budget.withdraw(100.0):
        spent += 1
    assert spent == 10
    assert health.hedge_after(first, second, 100.0, repeatable=True) is None
    assert not health.take_hedge(first, second, 100.0)
