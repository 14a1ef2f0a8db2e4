from __future__ import annotations

from decimal import InvalidOperation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.costs import PER_USD, format_usd, parse_usd

CASES = [
    (0, "0"),
    (1, "0.000000000001"),
    (18_500_000, "0.0000185"),
    (PER_USD, "1"),
    (PER_USD + PER_USD // 4, "1.25"),
    (-PER_USD // 2, "-0.5"),
    (1_234_567 * PER_USD, "1234567"),
]


@pytest.mark.parametrize(("amount", "text"), CASES)
def test_amounts_are_written_and_read_exactly(amount: int, text: str) -> None:
    assert format_usd(amount) == text
    assert parse_usd(text) == amount


@given(st.integers(-(10**24), 10**24))
def test_reading_reverses_writing(amount: int) -> None:
    assert parse_usd(format_usd(amount)) == amount


def test_what_is_finer_than_the_unit_is_refused() -> None:
    with pytest.raises(ValueError, match="finer"):
        parse_usd("0.0000000000001")


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(InvalidOperation):
        parse_usd("much")
