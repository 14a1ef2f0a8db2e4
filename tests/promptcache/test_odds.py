from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.promptcache.odds import FIRST_GUESS, MOST_TRIALS, Kind, Odds, Tally

GUESS = Odds(0.2, 0.6)


def counted(*outcomes: tuple[bool, bool]) -> Tally:
    tally = Tally()
    for soon, later in outcomes:
        tally.soon(soon)
        tally.later(later)
    return tally


def test_without_counts_the_guess_stands() -> None:
    assert Tally().odds(GUESS, 4.0) == GUESS


def test_the_guess_counts_as_so_many_uses() -> None:
    assert counted((True, True)).odds(GUESS, 4.0) == Odds((0.8 + 1) / 5, (2.4 + 1) / 5)
    assert counted((False, True), (False, False)).odds(GUESS, 2.0) == Odds(0.4 / 4, (1.2 + 1) / 4)


def test_what_was_counted_elsewhere_counts_for_little() -> None:
    tally = counted(*[(False, False)] * 40)
    odds = tally.odds(GUESS, 4.0, 4.0)
    assert odds.soon == pytest.approx(0.1)
    assert odds.later == pytest.approx(0.3)


def test_a_change_of_habits_is_followed() -> None:
    tally = counted(*[(False, False)] * 1000)
    assert tally.soon_trials <= MOST_TRIALS
    for _ in range(150):
        tally.soon(True)
        tally.later(True)
    assert tally.odds(GUESS, 4.0).soon > 0.8


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=300), st.floats(0.5, 10), st.floats(1, 64))
def test_they_are_probabilities_and_soon_is_also_later(
    outcomes: list[tuple[bool, bool]], weight: float, most: float
) -> None:
    odds = counted(*[(soon and later, later) for soon, later in outcomes]).odds(GUESS, weight, most)
    assert 0 <= odds.soon <= odds.later <= 1


@pytest.mark.parametrize("kind", FIRST_GUESS)
def test_guesses_are_probabilities(kind: Kind) -> None:
    assert 0 < FIRST_GUESS[kind].soon <= FIRST_GUESS[kind].later < 1
