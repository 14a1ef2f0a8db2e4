from __future__ import annotations

from random import Random

import pytest

from pointsman.routing.evidence import Logged, doubly_robust, ips, self_normalised
from pointsman.routing.evidence.off_policy import effective_size

ALWAYS_FIRST = (1.0, 0.0)


def test_by_hand() -> None:
    """Two requests, each choice at even odds; the policy always takes the first. IPS: (2 · 1 + 0)/2 = 1;
    self-normalised: 2 · 1/2 = 1; doubly robust: (.5 + 2 · .5 + .5)/2 = 1."""
    log = [Logged(0, 0.5, 1.0, ALWAYS_FIRST, (0.5, 0.8)), Logged(1, 0.5, 0.4, ALWAYS_FIRST, (0.5, 0.8))]
    assert ips(log).value == 1.0
    found = self_normalised(log)
    assert found is not None and found.value == 1.0
    assert doubly_robust(log).value == pytest.approx(1.0)
    assert effective_size(log) == 1.0


def world(seed: int, count: int) -> list[Logged]:
    """Hard prompts (3 of 10) earn .2 with the first and .9 with the second, others .9 with both. The first
    was taken with .8 on easy and .1 on hard ones. The policy takes the first with .9, always: worth
    .9 · (.7 · .9 + .3 · .2) + .1 · .9 = .711. Predictions are wrong by a constant."""
    rng, log = Random(seed), []
    for _ in range(count):
        hard = rng.random() < 0.3
        worth = (0.2 if hard else 0.9, 0.9)
        first = 0.1 if hard else 0.8
        chosen = int(rng.random() >= first)
        reward = float(rng.random() < worth[chosen])
        wrong = (worth[0] - 0.1, worth[1] - 0.1)
        log.append(Logged(chosen, first if chosen == 0 else 1 - first, reward, (0.9, 0.1), wrong))
    return log


TRUTH = 0.711


@pytest.mark.parametrize("method", [ips, self_normalised, doubly_robust])
def test_the_truth_is_in_the_interval_as_often_as_it_says(method: object) -> None:
    inside, values = 0, []
    for seed in range(200):
        found = method(world(seed, 500))  # type: ignore[operator]  # three functions of one signature
        inside += found.low <= TRUTH <= found.high
        values.append(found.value)
    assert inside / 200 >= 0.9
    assert sum(values) / 200 == pytest.approx(TRUTH, abs=0.01)


def test_predictions_take_noise_out() -> None:
    log = world(1, 2000)
    assert doubly_robust(log).high - doubly_robust(log).low < ips(log).high - ips(log).low


@pytest.mark.parametrize("propensity", [0.0, -0.1, 1.1])
def test_what_could_not_be_chosen_was_not(propensity: float) -> None:
    with pytest.raises(ValueError, match="propensity"):
        ips([Logged(0, propensity, 1.0, ALWAYS_FIRST)])


def test_a_policy_that_never_chose_so_has_no_value() -> None:
    log = [Logged(1, 0.5, 1.0, ALWAYS_FIRST)]
    assert self_normalised(log) is None
    assert effective_size(log) == 0.0


def test_predictions_are_needed_for_the_doubly_robust_one() -> None:
    with pytest.raises(ValueError):
        doubly_robust([Logged(0, 0.5, 1.0, ALWAYS_FIRST)])
