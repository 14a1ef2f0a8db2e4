from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pointsman.limits.learning.guess import (
    FEW,
    LEAST,
    LONGEST_PAUSE_US,
    MOST_STEP,
    PLATEAU_US,
    Guess,
)
from pointsman.limits.learning.history import History

S = 1_000_000
START = 10 * S


def after(requests: int, seconds: int, tokens: int = 100) -> tuple[Guess, int]:
    """A guess before its first refusal, after an even load."""
    history = History(START)
    for n in range(requests):
        history.add(1, tokens, START + n * seconds * S // requests)
    return Guess(history), START + seconds * S


def test_the_first_refusal_shows_what_a_bucket_that_was_full_holds() -> None:
    guess, now = after(90, 30)
    guess.refuse(now, 100, None, now + S)
    assert guess.top is not None
    assert 58 <= guess.top <= 61, "1.5 times 60 within half a minute, from full"
    rate = guess.rate()
    assert rate is not None
    assert (1 - MOST_STEP) * guess.top <= rate < guess.top


def test_a_second_refusal_right_after_shows_a_window() -> None:
    guess, now = after(60, 20)
    pause = guess.refuse(now, 100, None, now + S // 10)
    now += pause + S
    pause = guess.refuse(now, 100, None, now + S // 10)
    assert guess.shape == "rolling"
    assert guess.top is not None
    assert 59 <= guess.top <= 61
    assert 30 * S < pause < 45 * S, "until the first of them leave the window"


def test_a_call_that_goes_through_shows_a_bucket() -> None:
    guess, now = after(90, 30)
    pause = guess.refuse(now, 100, None, now + 1)
    guess.accept(now)
    shapes = [guess.shape]
    guess.accept(now + pause + S)
    assert [*shapes, guess.shape] == ["unknown", "refill"], "the first one was sent before"


def test_a_wait_that_fits_a_window_shows_one_at_once() -> None:
    guess, now = after(60, 20)
    assert guess.refuse(now, 100, 40 * S, now) == 40 * S
    assert guess.shape == "rolling"


def test_refusals_of_calls_that_were_under_way_say_nothing_new() -> None:
    guess, now = after(90, 30)
    guess.refuse(now, 100, None, now + S)
    top = guess.top
    assert guess.refuse(now + S // 2, 100, None, now + 2 * S) == 0
    assert guess.top == top


def test_large_calls_refused_first_show_that_tokens_are_limited() -> None:
    guess, now = after(90, 30)
    guess.refuse(now, 1_000, None, now)
    assert guess.dimension == "tpm"


def test_refusals_alone_are_an_outage_and_not_a_limit() -> None:
    guess, now = after(3, 10)
    pauses = []
    for _ in range(12):
        pauses.append(guess.refuse(now, 100, None, now + 1))
        now += 61 * S
    assert guess.rate() is None, "it would let through one call a minute when the outage is over"
    assert pauses == [S << min(count, 6) if count < 6 else LONGEST_PAUSE_US for count in range(12)]


def test_few_requests_are_no_evidence() -> None:
    guess, now = after(FEW - 2, 30)
    for _ in range(12):
        guess.refuse(now, 100, None, now + 1)
        guess.accept(now + 2)
        now += S
    assert guess.rate() is None


def test_it_recovers_only_under_load_slowly_at_first_and_then_beyond() -> None:
    guess, now = after(90, 30)
    guess.refuse(now, 100, None, now)
    low, top = guess.rate(), guess.top
    assert low is not None
    assert top is not None
    now += 60 * S
    guess.grow(now)
    assert guess.rate() == low, "nobody asked for more"
    rates = []
    for _ in range(2 * PLATEAU_US // S + 60):
        now += S
        guess.history.add(2, 200, now)
        guess.grow(now)
        rates.append(guess.rate() or 0.0)
    assert rates == sorted(rates)
    assert abs(rates[PLATEAU_US // S + 30] / top - 1) < 0.005
    assert rates[-1] > 1.01 * top


refusals = st.lists(
    st.tuples(st.integers(0, 90), st.integers(0, 20_000), st.none() | st.integers(0, 60)), max_size=30
)


@given(st.integers(0, 300), refusals)
def test_it_is_never_zero_and_shrinks_by_half_at_most(
    sent: int, series: list[tuple[int, int, int | None]]
) -> None:
    guess, now = after(sent, 30)
    for gap, tokens, wait in series:
        before, row = guess.rate(), guess.row
        now += gap * S
        pause = guess.refuse(now, tokens, None if wait is None else wait * S, now)
        assert 0 <= pause <= 60 * S
        rate = guess.rate()
        if rate is not None:
            assert rate >= 0.9
            if before is not None and guess.row == row and guess.shape == "refill":
                assert rate >= LEAST * before * (1 - MOST_STEP) - 1
        guess.accept(now - 1)
