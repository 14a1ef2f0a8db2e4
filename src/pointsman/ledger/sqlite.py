"""The ledger in a SQLite file: one thread writes, in groups; whoever likes may read at the same time."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, TypeVar

from pointsman.errors import ConfigurationError, ServerBusy
from pointsman.storage.sqlite import (
    Durability,
    connect,
    connect_to_read,
    migrate,
    schema_scripts,
    transaction,
)

from . import queries
from .entry import Entry, UsageRow
from .report import UsageQuery, in_order, row_from_sums
from .rows import ATTEMPT_COLUMNS, REQUEST_COLUMNS, Row, attempt_rows, entry_from_rows, request_row
from .thread import GroupWriter, give_way

Answer = TypeVar("Answer")

_AT_US = REQUEST_COLUMNS.index("at_us") + 1
_STATUS_OF_ATTEMPT = REQUEST_COLUMNS.index("attempt_status") + 1
"""Behind the row's id."""
_MOST_MARKS = 500

_CHUNKS = (64, 16, 4, 1)
"""Rows per statement. Few sizes, so that each is compiled once."""
_INSERT_REQUESTS = {
    size: queries.insert("requests", REQUEST_COLUMNS, ("request_id",), size) for size in _CHUNKS
}
_INSERT_ATTEMPTS = {
    size: queries.insert("retried_attempts", ATTEMPT_COLUMNS, ("request_id", "number"), size)
    for size in _CHUNKS
}
_MISFIT = (
    OverflowError,
    UnicodeEncodeError,
    sqlite3.IntegrityError,
    sqlite3.InterfaceError,
    sqlite3.ProgrammingError,
    sqlite3.DataError,
)
"""What SQLite and its driver raise where a value is at fault, and not the database."""

_ROLL_UP_EVERY = 4096
_REMEMBERED = 2048


class SqliteStore:
    """Writes entries. To be used by one thread at a time.

    Args:
        between: called between two statements of a transaction, to let other threads in.
    """

    def __init__(
        self, path: Path, *, durability: Durability = "normal", between: Callable[[], None] | None = None
    ) -> None:
        self.path = path
        self._between = between
        self.misfits = 0
        """Entries of this process that no column could hold; they are in the table "misfits"."""
        self.problem: str | None = None
        self._connection = connect(path, durability=durability)
        migrate(self._connection, "ledger", schema_scripts("pointsman.ledger"))
        self._not_rolled_up = int(self._connection.execute(queries.NOT_ROLLED_UP).fetchone()[0])

    def commit(self, entries: Sequence[Entry]) -> None:
        """Store all of them or none. An entry whose request id is there already is left out.

        Raises:
            ServerBusy: the file cannot be written just now; nothing is stored.
        """
        try:
            if not self._commit_together(entries):
                self._commit_singly(entries)
        except sqlite3.Error as error:
            raise ServerBusy(
                f"The ledger {self.path} cannot be written: {error}. Look at free space, permissions, and"
                " whether another program holds it locked."
            ) from error
        self._not_rolled_up += len(entries)
        if self._not_rolled_up >= _ROLL_UP_EVERY:
            self.roll_up()

    def roll_up(self) -> None:
        """Add what is new to the hourly sums. Reports are right without; they are quick because of it, so a
        failure is only noted, and the next turn takes the same requests again."""
        self._not_rolled_up = 0
        try:
            with transaction(self._connection):
                self._connection.execute(queries.ROLL_UP)
                self._connection.execute(queries.ROLLED_UP)
        except sqlite3.Error as error:
            self.problem = f"The hourly sums of the ledger {self.path} cannot be brought up to date: {error}."
        else:
            self.problem = None

    def close(self) -> None:
        self._connection.close()

    def _commit_together(self, entries: Sequence[Entry]) -> bool:
        """False, and nothing stored, where an entry is a misfit or there already."""
        try:
            with transaction(self._connection):
                if self._insert(_INSERT_REQUESTS, map(request_row, entries)) != len(entries):
                    raise _AlreadyThere
                self._insert(_INSERT_ATTEMPTS, chain.from_iterable(map(attempt_rows, entries)))
        except (_AlreadyThere, *_MISFIT):
            return False
        return True

    def _commit_singly(self, entries: Sequence[Entry]) -> None:
        with transaction(self._connection):
            for entry in entries:
                self._connection.execute("SAVEPOINT entry")
                try:
                    if self._insert(_INSERT_REQUESTS, iter([request_row(entry)])):
                        self._insert(_INSERT_ATTEMPTS, iter(attempt_rows(entry)))
                except _MISFIT as error:
                    self._connection.execute("ROLLBACK TO entry")
                    self._connection.execute(queries.INSERT_MISFIT, _misfit(entry, error))
                    self.misfits += 1
                self._connection.execute("RELEASE entry")

    def _insert(self, statements: dict[int, str], rows: Iterator[Row]) -> int:
        """How many were new. A chunk is made of entries just before it is written, so that the interpreter
        lock is never held for long."""
        inserted = 0
        while chunk := list(islice(rows, _CHUNKS[0])):
            start = 0
            for size in _CHUNKS:
                while len(chunk) - start >= size:
                    values = list(chain.from_iterable(chunk[start : start + size]))
                    inserted += self._connection.execute(statements[size], values).rowcount
                    start += size
            if self._between is not None:
                self._between()
        return inserted


