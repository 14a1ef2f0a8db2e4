from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.promptcache.stake import MOST_TIMES, SHARE, Stake


def test_one_at_a_time_until_one_was_followed() -> None:
    stake = Stake()
    assert stake.admits(100)
    stake.pledge(100)
    assert not stake.admits(1)
    assert stake.admits(100, own=100)
    stake.prove(360, 100, lost=False)
    for _ in range(3):
        assert stake.admits(100)
        stake.pledge(100)
    assert not stake.admits(100)


def test_after_a_loss_none_until_it_is_a_small_share_or_made_good() -> None:
    stake = Stake()
    stake.pledge(100)
    stake.lose(100)
    assert not stake.admits(1)
    for _ in range(50):
        assert not stake.admits(1)
        stake.see(2 * SHARE)
    assert stake.admits(1)
    stake.lose(0)
    stake.pledge(30)
    stake.lose(30)
    stake.prove(20, 0, lost=False)
    assert not stake.admits(1)
    stake.prove(20, 0, lost=False)
    assert stake.admits(1)


def test_what_was_not_written_is_not_at_stake() -> None:
    stake = Stake()
    stake.pledge(100)
    stake.release(100)
    assert stake.admits(1)


def test_what_was_proven_once_is_not_believed_for_ever() -> None:
    stake = Stake()
    for _ in range(1000):
        stake.prove(10, 0, lost=False)
    stake.pledge(1)
    assert stake.admits(MOST_TIMES * 10 - 1)
    assert not stake.admits(MOST_TIMES * 10)
    stake.prove(1, 0, lost=False)  # a small one takes nothing away
    assert stake.admits(MOST_TIMES * 10 - 1)


@pytest.mark.parametrize("premium", [0.25, 1.0])
@given(
    calls=st.lists(st.tuples(st.integers(1, 10**6), st.integers(0, 90), st.booleans()), max_size=20),
)
def test_who_is_never_followed_loses_a_small_share_and_one_premium(
    premium: float, calls: list[tuple[int, int, bool]]
) -> None:
    """Whenever it is found out that they are not; many of one size, then of another."""
    stake, lost, seen, most = Stake(), 0, 0, 0
    open_ones: list[int] = []
    for price, end in ((price, end) for price, times, end in calls for _ in range(times)):
        seen += price
        stake.see(price)
        asked = int(price * premium)
        if stake.admits(asked):
            stake.pledge(asked)
            open_ones.append(asked)
            lost += asked
            most = max(most, asked)
        if end and open_ones:
            stake.lose(open_ones.pop(0))
        assert lost <= seen / SHARE + most
