from __future__ import annotations

import asyncio
import queue
import sqlite3
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pointsman.errors import ConfigurationError, InternalError
from pointsman.ledger import OUTCOMES, Entry, Grouping, UsageQuery, total
from pointsman.ledger.queries import insert
from pointsman.ledger.report import GROUPINGS, group_of, row_of, summarise
from pointsman.ledger.rows import ATTEMPT_COLUMNS, REQUEST_COLUMNS, attempt_rows, request_row
from pointsman.ledger.sqlite import SqliteLedger, SqliteReader, SqliteStore
from pointsman.storage.sqlite import connect, migrate, schema_scripts
from tests.support.ledger_contract import LedgerContract, ReportingLedger
from tests.support.ledger_entries import ENTRIES, TIMES, a_retried_entry, an_entry


class TestSqliteLedger(LedgerContract):
    @pytest.fixture
    async def ledger(self, tmp_path: Path) -> AsyncIterator[ReportingLedger]:
        ledger = SqliteLedger(tmp_path / "ledger.db", interval=0.001)
        yield ledger
        await ledger.close()


QUERIES = st.builds(
    UsageQuery,
    since_us=st.just(0) | TIMES,
    until_us=st.just(2**62) | TIMES,
    by=st.lists(st.sampled_from(GROUPINGS), unique=True, max_size=3).map(lambda by: tuple[Grouping, ...](by)),
    key=st.none() | st.sampled_from(["a", "c'\"--"]),
    tenant=st.none() | st.just("b"),
    model=st.none() | st.just("a"),
    provider=st.none() | st.just("b"),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(ENTRIES, max_size=90), QUERIES, st.integers(0, 90))
def test_entries_and_reports_are_those_of_a_naive_sum(
    entries: list[Entry], query: UsageQuery, rolled_up: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "ledger.db")
        store.commit(entries[:rolled_up])
        store.roll_up()
        store.commit(entries[rolled_up:])
        store.commit(entries[:7])
        assert store.problem is None
        store.close()
        reader = SqliteReader(Path(folder) / "ledger.db")
        expected = summarise(
            (row_of(entry, group_of(entry, query.by)) for entry in entries if query.takes(entry)), query.by
        )
        assert reader.report(query) == expected
        for entry in entries[:3]:
            assert reader.find(entry.request_id) == entry


