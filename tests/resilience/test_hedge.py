"""When a second request is sent."""

from __future__ import annotations

import pytest

from pointsman.resilience import HedgePolicy, Latency, hedge_after
from pointsman.resilience.hedge import hedge_budget

POLICY = HedgePolicy(quantile=0.95, samples=50.0, share=0.05, least=0.1)


def seen(samples: list[float]) -> Latency:
    latency = Latency(0.0)
    for sample in samples:
        latency.observe(sample, 0.0)
    return latency


SLOW_TAIL = seen([0.5] * 90 + [4.0] * 10)
QUICK = seen([0.01] * 100)
FEW = seen([0.5] * 49)
YES = {"hedges_left": True, "retries_left": True, "repeatable": True, "others": True}


@pytest.mark.parametrize(("latency", "after"), [(SLOW_TAIL, 4.0), (QUICK, 0.1)])
def test_after_the_tail_begins(latency: Latency, after: float) -> None:
    assert hedge_after(latency, POLICY, **YES) == pytest.approx(after, rel=0.05)


def test_too_few_samples_tell_nothing_about_a_tail() -> None:
    assert hedge_after(FEW, POLICY, **YES) is None


@pytest.mark.parametrize("missing", YES)
def test_each_condition_is_needed(missing: str) -> None:
    assert hedge_after(SLOW_TAIL, POLICY, **{**YES, missing: False}) is None


def test_hedges_are_held_to_their_share_even_where_all_is_slow() -> None:
    budget, hedged = hedge_budget(POLICY, 0.0), 0
    for request in range(10_000):
        budget.deposit()
        hedged += budget.withdraw(float(request))
    assert 490 <= hedged <= 500
