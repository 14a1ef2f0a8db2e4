from __future__ import annotations

import pytest

from pointsman.errors import InvalidRequest
from pointsman.ledger.period import parse_moment
from tests.support.ledger_entries import HOUR_US, NOON_US


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("30m", NOON_US - HOUR_US // 2),
        ("12h", NOON_US - 12 * HOUR_US),
        ("7d", NOON_US - 7 * 24 * HOUR_US),
        ("2w", NOON_US - 14 * 24 * HOUR_US),
        ("0d", NOON_US),
        ("999999w", 0),
        ("today", NOON_US - 12 * HOUR_US),
        ("2026-09-25", NOON_US - 12 * HOUR_US),
        ("2026-09-25T12:00", NOON_US),
        ("2026-09-25T12:00:00.000001", NOON_US + 1),
        ("2026-09-25T14:00+02:00", NOON_US),
        ("2026-09-25T12:00Z", NOON_US),
        ("1970-01-01", 0),
        ("1960-01-01", 0),
    ],
)
def test_moments(text: str, moment: int) -> None:
    assert parse_moment(text, NOON_US, param="since") == moment


@pytest.mark.parametrize("text", ["", "d", "7", "7y", "-7d", "yesterday", "2026-13-01", "7d ago"])
def test_what_is_no_time_is_told_with_examples(text: str) -> None:
    with pytest.raises(InvalidRequest, match="7d, 2w") as wrong:
        parse_moment(text, NOON_US, param="since")
    assert wrong.value.param == "since"
