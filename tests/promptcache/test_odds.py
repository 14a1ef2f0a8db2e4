from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.promptcache.odds import FIRST_GUESS, MOST_TRIALS, Kind, Odds, Tally

GUESS = Odds(0.2, 0.6)


def counted(outcomes: str) -> Tally:
    """S: followed soon. L: later. N: not at all."""
    tally = Tally()
    for outcome in outcomes:
        if outcome == "S":
            tally.soon()
        else:
            tally.not_soon()
            if outcome == "L":
                tally.later()
    return tally


def test_without_counts_the_guess_stands() -> None:
    odds = Tally().odds(GUESS, 4.0)
    assert (odds.soon, round(odds.later, 9)) == (GUESS.soon, GUESS.later)


@pytest.mark.parametrize(
    ("outcomes", "weight", "soon", "late"),
    [
        ("S", 4.0, (0.8 + 1) / 5, 0.5),
        ("L", 4.0, 0.8 / 5, (0.5 + 1) / 2),
        ("N", 4.0, 0.8 / 5, 0.5 / 2),
        ("SLN", 2.0, (0.4 + 1) / 5, (0.5 + 1) / 3),
    ],
)
def test_the_guess_counts_as_so_many_uses(outcomes: str, weight: float, soon: float, late: float) -> None:
    """Of those not followed soon, half are later: the guess says 0.2 soon and 0.6 in all."""
    odds = counted(outcomes).odds(GUESS, weight)
    assert odds.soon == pytest.approx(soon)
    assert odds.later == pytest.approx(soon + (1 - soon) * late)


def test_what_was_counted_elsewhere_counts_for_little() -> None:
    odds = counted("N" * 40).odds(GUESS, 4.0, 4.0)
    assert odds.soon == pytest.approx(0.1)
    assert odds.later == pytest.approx(0.1 + 0.9 * 0.1)


def test_a_change_of_habits_is_followed() -> None:
    tally = counted("N" * 1000)
    assert tally.soon_trials <= MOST_TRIALS >= tally.late_trials
    for _ in range(150):
        tally.soon()
    assert tally.odds(GUESS, 4.0).soon > 0.8


def test_who_is_never_followed_is_found_out_before_the_hour_is_over() -> None:
    assert counted("N" * 20).odds(FIRST_GUESS["task"], 4.0).later < 0.2


@given(st.text("SLN", max_size=300), st.floats(0.5, 10), st.floats(1, 64))
def test_they_are_probabilities_and_soon_is_also_later(outcomes: str, weight: float, most: float) -> None:
    odds = counted(outcomes).odds(GUESS, weight, most)
    assert 0 <= odds.soon <= odds.later <= 1


@pytest.mark.parametrize("kind", FIRST_GUESS)
def test_guesses_are_probabilities(kind: Kind) -> None:
    assert 0 < FIRST_GUESS[kind].soon <= FIRST_GUESS[kind].later < 1