class _AlreadyThere(Exception):
    """Rolls the group back, to be stored entry by entry."""


def _misfit(entry: Entry, error: Exception) -> tuple[str, str, str]:
    values = (entry.request_id, f"{type(error).__name__}: {error}", repr(entry))
    request_id, reason, text = (value.encode("utf-8", "backslashreplace").decode() for value in values)
    return request_id, reason, text


class SqliteReader:
    """Reads a ledger's file, also while another process writes to it. Opens it anew for each question."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def exists(self) -> bool:
        """Whether there is a ledger at all: nothing may have been recorded yet."""
        if not self.path.exists():
            return False
        return self._ask(lambda c: c.execute(queries.HAS_LEDGER).fetchone() is not None)

    def find(self, request_id: str) -> Entry | None:
        """The committed entry of that request."""
        return self._ask(lambda connection: _find(connection, request_id))

    def report(self, query: UsageQuery) -> list[UsageRow]:
        """The sums that were asked for, as of one moment."""
        sql, values = queries.usage_sql(query)
        rows = self._ask(lambda connection: connection.execute(sql, values).fetchall())
        return in_order((row_from_sums(query.by, row) for row in rows), query.by)

    def entries(self, query: UsageQuery, *, page: int = 1000) -> Iterator[Entry]:
        """The requests that fit, one after the other in the order of time, in the memory of one page.

        Each page is read by itself, so that whoever writes is never kept from clearing up behind him.
        """
        sql, filters = queries.scan_sql(query)
        at_us, row_id = query.since_us, -1
        while True:
            values = (at_us, row_id, query.until_us, *filters, page)
            rows, attempts = self._ask(partial(_page, sql, values))
            for row in rows:
                yield entry_from_rows(row[1:], attempts.get(row[1], ()))
            if len(rows) < page:
                return
            row_id, at_us = rows[-1][0], rows[-1][_AT_US]

    def span(self, query: UsageQuery) -> tuple[int, int]:
        """When the first and the last request of that time came; twice its start if there is none."""
        values = (query.since_us, query.until_us)
        first, last = self._ask(lambda c: c.execute(queries.SPAN, values).fetchone())
        return (query.since_us, query.since_us) if first is None else (int(first), int(last))

    def misfits(self) -> int:
        """How many entries stand in the table "misfits", and so in no report."""
        return self._ask(lambda c: int(c.execute("SELECT count(*) FROM misfits").fetchone()[0]))

    def _ask(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        try:
            try:
                return self._answer(question)
            except sqlite3.OperationalError as error:
                if "no such column" not in str(error):
                    raise
                SqliteStore(self.path).close()  # an older Pointsman made the file: this adds what it lacks
                return self._answer(question)
        except sqlite3.Error as error:
            raise ConfigurationError(
                f"The ledger {self.path} cannot be read: {error}. Is it a file that Pointsman made?"
            ) from error

    def _answer(self, question: Callable[[sqlite3.Connection], Answer]) -> Answer:
        connection = connect_to_read(self.path)
        try:
            return question(connection)
        finally:
            connection.close()


def _find(connection: sqlite3.Connection, request_id: str) -> Entry | None:
    connection.execute("BEGIN")
    request = connection.execute(queries.FIND_REQUEST, (request_id,)).fetchone()
    attempts = connection.execute(queries.FIND_ATTEMPTS, (request_id,)).fetchall()
    return None if request is None else entry_from_rows(request, attempts)


def _page(
    sql: str, values: Sequence[object], connection: sqlite3.Connection
) -> tuple[list[Any], dict[str, list[Any]]]:
    """Rows of requests, and those of the attempts that stand apart from them, by request."""
    connection.execute("BEGIN")
    rows = connection.execute(sql, values).fetchall()
    apart = [row[1] for row in rows if row[_STATUS_OF_ATTEMPT] is None]
    found: dict[str, list[Any]] = {}
    for at in range(0, len(apart), _MOST_MARKS):
        some = apart[at : at + _MOST_MARKS]
        statement = queries.SCAN_ATTEMPTS.format(marks=",".join("?" * len(some)))
        for attempt in connection.execute(statement, some):
            found.setdefault(attempt[0], []).append(attempt)
    return rows, found


class SqliteLedger:
    """The ledger of one process. Reports and look-ups see what other processes wrote to the same file too.

    Args:
        path: the database; made if it is not there.
        durability: see :data:`pointsman.storage.sqlite.Durability`.
        interval: seconds that an entry waits for others to be committed with.
        committed: called in the ledger's thread with the id of each request that is now in the file.
        troubled: called there with the reason when the file cannot be written, with None when it can again.
        most_waiting: entries waiting in memory above which :attr:`full` is true.

    Raises:
        ConfigurationError: the file cannot be opened, or belongs to a newer version.
    """

    def __init__(
        self,
        path: Path,
        *,
        durability: Durability = "normal",
        interval: float = 0.025,
        committed: Callable[[str], None] | None = None,
        troubled: Callable[[str | None], None] | None = None,
        most_waiting: int = 50_000,
    ) -> None:
        self.path = path
        self._store = SqliteStore(path, durability=durability, between=give_way)
        self._reader = SqliteReader(path)
        self._committed = committed
        self._most_waiting = most_waiting
        self._known: dict[str, Entry] = {}
        self._remembered: deque[str] = deque()
        self._writer = GroupWriter(self._commit, troubled=troubled, interval=interval)
        self._put = self._writer.put

    def record(self, entry: Entry) -> None:
        """Take the entry; within ``interval`` and a moment it is in the file. Never waits; any thread."""
        self._known.setdefault(entry.request_id, entry)
        self._put(entry)

    def record_all(self, entries: Sequence[Entry]) -> None:
        """The same for several, of which all are in the file at once, or none is."""
        for entry in entries:
            self._known.setdefault(entry.request_id, entry)
        self._put(tuple(entries))

    @property
    def backlog(self) -> int:
        """Entries that are not in the file yet."""
        return self._writer.backlog

    @property
    def full(self) -> bool:
        """So much waits in memory, since the file cannot be written, that new calls should be refused:
        nothing recorded is ever dropped."""
        return self._writer.is_behind(self._most_waiting)

    def health(self) -> str | None:
        """What is wrong, or None."""
        if problem := self._writer.problem or self._store.problem:
            return problem
        if self._store.misfits:
            return (
                f"{self._store.misfits} entries did not fit the columns of the ledger {self.path}; they are"
                ' in its table "misfits", and in no report.'
            )
        return None

    async def find(self, request_id: str) -> Entry | None:
        """The entry, committed or not yet. Whether it is the caller's is for the caller to check."""
        known = self._known.get(request_id)
        return known or await asyncio.to_thread(self._reader.find, request_id)

    async def report(self, query: UsageQuery) -> list[UsageRow]:
        """The sums that were asked for, with everything recorded before."""
        await self.flush()
        return await asyncio.to_thread(self._reader.report, query)

    async def flush(self) -> None:
        """Return when everything recorded so far is committed, however long the file is away.

        Raises:
            InternalError: the ledger was closed, and gave up.
        """
        await asyncio.wrap_future(self._writer.flush())

    async def close(self) -> None:
        """Commit, and let go of the file. Closing twice is nothing.

        Raises:
            InternalError: the file could not be written for five seconds; says how many entries it lacks.
        """
        try:
            await asyncio.to_thread(self._writer.close)
        except RuntimeError:  # at the interpreter's exit no thread can be lent: then this one waits
            self._writer.close()
        finally:
            self._store.close()

    def _commit(self, entries: list[Entry]) -> None:
        self._store.commit(entries)
        for entry in entries:
            if self._committed is not None:
                self._committed(entry.request_id)
            self._remembered.append(entry.request_id)
        while len(self._remembered) > _REMEMBERED:
            self._known.pop(self._remembered.popleft(), None)
