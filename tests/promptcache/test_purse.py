from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.promptcache.purse import MOST_TIMES, Purse


def test_no_more_is_risked_than_there_is() -> None:
    purse = Purse(100)
    assert purse.hold(60)
    assert not purse.hold(41)
    assert purse.hold(40)
    assert purse.free == 0
    purse.settle(60, -60)
    purse.settle(40, 500)
    assert purse.free == 540


def test_gains_are_kept_up_to_a_bound() -> None:
    purse = Purse(100)
    purse.settle(0, 10**9)
    assert purse.free == 100 * MOST_TIMES


@given(st.lists(st.tuples(st.integers(0, 300), st.integers(-300, 1000), st.booleans())))
def test_the_sum_of_all_calls_never_falls_below_what_it_began_with(
    calls: list[tuple[int, int, bool]],
) -> None:
    """However the calls end: each loses no more than was set aside for it."""
    purse, earned = Purse(200), 0
    under_way: list[tuple[int, int]] = []
    for premium, gain, waits in calls:
        if not purse.hold(premium):
            continue
        under_way.append((premium, max(gain, -premium)))
        if not waits:
            for held, amount in under_way:
                purse.settle(held, amount)
                earned += amount
            under_way.clear()
        assert earned >= -200
        assert purse.free >= 0
