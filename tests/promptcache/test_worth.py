from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.promptcache.odds import Odds
from pointsman.promptcache.worth import (
    NOTHING,
    Choice,
    Life,
    Prices,
    Sizes,
    choices,
    choose,
    reading_premium,
    usual_price,
)

SONNET = Prices(3_000_000, 300_000, 3_750_000, 6_000_000)
NEVER = Odds(0.0, 0.0)


@pytest.mark.parametrize(
    ("soon", "later", "price"),
    [
        (0.0, 0.0, "fresh"),
        (0.21, 0.21, "fresh"),  # a write is 0.75 dearer, and a read 3.45 cheaper than to write again: 0.217
        (0.22, 0.22, "write_5m"),
        (0.0, 0.52, "fresh"),  # 3 dearer, 5.7 cheaper: 0.526
        (0.0, 0.53, "write_1h"),
        (0.9, 0.9, "write_5m"),
        (0.1, 0.9, "write_1h"),
    ],
)
def test_from_which_odds_on_it_pays_in_the_long_run(soon: float, later: float, price: str) -> None:
    assert usual_price(Odds(soon, later), SONNET) == getattr(SONNET, price)


@pytest.mark.parametrize(
    ("sizes", "tail", "shared", "kept"),
    [
        (Sizes(10_000), NEVER, NEVER, ("", "")),
        (Sizes(10_000), Odds(0.8, 0.85), NEVER, ("", "5m")),
        (Sizes(10_000), Odds(0.05, 0.95), NEVER, ("", "1h")),
        (Sizes(10_000), Odds(0.05, 0.5), NEVER, ("", "")),
        # what is there already is prolonged by little: the hour pays as soon as a pause of 6 minutes may come
        (Sizes(10_000, alive=9_500, life="5m"), Odds(0.8, 0.9), NEVER, ("", "1h")),
        (Sizes(10_000, alive=9_500, life="5m"), Odds(0.9, 0.9), NEVER, ("", "5m")),
        (Sizes(10_000, alive=9_500, life="1h"), Odds(0.0, 0.0), NEVER, ("", "")),
        (Sizes(10_000, 8_000), NEVER, Odds(0.5, 0.5), ("5m", "")),
        (Sizes(10_000, 8_000), NEVER, Odds(0.2, 0.9), ("1h", "")),
        (Sizes(10_000, 8_000), Odds(0.8, 0.8), NEVER, ("5m", "5m")),
        (Sizes(10_000, 8_000), Odds(0.8, 0.8), Odds(0.2, 0.9), ("1h", "5m")),
        (Sizes(10_000, 8_000, alive=8_000, life="5m"), NEVER, Odds(0.9, 0.9), ("", "")),
        (Sizes(10_000, markable=False), Odds(0.9, 0.9), NEVER, ("", "")),
        (Sizes(10_000, 8_000, markable=False), Odds(0.9, 0.9), NEVER, ("5m", "")),
    ],
)
def test_what_is_kept(sizes: Sizes, tail: Odds, shared: Odds, kept: tuple[Life, Life]) -> None:
    choice = choose(sizes, tail, shared, SONNET)
    assert (choice.shared, choice.tail) == kept
    assert (choice == NOTHING) == (kept == ("", ""))


def test_the_premium_is_what_is_lost_if_nothing_is_ever_read() -> None:
    found = {
        (each.shared, each.tail): each
        for each in choices(Sizes(1000, 400), Odds(0.9, 0.9), Odds(0.9, 0.9), SONNET)
    }
    assert found["5m", "5m"].premium == 1000 * 750_000
    assert found["1h", "5m"].premium == 400 * 3_000_000 + 600 * 750_000
    assert found["5m", ""].premium == 400 * 750_000
    assert reading_premium(Sizes(1000, alive=700, life="1h"), SONNET) == 700 * 3_000_000


ODDS = st.tuples(st.floats(0, 1), st.floats(0, 1)).map(lambda pair: Odds(min(pair), max(pair)))
PRICES = st.builds(
    lambda fresh, read, five, hour: Prices(
        fresh, read * fresh // 100, fresh + five * fresh // 100, fresh + hour * fresh // 100
    ),
    st.integers(100, 10**7),
    st.integers(0, 99),
    st.integers(0, 100),
    st.integers(0, 200),
)


@given(st.integers(1, 10**5), st.integers(0, 10**5), st.integers(0, 10**5), ODDS, ODDS, PRICES)
def test_whatever_is_chosen_is_expected_to_gain_and_an_hour_comes_first(
    prompt: int, shared: int, alive: int, tail: Odds, of_shared: Odds, prices: Prices
) -> None:
    sizes = Sizes(prompt, min(shared, prompt), min(alive, prompt), "5m" if alive else "")
    found = choices(sizes, tail, of_shared, prices)
    for choice in found:
        assert choice.gain > 0
        assert choice.premium >= 0
        assert (choice.shared, choice.tail) != ("5m", "1h")
    best = choose(sizes, tail, of_shared, prices)
    assert best.gain == max((choice.gain for choice in found), default=0.0)


@given(st.integers(1, 10**5), ODDS, PRICES)
def test_nobody_pays_for_what_is_never_used_again(prompt: int, odds: Odds, prices: Prices) -> None:
    assert choose(Sizes(prompt), Odds(0, 0), odds, prices) == Choice("", "", 0.0, 0)
