"""Three times what the limits allow, for ten virtual minutes. The seed is in the name of each test."""

from __future__ import annotations

import pytest

from tests.support.queueing import Load, Outcome, flood


def check(load: Load) -> Outcome:
    outcome = flood(load)
    assert outcome.utilisation >= 0.98
    assert outcome.error <= 0.10
    most = 0.03  # late is also who is told before its deadline that others take its place
    assert outcome.late <= most * outcome.started
    return outcome


@pytest.mark.parametrize(
    "load",
    [
        Load(seed=101),
        Load(seed=102, window="rolling"),
        Load(seed=103, window="rolling", real=0.6, tpm=60_000),
        Load(seed=104, sizes={"k0": 6_000, "k1": 3_000}),
    ],
    ids=str,
)
def test_equal_keys_get_equal_parts_and_nothing_is_left_unused(load: Load) -> None:
    assert check(load).jain() >= 0.99


@pytest.mark.parametrize("seed", [105])
def test_weights_are_honoured(seed: int) -> None:
    weights = {"k0": 2.0, "k1": 2.5, "k2": 0.5}
    outcome = check(Load(seed, weights=weights))
    shares = {key: tokens / weights.get(key, 1.0) for key, tokens in outcome.served.items()}
    mean = sum(outcome.served.values()) / sum(weights.get(key, 1.0) for key in shares)
    one_call = 2 * 1_500 / mean  # what cannot be divided
    assert {
        key: share / mean
        for key, share in shares.items()
        if abs(share / mean - 1) > 0.02 + one_call / weights.get(key, 1.0)
    } == {}
