from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from pointsman.ledger import UsageQuery, queries
from pointsman.ledger.queries import HOUR_US, insert, usage_sql
from pointsman.ledger.sqlite import SqliteStore


@pytest.mark.parametrize(
    ("since", "until", "hourly", "broken"),
    [
        pytest.param(0, 5 * HOUR_US, True, 0, id="whole hours"),
        pytest.param(1, 5 * HOUR_US, True, 1, id="broken start"),
        pytest.param(0, 5 * HOUR_US + 1, True, 1, id="broken end"),
        pytest.param(1, 5 * HOUR_US + 1, True, 2, id="both"),
        pytest.param(1, HOUR_US + 1, False, 1, id="across an hour's turn"),
        pytest.param(1, 2, False, 1, id="within an hour"),
        pytest.param(5, 5, False, 0, id="nothing"),
    ],
)
def test_single_requests_are_read_only_where_hours_are_broken(
    since: int, until: int, hourly: bool, broken: int
) -> None:
    sql, values = usage_sql(UsageQuery(since_us=since, until_us=until))
    assert ("FROM usage_hourly" in sql) is hourly
    assert sql.count("+id <=") == broken
    assert sql.count("?") == len(values)


def test_values_never_stand_in_the_statement() -> None:
    evil = "x'; DROP TABLE requests; --"
    sql, values = usage_sql(UsageQuery(key=evil, tenant=evil, model=evil, provider=evil))
    assert "DROP" not in sql
    assert values.count(evil) == 5 * sql.count("UNION ALL") + 5


def test_a_long_report_reads_the_requests_through_their_indexes(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "ledger.db").close()
    connection = sqlite3.connect(tmp_path / "ledger.db")
    sql, values = usage_sql(UsageQuery(since_us=1, until_us=9 * HOUR_US + 1))
    plan = [str(row[3]) for row in connection.execute(f"EXPLAIN QUERY PLAN {sql}", values)]
    connection.close()
    scans = [step for step in plan if step.startswith("SCAN requests")]
    assert not scans, plan
    assert sum("requests_by_time (at_us>? AND at_us<?)" in step for step in plan) == 2, plan
    assert any("SEARCH requests USING INTEGER PRIMARY KEY (rowid>?)" in step for step in plan), plan


def test_an_insert_ignores_only_what_is_there_already() -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE TABLE t (a TEXT NOT NULL UNIQUE, b)")
    statement = insert("t", ("a", "b"), ("a",), 2)
    assert connection.execute(statement, ("x", 1, "y", 2)).rowcount == 2
    assert connection.execute(statement, ("x", 3, "z", 4)).rowcount == 1
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute(statement, (None, 1, "q", 2))
    assert connection.execute("SELECT * FROM t").fetchall() == [("x", 1), ("y", 2), ("z", 4)]
    connection.close()


def test_every_statement_fits_the_schema(tmp_path: Path) -> None:
    SqliteStore(tmp_path / "ledger.db").close()
    connection = sqlite3.connect(tmp_path / "ledger.db")
    for statement in (queries.ROLL_UP, queries.ROLLED_UP, queries.NOT_ROLLED_UP):
        connection.execute(statement)
    assert connection.execute(queries.FIND_REQUEST, ("x",)).fetchone() is None
    assert connection.execute(queries.FIND_ATTEMPTS, ("x",)).fetchone() is None
    connection.rollback()
    connection.close()
