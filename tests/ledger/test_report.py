from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.ledger import PART, Entry, Grouping, UsageQuery, UsageRow, total
from pointsman.ledger.report import (
    GROUPINGS,
    add,
    day_of,
    group_of,
    in_order,
    row_from_sums,
    row_of,
    summarise,
)
from tests.support.ledger_entries import ENTRIES, NOON_US, an_entry


@given(st.lists(ENTRIES, max_size=20), st.sampled_from(GROUPINGS))
def test_grouping_loses_and_doubles_nothing(entries: list[Entry], by: Grouping) -> None:
    rows = summarise((row_of(entry, group_of(entry, (by,))) for entry in entries), (by,))
    together = total(rows)
    assert together == total(row_of(entry, {}) for entry in entries)
    assert together.requests == sum(entry.cache != PART for entry in entries)
    assert together.cost == sum(entry.cost or 0 for entry in entries)
    assert together.attempts == sum(len(entry.attempts) for entry in entries)
    assert len({row.group[by] for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("query", "takes"),
    [
        (UsageQuery(), True),
        (UsageQuery(since_us=NOON_US, until_us=NOON_US + 1), True),
        (UsageQuery(since_us=NOON_US + 1), False),
        (UsageQuery(until_us=NOON_US), False),
        (UsageQuery(key="team-a"), True),
        (UsageQuery(key="key_1"), True),
        (UsageQuery(key="key_2"), False),
        (UsageQuery(key=""), False),
        (UsageQuery(tenant="acme", model="claude-sonnet-5-5", provider="anthropic"), True),
        (UsageQuery(tenant="other"), False),
        (UsageQuery(model="other"), False),
        (UsageQuery(provider="other"), False),
    ],
)
def test_what_a_query_takes(query: UsageQuery, takes: bool) -> None:
    assert query.takes(an_entry()) is takes


@pytest.mark.parametrize(("outcome", "errors"), [("ok", 0), ("cut", 0), ("error", 1), ("broken", 1)])
def test_a_client_that_left_is_no_error(outcome: str, errors: int) -> None:
    assert row_of(an_entry(outcome=outcome), {}).errors == errors


def test_unknown_is_counted_apart_and_never_as_zero() -> None:
    row = row_of(an_entry(cost=None, usage=None), {})
    assert (row.cost, row.unpriced) == (0, 1)
    assert row_of(an_entry(cost=0), {}).unpriced == 0


def test_days_are_those_of_utc() -> None:
    midnight = NOON_US + 12 * 3_600_000_000
    assert (day_of(midnight - 1), day_of(midnight)) == ("2026-09-25", "2026-09-26")


def a_row(group: dict[str, str], cost: int, requests: int = 1) -> UsageRow:
    return UsageRow(group, requests, 0, 0, 0, 0, 0, cost, 0, 0)


def test_the_dearest_comes_first_and_days_in_their_order() -> None:
    models = [a_row({"model": name}, cost, n) for name, cost, n in [("a", 1, 1), ("b", 3, 1), ("c", 1, 2)]]
    assert [row.group["model"] for row in in_order(models, ("model",))] == ["b", "c", "a"]
    days = [a_row({"day": day}, cost) for day, cost in [("2026-01-02", 9), ("2026-01-01", 1)]]
    assert [row.group["day"] for row in in_order(days, ("day",))] == ["2026-01-01", "2026-01-02"]


def test_sums_from_the_database_put_the_money_together_again() -> None:
    row = row_from_sums(("model",), ("m", 2, 1, 1, 3, 10, 4, 5, 9_000_000, 2_000_001, 1, 0))
    assert row == UsageRow({"model": "m"}, 2, 1, 3, 10, 4, 5, 9_000_002_000_001, 1, 0, 1)


def test_adding_keeps_the_group_of_the_first() -> None:
    assert add(a_row({"model": "a"}, 1), a_row({"model": "b"}, 2)) == a_row({"model": "a"}, 3, 2)
