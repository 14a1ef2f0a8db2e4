"""The retry budget, against its definition."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.resilience import BudgetPolicy, RetryBudget


def test_quiet_traffic_may_retry_and_an_outage_is_held_to_the_share() -> None:
    budget = RetryBudget(BudgetPolicy(share=0.2, reserve=0.0, most=50.0), 100.0)
    assert not budget.withdraw(100.0)
    retried = 0
    for request in range(1_000):
        budget.deposit()
        retried += budget.withdraw(100.0 + request)
    assert 199 <= retried <= 200


def test_the_reserve_comes_back_with_time() -> None:
    budget = RetryBudget(BudgetPolicy(share=0.2, reserve=0.5, most=5.0), 100.0)
    assert [budget.withdraw(100.0) for _ in range(6)] == [True] * 5 + [False]
    assert not budget.has_room(101.9)
    assert budget.has_room(102.0)
    assert budget.withdraw(102.0) and not budget.withdraw(102.0)
    assert budget.balance(1_000.0) == 5.0
    assert budget.balance(50.0) == 0.0  # a clock that went back gives nothing and takes nothing


def test_without_a_time_it_begins_when_it_is_first_asked() -> None:
    budget = RetryBudget()
    assert budget.balance(1e9) == 10.0
    assert budget.withdraw(1e9 + 1.0)
    assert budget.balance(1e9 + 1.0) == pytest.approx(10.0)


@given(
    share=st.floats(0, 1),
    reserve=st.floats(0, 5),
    steps=st.lists(st.tuples(st.sampled_from("dw"), st.floats(0, 3)), max_size=60),
)
def test_what_is_held_is_what_was_paid_in_less_what_was_taken(
    share: float, reserve: float, steps: list[tuple[str, float]]
) -> None:
    now, held = 0.0, min(100.0, 10.0 * reserve)
    budget = RetryBudget(BudgetPolicy(share=share, reserve=reserve, most=100.0), now)
    for step, seconds in steps:
        now += seconds
        held = min(100.0, held + seconds * reserve)
        if step == "d":
            budget.deposit()
            held = min(100.0, held + share)
        else:
            allowed = budget.has_room(now)
            assert allowed is (held >= 1.0) or held == pytest.approx(1.0)
            assert budget.withdraw(now) is allowed
            held -= allowed
        assert budget.balance(now) == pytest.approx(held, abs=1e-6)
