from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.limits import Level, Limit, Scope, make_limit
from pointsman.limits.local.bucket import Refill
from pointsman.limits.values.limit import MINUTE_US, NEVER

NOW = 1_000_000_000
KEY = Scope("key", "k")


def tpm(amount: int, slack_us: int = 0) -> Limit:
    return make_limit(KEY, "tpm", amount, slack_us=slack_us)


@pytest.mark.parametrize(
    ("limit", "used", "amount", "wait_us"),
    [
        (tpm(60), 0, 60, 0),
        (tpm(60), 0, 61, NEVER),
        (tpm(60), 60, 61, NEVER),
        (tpm(60), 60, 1, 1_000_000),
        (tpm(60), 60, 60, MINUTE_US),
        (tpm(60), 59, 1, 0),
        (tpm(60, slack_us=1_000_000), 59, 1, 1_000_000),
        (tpm(60, slack_us=1_000_000), 10, 59, 10_000_000),
        (tpm(60, slack_us=1_000_000), 10, 60, 10_000_000),  # more than it holds: once it is full
        (tpm(60, slack_us=MINUTE_US), 1, 1, 1_000_000),
        (tpm(60), 90, 0, 30_000_000),
    ],
)
def test_looking_and_taking_agree_on_the_wait(limit: Limit, used: int, amount: int, wait_us: int) -> None:
    bucket = Refill.new(limit, NOW)
    bucket.charge(limit, used, NOW)
    before = bucket.mark
    assert bucket.wait_us(limit, amount, NOW) == wait_us
    assert bucket.mark == before
    assert bucket.take(limit, amount, NOW) == wait_us
    if wait_us:
        assert (bucket.mark, bucket.held) == (before, 0)
    else:
        assert bucket.held == amount


@given(
    amount=st.integers(1, 10**9),
    slack_us=st.integers(0, MINUTE_US),
    charge=st.integers(0, 10**10),
    asked=st.integers(0, 10**9),
)
def test_the_wait_is_the_first_microsecond_at_which_it_fits(
    amount: int, slack_us: int, charge: int, asked: int
) -> None:
    limit = tpm(amount, slack_us)
    bucket = Refill.new(limit, NOW)
    bucket.charge(limit, charge, NOW)
    wait = bucket.wait_us(limit, asked, NOW)
    if asked > amount:
        assert wait == NEVER
        return
    assert bucket.wait_us(limit, asked, NOW + wait) == 0
    if wait:
        assert bucket.wait_us(limit, asked, NOW + wait - 1) == 1
    assert bucket.take(limit, asked, NOW + wait) == 0


@given(
    amounts=st.lists(st.integers(1, 10**6), min_size=2, max_size=6),
    used=st.integers(0, 10**6),
    step=st.integers(0, 10**8),
)
def test_what_was_used_outlives_any_change_of_the_limit(amounts: list[int], used: int, step: int) -> None:
    first, now = tpm(amounts[0]), NOW
    bucket = Refill.new(first, now)
    bucket.charge(first, used, now)
    left = used * MINUTE_US
    for amount in amounts[1:]:
        left = max(0, left - step * bucket.amount)
        now += step
        bucket.charge(tpm(amount), 0, now)
        assert max(0, bucket.mark - now * bucket.amount) == left


def test_a_bucket_is_idle_once_all_is_back_and_nothing_is_held() -> None:
    limit = tpm(60)
    bucket = Refill.new(limit, NOW)
    assert bucket.idle(NOW)
    bucket.take(limit, 1, NOW)
    assert not bucket.idle(NOW + 999_999)
    assert not bucket.idle(NOW + MINUTE_US)  # held still: its settlement will say how much it was
    bucket.settle(1, 1, NOW, NOW + 999_999)
    assert not bucket.idle(NOW + 999_999)
    assert bucket.idle(NOW + 1_000_000)
    assert bucket.level(limit, NOW + 1_000_000) == Level(limit, 0, 0, 0)


def test_what_is_undone_was_never_there() -> None:
    limit = tpm(60)
    bucket = Refill.new(limit, NOW)
    bucket.charge(limit, 5, NOW)
    bucket.take(limit, 7, NOW + 3)
    bucket.undo(7, NOW + 3)
    assert bucket.level(limit, NOW + 3) == Level(limit, 5, 0, 5_000_000 - 3)
