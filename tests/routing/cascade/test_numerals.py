from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.routing.cascade.numerals import last_number, whole_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("So 3 + 4 = 7.", "7"),
        ("It costs $1,200.50 in all", "1200.5"),
        ("1,2,3", "3"),
        ("12,345,678 people", "12345678"),
        ("a discount of 18.0 %", "18"),
        ("-5", "-5"),
        ("the change is −0.50", "-0.5"),
        ("10-5", "5"),
        ("x = - 3", "-3"),
        ("$-7", "-7"),
        ("of the cake 6/8", "0.75"),
        ("a third is 1/3", "1/3"),
        (r"thus \frac{2}{6} is left", "1/3"),
        (r"in 3 steps \boxed{1{,}024} and no 9", "1024"),
        (r"\boxed{\frac{1}{2}} then 7 more words", "0.5"),
        ("1e3 grams", "1000"),
        (".5", "0.5"),
        ("-0.0", "0"),
        ("#### 42", "42"),
        ("**42**", "42"),
        ("5/0", "5"),
        ("no number here", None),
        ("", None),
    ],
)
def test_the_last_number_of_a_text_is_read_as_it_is_meant(text: str, number: str | None) -> None:
    assert last_number(text) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [("$1,200", "1200"), (" 18% ", "18"), ("$$7$$", "7"), ("42.", "42"), (r"\(3/4\)", "0.75")],
)
def test_a_text_that_is_a_number_is_one(text: str, number: str) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize("text", ["5 hours", "4 blue and 6 red", "x", "", "1" * 81])
def test_a_text_that_says_more_than_a_number_is_none(text: str) -> None:
    assert whole_number(text) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, places=4, min_value=-(10**9), max_value=10**9))
def test_every_way_of_writing_a_number_is_the_same_number(value: Decimal) -> None:
    plain = last_number(f"{value:f}")
    assert plain is not None
    assert Decimal(plain) == value
    assert last_number(f"it is {value:,.6f} of them") == plain
    assert last_number(plain) == plain
