from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.simulator.levels import MINUTE_US, Bucket, Level, Window

SECOND = 1_000_000
MINUTE = MINUTE_US

STEPS = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 90 * SECOND), st.sampled_from([0, SECOND, MINUTE - 1, MINUTE, MINUTE + 1])),
        st.integers(0, 60),
        st.sampled_from(["ask", "ask", "ask", "take", "waste"]),
    ),
    max_size=40,
)
"""A pause, an amount, and what is done: taken if it fits, taken without asking, or refused."""


def test_a_bucket_refills_evenly_and_exactly() -> None:
    bucket = Bucket(60, now=0)
    bucket.take(60, now=0)
    assert bucket.remaining(0) == 0
    assert bucket.wait(1, 0) == SECOND
    assert bucket.remaining(SECOND - 1) == 0
    assert bucket.remaining(SECOND) == 1
    assert bucket.until_full(SECOND) == 59 * SECOND
    assert bucket.remaining(10 * MINUTE) == 60
    assert bucket.wait(61, 10 * MINUTE) is None


@given(
    per_minute=st.integers(1, 5000),
    steps=st.lists(st.tuples(st.integers(0, 90 * SECOND), st.integers(0, 200)), max_size=30),
)
def test_never_more_than_a_full_bucket_and_its_refill(per_minute: int, steps: list[tuple[int, int]]) -> None:
    bucket, now, taken = Bucket(per_minute, 0), 0, 0
    for pause, amount in steps:
        now += pause
        wait = bucket.wait(amount, now)
        if wait == 0:
            bucket.take(amount, now)
            taken += amount
        elif wait is not None:
            assert bucket.wait(amount, now + wait - 1) == 1
            assert bucket.wait(amount, now + wait) == 0
            now += wait
        assert taken <= per_minute + Fraction(now * per_minute, MINUTE)


def test_a_refused_request_empties_a_bucket_but_leaves_no_debt() -> None:
    bucket = Bucket(60, now=0)
    bucket.waste(0)
    assert (bucket.remaining(0), bucket.total, bucket.peak) == (59, 0, 0)
    bucket.take(59, 0)
    bucket.waste(SECOND // 2)
    assert bucket.wait(1, SECOND // 2) == SECOND
    bucket.take(30, SECOND // 2)
    bucket.waste(SECOND)
    assert bucket.wait(0, SECOND) == 29_500_000, "a debt is left as it is"


def test_what_was_taken_from_a_window_comes_back_at_once() -> None:
    window = Window(10)
    window.take(4, 0)
    window.take(6, 10 * SECOND)
    assert [window.wait(amount, 20 * SECOND) for amount in (0, 1, 4, 5, 10, 11)] == [
        0,
        40 * SECOND,
        40 * SECOND,
        50 * SECOND,
        50 * SECOND,
        None,
    ]
    assert window.until_full(20 * SECOND) == 50 * SECOND
    assert [window.remaining(at) for at in (MINUTE - 1, MINUTE, 70 * SECOND)] == [0, 4, 10]
    assert window.until_full(70 * SECOND) == 0


@given(per_minute=st.integers(1, 100), steps=STEPS)
def test_a_window_against_a_log_of_everything(per_minute: int, steps: list[tuple[int, int, str]]) -> None:
    """The log keeps all that ever happened, and is summed up anew for each question."""
    window, log, now = Window(per_minute), list[tuple[int, int]](), 0
    total = peak = 0

    def used(at: int) -> int:
        return sum(amount for when, amount in log if at - MINUTE < when <= at)

    for pause, amount, what in steps:
        now += pause
        assert window.used(now) == used(now)
        assert window.remaining(now) == max(0, per_minute - used(now))
        ends = sorted({now} | {when + MINUTE for when, _ in log if when + MINUTE > now})
        fits = [at for at in ends if used_later(log, at) + amount <= per_minute]
        expected = None if amount > per_minute else fits[0] - now
        assert window.wait(amount, now) == expected
        if what == "waste":
            window.waste(now)
            log.append((now, 1))
        elif what == "take" or expected == 0:
            window.take(amount, now)
            log.append((now, amount))
            total, peak = total + amount, max(peak, used(now))
        assert (window.total, window.peak) == (total, peak)
        last = max((when for when, amount in log if amount and when > now - MINUTE), default=None)
        assert window.until_full(now) == (0 if last is None else last + MINUTE - now)


def used_later(log: list[tuple[int, int]], at: int) -> int:
    return sum(amount for when, amount in log if when > at - MINUTE)


@given(per_minute=st.integers(1, 100), steps=STEPS)
def test_no_sixty_seconds_hold_more_than_the_limit(
    per_minute: int, steps: list[tuple[int, int, str]]
) -> None:
    window, now, admitted = Window(per_minute), 0, list[tuple[int, int]]()
    for pause, amount, _ in steps:
        now += pause
        if window.wait(amount, now) == 0:
            window.take(amount, now)
            admitted.append((now, amount))
    for start, _ in admitted:
        assert sum(amount for at, amount in admitted if start <= at < start + MINUTE) <= per_minute
    assert window.peak <= per_minute


@pytest.mark.parametrize("level", [Bucket(100, 0), Window(100)], ids=["bucket", "window"])
def test_what_was_used_at_most_is_remembered(level: Level) -> None:
    level.take(70, 0)
    level.take(20, 0)
    assert (level.used(0), level.peak, level.total) == (90, 90, 90)
    level.take(30, 0)
    assert (level.used(0), level.remaining(0), level.peak) == (120, 0, 120)
    assert level.used(2 * MINUTE) == 0
    level.take(10, 2 * MINUTE)
    assert (level.used(2 * MINUTE), level.peak, level.total) == (10, 120, 130)