async def test_another_connection_reads_whole_groups_while_entries_are_written(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db", interval=0.001)
    reader = SqliteReader(tmp_path / "ledger.db")
    seen = [0]
    for start in range(0, 6000, 100):
        for number in range(start, start + 100):
            ledger.record(an_entry(f"req_{number}", cost=3))
        row = total(await asyncio.to_thread(reader.report, UsageQuery(by=("model",))))
        assert row.cost == 3 * row.requests
        seen.append(row.requests)
    await ledger.close()
    assert seen == sorted(seen)
    assert total(reader.report(UsageQuery())).requests == 6000


async def test_ids_are_told_when_they_are_in_the_file(tmp_path: Path) -> None:
    told: list[str] = []
    reader = SqliteReader(tmp_path / "ledger.db")

    def committed(request_id: str) -> None:
        assert reader.find(request_id) is not None
        told.append(request_id)

    ledger = SqliteLedger(tmp_path / "ledger.db", committed=committed)
    for number in range(5):
        ledger.record(an_entry(str(number)))
    await ledger.flush()
    assert told == ["0", "1", "2", "3", "4"]
    await ledger.close()


async def test_while_the_file_is_locked_entries_wait_and_health_says_why(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    troubles: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    ledger = SqliteLedger(path, interval=0.001, most_waiting=1, troubled=troubles.put)
    ledger._store._connection.execute("PRAGMA busy_timeout = 1")
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    ledger.record(an_entry("one"))
    ledger.record(an_entry("two"))
    assert "database is locked" in str(troubles.get(timeout=9))
    assert "database is locked" in str(ledger.health())
    assert "2 entries wait in memory" in str(ledger.health())
    assert ledger.full
    assert await ledger.find("two") == an_entry("two")
    other.execute("ROLLBACK")
    other.close()
    await ledger.flush()
    assert troubles.get(timeout=9) is None
    assert (ledger.health(), ledger.full, ledger.backlog) == (None, False, 0)
    assert SqliteReader(path).find("two") == an_entry("two")
    await ledger.close()


async def test_a_full_disk_keeps_entries_waiting(tmp_path: Path) -> None:
    troubles: queue.SimpleQueue[str | None] = queue.SimpleQueue()
    ledger = SqliteLedger(tmp_path / "ledger.db", interval=0.001, troubled=troubles.put)
    pages = ledger._store._connection.execute("PRAGMA page_count").fetchone()[0]
    ledger._store._connection.execute(f"PRAGMA max_page_count = {pages}")
    for number in range(500):
        ledger.record(an_entry(str(number)))
    assert "disk is full" in str(troubles.get(timeout=9))
    ledger._store._connection.execute("PRAGMA max_page_count = 1000000")
    await ledger.flush()
    assert total(await ledger.report(UsageQuery())).requests == 500
    await ledger.close()


async def test_closing_while_the_file_is_away_says_how_many_are_lost(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db", interval=0.001)
    ledger._store._connection.execute("PRAGMA query_only = 1")
    ledger.record(an_entry("one"))
    with pytest.raises(InternalError, match="1 entries of the ledger could not be stored"):
        ledger._writer.close(patience=0)
    with pytest.raises(InternalError, match="closed"):
        await ledger.flush()
    await ledger.close()


@pytest.mark.parametrize(
    "misfit",
    [
        pytest.param(an_entry("bad", cost=2**63), id="money beyond 64 bits"),
        pytest.param(an_entry("bad", requested="\udcff"), id="no Unicode"),
        pytest.param(an_entry("bad", tenant=None), id="null"),
        pytest.param(a_retried_entry("bad", at_us=-(2**70)), id="time"),
    ],
)
async def test_an_entry_that_fits_no_column_is_set_aside_and_harms_no_other(
    tmp_path: Path, misfit: Entry
) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db")
    for entry in (an_entry("one"), misfit, a_retried_entry("two")):
        ledger.record(entry)
    await ledger.flush()
    reader = SqliteReader(tmp_path / "ledger.db")
    assert [reader.find(name) is not None for name in ("one", "bad", "two")] == [True, False, True]
    assert reader.misfits() == 1
    assert "misfits" in str(ledger.health())
    await ledger.close()


async def test_only_so_many_entries_are_remembered(tmp_path: Path) -> None:
    ledger = SqliteLedger(tmp_path / "ledger.db")
    for number in range(3000):
        ledger.record(an_entry(str(number)))
    await ledger.flush()
    assert len(ledger._known) == 2048
    assert await ledger.find("0") == an_entry("0")
    await ledger.close()


def test_the_views_speak_to_people(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    store = SqliteStore(path)
    store.commit([an_entry("a", cost=1_050_000_000_000), a_retried_entry("b"), an_entry("c", cost=None)])
    store.roll_up()
    store.commit([an_entry("d", cost=2**63 - 1)])
    again = an_entry("e", cost=0, cache="hit", source="a", saved=1_050_000_000_000, attempts=(), usage=None)
    store.commit([again])
    connection = sqlite3.connect(path)
    calls = connection.execute("SELECT time, request_id, tokens_in, cost_usd, total_ms FROM calls").fetchall()
    assert calls[0] == ("2026-09-25T12:00:00.000Z", "a", 1300, "1.050000000000", 812.4)
    assert [row[3] for row in calls] == [
        "1.050000000000",
        "0.005810000000",
        None,
        "9223372.036854775807",
        "0.000000000000",
    ]
    given = connection.execute("SELECT cache, source, saved_usd FROM calls WHERE request_id = 'e'").fetchall()
    assert given == [("hit", "a", "1.050000000000")]
    numbers = connection.execute("SELECT request_id, number, status FROM attempts ORDER BY 1, 2").fetchall()
    assert numbers == [("a", 1, 200), ("b", 1, 529), ("b", 2, 200), ("c", 1, 200), ("d", 1, 200)]
    spend = connection.execute("SELECT day, model, requests, cost_usd, unpriced FROM spend_by_day").fetchall()
    assert spend == [
        ("2026-09-25", "claude-sonnet-5-5", 4, "9223373.086854775807", 1),
        ("2026-09-25", "gpt-6-luna", 1, "0.005810000000", 0),
    ]
    connection.close()
    store.close()


def test_the_file_of_an_older_version_is_brought_up_to_date_by_who_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    connection = connect(path)
    migrate(connection, "ledger", schema_scripts("pointsman.ledger")[:2])
    old = [
        name for name in REQUEST_COLUMNS if name not in ("cache", "source", "saved", "attempt_breakpoints")
    ]
    older_attempts = ATTEMPT_COLUMNS[:-1]
    entries = [an_entry("a"), a_retried_entry("b"), an_entry("c", provider="cache", attempts=(), usage=None)]
    for entry in entries:
        row = dict(zip(REQUEST_COLUMNS, request_row(entry), strict=True))
        connection.execute(insert("requests", old, ("request_id",), 1), [row[name] for name in old])
        for attempt in attempt_rows(entry):
            statement = insert("retried_attempts", older_attempts, ("request_id", "number"), 1)
            connection.execute(statement, attempt[:-1])
    connection.close()
    entries[2] = msgspec.structs.replace(entries[2], cache="hit", saved=None)
    assert list(SqliteReader(path).entries(UsageQuery())) == entries
    (sums,) = SqliteReader(path).report(UsageQuery(by=()))
    assert (sums.requests, sums.hits) == (3, 1)


@pytest.mark.parametrize("rolled_up", [False, True])
def test_an_error_that_was_shared_is_an_error_and_no_hit(tmp_path: Path, rolled_up: bool) -> None:
    path = tmp_path / "ledger.db"
    store = SqliteStore(path)
    shared: dict[str, object] = {"provider": "cache", "cache": "coalesced", "attempts": ()}
    entries = [an_entry(outcome, **(shared | {"outcome": outcome})) for outcome in OUTCOMES]
    store.commit(entries)
    if rolled_up:
        store.roll_up()
    store.close()
    (sums,) = SqliteReader(path).report(UsageQuery(by=()))
    assert (sums.requests, sums.errors, sums.hits) == (4, 2, 2)
    whole = total(row_of(entry, {}) for entry in entries)
    assert (whole.requests, whole.errors, whole.hits) == (4, 2, 2), "as it is summed up without a database"


def test_failing_sums_do_not_stop_the_ledger(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "ledger.db")
    store._connection.execute("DROP TABLE usage_progress")
    store.roll_up()
    assert "hourly sums" in str(store.problem)
    store.commit([an_entry()])
    assert SqliteReader(tmp_path / "ledger.db").find("req_1") == an_entry()
    store.close()


def test_what_is_no_ledger_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"none\.db cannot be opened"):
        SqliteReader(tmp_path / "none.db").find("x")
    (tmp_path / "text.db").write_text("no database at all, but long enough to be taken for one" * 9)
    with pytest.raises(ConfigurationError, match=r"text\.db cannot be opened"):
        SqliteStore(tmp_path / "text.db")
    sqlite3.connect(tmp_path / "empty.db").close()
    assert not SqliteReader(tmp_path / "none.db").exists()
    assert not SqliteReader(tmp_path / "empty.db").exists()
    SqliteStore(tmp_path / "ledger.db").close()
    assert SqliteReader(tmp_path / "ledger.db").exists()
    with pytest.raises(ConfigurationError, match=r"empty\.db cannot be read"):
        SqliteReader(tmp_path / "empty.db").report(UsageQuery())


def test_other_threads_are_let_in_between_statements(tmp_path: Path) -> None:
    times: list[None] = []
    store = SqliteStore(tmp_path / "ledger.db", between=lambda: times.append(None))
    store.commit([an_entry(str(number)) for number in range(200)])
    store.close()
    assert len(times) == 4


@settings(max_examples=60, deadline=None)
@given(st.lists(ENTRIES, max_size=40, unique_by=lambda entry: entry.request_id), QUERIES, st.integers(1, 12))
def test_entries_come_one_after_the_other_as_they_were(
    entries: list[Entry], query: UsageQuery, page: int
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore(Path(folder) / "ledger.db")
        store.commit(entries)
        store.close()
        reader = SqliteReader(Path(folder) / "ledger.db")
        fitting = sorted((entry for entry in entries if query.takes(entry)), key=lambda entry: entry.at_us)
        assert list(reader.entries(query, page=page)) == fitting
        inside = [entry.at_us for entry in entries if query.since_us <= entry.at_us < query.until_us]
        first, last = (min(inside), max(inside)) if inside else (query.since_us, query.since_us)
        assert reader.span(query) == (first, last)


def test_attempts_of_more_requests_than_one_statement_takes(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "ledger.db")
    store.commit([a_retried_entry(f"req_{number:04d}") for number in range(1200)])
    store.close()
    found = list(SqliteReader(tmp_path / "ledger.db").entries(UsageQuery(), page=1100))
    assert [len(entry.attempts) for entry in found] == [2] * 1200
