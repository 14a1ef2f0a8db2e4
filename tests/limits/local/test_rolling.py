from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.limits import Level, Limit, Scope, make_limit
from pointsman.limits.local.rolling import Rolling
from pointsman.limits.values.limit import MINUTE_US, NEVER

NOW = 1_000_000_000
KEY = Scope("key", "k")


def tpm(amount: int, slack_us: int = 0) -> Limit:
    return make_limit(KEY, "tpm", amount, window="rolling", slack_us=slack_us)


@pytest.mark.parametrize(
    ("at", "amount", "wait_us"),
    [
        (0, 31, NEVER),
        (2, 0, 0),
        (2, 1, MINUTE_US - 2),
        (2, 5, MINUTE_US - 2),
        (2, 6, MINUTE_US - 1),
        (2, 30, MINUTE_US),
        (MINUTE_US - 1, 1, 1),
        (MINUTE_US, 5, 0),
        (MINUTE_US, 6, 1),
        (MINUTE_US + 2, 30, 0),
    ],
)
def test_looking_and_taking_agree_on_the_wait(at: int, amount: int, wait_us: int) -> None:
    limit = tpm(30)
    window = Rolling.new(limit, NOW)
    for offset, taken in enumerate((5, 10, 15)):
        assert window.take(limit, taken, NOW + offset) == 0
    assert window.wait_us(limit, amount, NOW + at) == wait_us
    assert window.take(limit, amount, NOW + at) == wait_us


@given(
    steps=st.lists(
        st.tuples(st.integers(0, 4_000_000), st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=400
    )
)
def test_a_long_log_is_cut_and_nothing_of_it_lost(steps: list[tuple[int, int, int]]) -> None:
    """Beside a list that nothing is ever taken from."""
    limit, now = tpm(10**6), NOW
    window = Rolling.new(limit, now)
    log: list[tuple[int, int]] = []
    for step, reserved, used in steps:
        now += step
        assert window.take(limit, reserved, now) == 0
        window.settle(reserved, used, now, now)
        log.append((now, used))
        assert window.total == sum(amount for at, amount in log if now - at < MINUTE_US)
        assert len(window.times) == len(window.amounts)
    for at, _ in log:
        window.settle(0, 1, at, now)
    assert window.level(limit, now).used == sum(amount + 1 for at, amount in log if now - at < MINUTE_US)


def test_memory_is_bounded_by_one_window() -> None:
    limit, now = tpm(10**6), NOW
    window = Rolling.new(limit, now)
    for _ in range(20_000):
        now += 600_000  # a hundred in a window
        assert window.take(limit, 1, now) == 0
        window.settle(1, 2, now, now)
    assert window.total == 200
    assert len(window.times) <= 200


def test_what_has_left_the_window_is_left_alone_though_it_is_in_the_lists_still() -> None:
    limit = tpm(60)
    window = Rolling.new(limit, NOW)
    window.take(limit, 5, NOW)
    window.take(limit, 7, NOW + 1)
    window.take(limit, 1, NOW + MINUTE_US)
    window.settle(5, 60, NOW, NOW + MINUTE_US)
    assert window.total == 8


def test_what_is_undone_or_was_nothing_leaves_no_trace() -> None:
    limit = tpm(30)
    window = Rolling.new(limit, NOW)
    assert window.take(limit, 0, NOW) == 0
    for step in range(5):
        assert window.take(limit, 3, NOW + step) == 0
        window.undo(3, NOW + step)
    window.charge(limit, 0, NOW + 9)
    assert (window.times, window.amounts, window.total, window.held) == ([], [], 0, 0)
    assert window.idle(NOW + 9)


def test_what_is_undone_takes_nothing_from_others_of_the_same_microsecond() -> None:
    limit = tpm(30)
    window = Rolling.new(limit, NOW)
    window.take(limit, 4, NOW)
    window.take(limit, 3, NOW)
    window.undo(3, NOW)
    assert window.level(limit, NOW) == Level(limit, 4, 4, MINUTE_US)


def test_a_window_is_idle_once_all_has_left_it_and_nothing_is_held() -> None:
    limit = tpm(30, slack_us=5)
    window = Rolling.new(limit, NOW)
    window.take(limit, 4, NOW)
    assert not window.idle(NOW + MINUTE_US + 5)
    window.settle(4, 4, NOW, NOW + 1)
    assert not window.idle(NOW + MINUTE_US + 4)
    assert window.idle(NOW + MINUTE_US + 5)
