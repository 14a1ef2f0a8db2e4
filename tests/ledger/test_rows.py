from __future__ import annotations

import pytest
from hypothesis import given

from pointsman.ledger import Entry
from pointsman.ledger.rows import (
    ATTEMPT_COLUMNS,
    REQUEST_COLUMNS,
    attempt_rows,
    entry_from_rows,
    request_row,
    sole_attempt,
)
from tests.support.ledger_entries import ENTRIES, a_retried_entry, an_attempt, an_entry


@given(ENTRIES)
def test_rows_hold_everything_of_an_entry(entry: Entry) -> None:
    request, attempts = request_row(entry), attempt_rows(entry)
    assert len(request) == len(REQUEST_COLUMNS)
    assert all(len(row) == len(ATTEMPT_COLUMNS) for row in attempts)
    assert entry_from_rows(request, attempts) == entry


@pytest.mark.parametrize(
    ("entry", "rows"),
    [
        (an_entry(), 0),
        (a_retried_entry(), 2),
        (an_entry(attempts=()), 0),
        (an_entry(attempts=(an_attempt(cost=1),)), 1),
        (an_entry(attempts=(an_attempt(usage=None),)), 1),
        (an_entry(attempts=(an_attempt(estimated=True),)), 1),
        (an_entry(attempts=(an_attempt(number=2),)), 1),
    ],
)
def test_the_usual_attempt_needs_no_row_of_its_own(entry: Entry, rows: int) -> None:
    assert len(attempt_rows(entry)) == rows
    assert (sole_attempt(entry) is None) == (rows > 0 or not entry.attempts)


def test_a_foreign_value_is_told() -> None:
    row = list(request_row(an_entry()))
    row[REQUEST_COLUMNS.index("status")] = "teapot"
    with pytest.raises(TypeError, match="'teapot' where a number belongs"):
        entry_from_rows(row, [])
