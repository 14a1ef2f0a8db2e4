from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.limits.learning.history import SLOT_US, SLOTS, History
from pointsman.limits.values.limit import MINUTE_US

START = 5_000_000
sent = st.lists(st.tuples(st.integers(0, 900_000_000), st.integers(1, 50)), max_size=40).map(sorted)


@given(sent, st.integers(0, 900_000_000), st.integers(0, 900_000_000))
def test_it_counts_as_a_list_would(calls: list[tuple[int, int]], since: int, until: int) -> None:
    history = History(START)
    for at, tokens in calls:
        history.add(1, tokens, START + at)
    last = max([at for at, _ in calls], default=0)
    oldest = (START + last) // SLOT_US - SLOTS
    for row in (0, 1):
        expected = sum(
            (1, tokens)[row]
            for at, tokens in calls
            if (START + since) // SLOT_US < (START + at) // SLOT_US <= (START + until) // SLOT_US
            and (START + at) // SLOT_US > oldest
        )
        assert history.within(row, START + since, START + until) == expected
    assert history.largest == [1, max([tokens for _, tokens in calls], default=1)]


def test_what_is_taken_back_was_not_sent() -> None:
    history = History(START)
    history.add(1, 500, START)
    history.add(-1, -500, START)
    assert history.within(1, 0, START) == 0


def test_what_came_before_it_began_is_left_out() -> None:
    history = History(START)
    history.add(1, 500, START - 10 * SLOT_US)
    assert history.within(1, 0, START + SLOT_US) == 0


@given(st.integers(1, 5_000), st.integers(0, 400))
def test_the_least_is_never_more_than_a_bucket_that_let_it_through(amount: int, seconds: int) -> None:
    """From full, a bucket is emptied at once and then used as it refills."""
    history = History(START)
    history.add(1, amount, START)
    for second in range(1, seconds + 1):
        history.add(1, amount * second // 60 - amount * (second - 1) // 60, START + second * 1_000_000)
    least = history.proven(1, START + seconds * 1_000_000, 0)
    assert 0.98 * amount - 1 <= least <= amount + 1e-6


@given(sent, st.integers(30, 3_000))
def test_after_it_has_drained_an_even_rate_fits_a_window(calls: list[tuple[int, int]], amount: int) -> None:
    history = History(START)
    now = START + 60_000_000
    kept = [(START + at % 60_000_000, tokens) for at, tokens in calls]
    for at, tokens in sorted(kept):
        history.add(1, tokens, at)
    begin = now + history.drained_us(1, now, amount)
    for step in range(0, 65):
        at = now + step * 1_000_000
        left = sum(tokens for when, tokens in kept if when // SLOT_US > (at - MINUTE_US) // SLOT_US)
        even = amount * min(max(0, at - begin), MINUTE_US) / MINUTE_US
        assert even == 0 or left + even <= amount * 1.01 + 1
