from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.caching.semantic.numbers import numbers, spelled
from pointsman.caching.semantic.reading import read


def of(text: str, language: str = "en") -> tuple[str, ...]:
    return numbers(read(text), language)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("twenty-five facts", "25 facts"),
        ("two hundred and fifty people", "250 people"),
        ("three thousand two hundred", "3200"),
        ("15% of 200", "15 percent of 200"),
        ("10 km", "10 kilometers"),
        ("10km", "10 km"),
        ("$5", "5 dollars"),
        ("1,000 words", "1000 words"),
        ("vierundzwanzig", "24"),
        ("５ apples", "5 apples"),
        ("on Monday", "on monday"),
        ("Jan 5", "January 5"),
    ],
)
def test_one_number_in_two_spellings(one: str, other: str) -> None:
    assert sorted(of(one)) == sorted(of(other)) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("from 5 to 3", "from 3 to 5"),
        ("-5 degrees", "5 degrees"),
        ("Python 3.1", "Python 3.10"),
        ("5 minutes", "5 hours"),
        ("the first one", "the second one"),
        ("once", "twice"),
        ("2024-01-05", "2024-01-06"),
        ("15:30", "15:45"),
        ("3 am", "3 pm"),
        ("in May 2020", "in June 2020"),
        ("today", "tomorrow"),
        ("a million", "a billion"),
        ("half", "a quarter"),
        ("三", "四"),
        ("H2O", "H3O"),
    ],
)
def test_two_numbers_are_two(one: str, other: str) -> None:
    assert of(one) != of(other)


@pytest.mark.parametrize(
    ("words", "made"),
    [
        ([], []),
        ([0], [0]),
        ([20, 5], [25]),
        ([2, 100, 50], [250]),
        ([3, 1000, 2, 100], [3200]),
        ([3, 100, 1000, 2, 100], [300_200]),
        ([1, 1_000_000, 1000], [1_001_000]),
        ([20, 20], [20, 20]),
        ([5, 6], [5, 6]),
        ([1000, 1000], [1000, 1000]),
        ([1000, 100], [1100]),
    ],
)
def test_words_make_numbers(words: list[int], made: list[int]) -> None:
    assert spelled(words) == made


def test_a_decimal_comma_is_none_of_thousands() -> None:
    assert of("1,000 Euro", "de") != of("1000 Euro", "de")


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_two_whole_numbers_agree_only_where_they_are_equal(one: int, other: int) -> None:
    assert (of(f"take {one} of them") == of(f"take {other} of them")) is (one == other)
