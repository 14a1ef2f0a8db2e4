"""Decisions, routers and certificates in the SQLite file that the ledger is in too."""

from __future__ import annotations

import asyncio
import sqlite3
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, TypeVar

from pointsman.errors import NotFound, ServerBusy
from pointsman.routing.router import load_router
from pointsman.routing.standing import Judge
from pointsman.storage.sqlite import connect, connect_to_read, migrate, schema_scripts, transaction

from .kept import Decided, InService, Withdrawn
from .rows import COLUMNS, decided_of, row_of
from .thread import DecisionWriter

T = TypeVar("T")

_PLACES = ", ".join("?" * len(COLUMNS))
_PUT = f"INSERT OR REPLACE INTO decisions ({', '.join(COLUMNS)}) VALUES ({_PLACES})"
_FIND = f"SELECT {', '.join(COLUMNS)} FROM decisions WHERE request_id = ?"
_SERVICES = """
    SELECT route, r.digest, r.made_at_us, c.json, c.id, c.made_at_us, c.withdrawn_at_us, c.why
    FROM (SELECT route FROM routers WHERE in_service UNION SELECT route FROM certificates WHERE in_service)
    LEFT JOIN (SELECT * FROM routers WHERE in_service) AS r USING (route)
    LEFT JOIN (SELECT * FROM certificates WHERE in_service) AS c USING (route)
"""
_COUNTS = """
    SELECT route, reason, model, count(*), max(at_us) FROM decisions WHERE at_us >= ?
    GROUP BY route, reason, model ORDER BY route, count(*) DESC, reason, model
"""
_KEEP_DRIFT = """
    INSERT INTO drift VALUES (?, ?) ON CONFLICT (certificate) DO UPDATE SET state = excluded.state
    WHERE json_extract(excluded.state, '$.labelled') + json_extract(excluded.state, '$.seen')
       >= json_extract(drift.state, '$.labelled') + json_extract(drift.state, '$.seen')
"""
_IN_FORCE = "SELECT id FROM certificates WHERE in_service AND withdrawn_at_us IS NULL"
_AT_ONCE = 32
"""Rows between which other threads are let in, when decisions are stored or deleted."""
_DELETE = f"""
    DELETE FROM decisions WHERE rowid IN
    (SELECT rowid FROM decisions WHERE route = ? AND at_us < ? LIMIT {_AT_ONCE * 32})
"""
_PRUNE_EVERY = 3_600 * 1_000_000
_REMEMBERED = 2048
_DAY_US = 86_400 * 1_000_000


class SqliteRouters:
    """``RouterStore`` in a file, and what commands ask of it. Each call opens it anew.

    Args:
        path: the database; made if it is not there.

    Raises:
        ConfigurationError: the file cannot be opened, or belongs to a newer version.
    """

    def __init__(self, path: Path, *, now_us: Callable[[], int]) -> None:
        self.path = path
        self._now_us = now_us
        with closing(connect(path)) as connection:
            migrate(connection, "journal", schema_scripts("pointsman.routing.journal"))

    def mark(self) -> bytes:
        return bytes(self._read("SELECT mark FROM services_mark")[0][0])

    def in_service(self) -> Mapping[str, InService]:
        return {row[0]: _in_service(row) for row in self._read(_SERVICES)}

    def router(self, route: str, digest: str) -> bytes:
        """The file of a router, in service or not. Raises NotFound."""
        rows = self._read("SELECT data FROM routers WHERE route = ? AND digest = ?", route, digest)
        if not rows:
            raise NotFound(f"There is no router {digest} of route {route} in {self.path}.")
        return bytes(rows[0][0])

    def judge(self, route: str, digest: str) -> Judge:
        return load_router(self.router(route, digest))

    def install_router(self, route: str, digest: str, data: bytes) -> None:
        """Put a router in service, in the place of another. Certificates of that one hold for it no more."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("UPDATE routers SET in_service = 0 WHERE route = ? AND in_service", (route,))
            connection.execute(
                "INSERT OR REPLACE INTO routers VALUES (?, ?, ?, ?, 1)", (route, digest, data, self._now_us())
            )

        self._write(work)

    def install_certificate(self, route: str, certificate_id: str, router: str, json: bytes) -> None:
        """Put a certificate in service, in the place of another; also one that was withdrawn, anew.

        Args:
            router: digest of the router that it is for.
        """

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE certificates SET in_service = 0 WHERE route = ? AND in_service", (route,)
            )
            connection.execute(
                "INSERT OR REPLACE INTO certificates VALUES (?, ?, ?, ?, ?, 1, NULL, '')",
                (certificate_id, route, router, json.decode(), self._now_us()),
            )

        self._write(work)

    def withdraw(self, certificate_id: str, why: str) -> bool:
        statement = (
            "UPDATE certificates SET withdrawn_at_us = ?, why = ? WHERE id = ? AND withdrawn_at_us IS NULL"
        )
        values = (self._now_us(), why, certificate_id)
        return self._write(lambda connection: connection.execute(statement, values).rowcount) > 0

    def drift(self) -> Mapping[str, bytes]:
        rows = self._read(f"SELECT certificate, state FROM drift WHERE certificate IN ({_IN_FORCE})")
        return {certificate: state.encode() for certificate, state in rows}

    def keep_drift(self, states: Mapping[str, bytes]) -> None:
        rows = [(certificate, state.decode()) for certificate, state in states.items()]

        def work(connection: sqlite3.Connection) -> None:
            connection.executemany(_KEEP_DRIFT, rows)
            connection.execute(f"DELETE FROM drift WHERE certificate NOT IN ({_IN_FORCE})")

        self._write(work)

    def decision(self, request_id: str) -> Decided | None:
        rows = self._read(_FIND, request_id)
        return decided_of(rows[0]) if rows else None

    def counts(self, since_us: int) -> list[tuple[str, str, str, int, int]]:
        """Route, reason and model of decisions since then, how many, and when the last was made."""
        return [
            (route, reason, model, n, last) for route, reason, model, n, last in self._read(_COUNTS, since_us)
        ]

    def _read(self, statement: str, *values: str | int) -> list[Any]:
        with closing(connect_to_read(self.path)) as connection:
            try:
                return connection.execute(statement, values).fetchall()
            except sqlite3.Error as error:
                raise _away(self.path, error) from error

    def _write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        with closing(connect(self.path, durability="full")) as connection:
            try:
                with transaction(connection):
                    return work(connection)
            except sqlite3.Error as error:
                raise _away(self.path, error) from error


class SqliteJournal:
    """``Journal`` in the same file. One thread writes, in groups.

    Args:
        keep_days: by route; decisions of other routes are kept.
        now_us: Unix time.
    """

    def __init__(self, path: Path, keep_days: Mapping[str, int], *, now_us: Callable[[], int]) -> None:
        self._routers = SqliteRouters(path, now_us=now_us)
        self._keep_days = dict(keep_days)
        self._now_us = now_us
        self._pruned_us = 0
        self._recent: OrderedDict[str, Decided] = OrderedDict()
        self._connection = connect(path)
        self._writer = DecisionWriter(self._commit, self._prune)

    @property
    def dropped(self) -> int:
        return self._writer.dropped

    def record(self, decided: Decided) -> None:
        if self._writer.put(decided):
            recent = self._recent
            recent[decided.request_id] = decided
            if len(recent) > _REMEMBERED:
                recent.popitem(last=False)

    async def find(self, request_id: str) -> Decided | None:
        known = self._recent.get(request_id)
        return known or await asyncio.to_thread(self._routers.decision, request_id)

    async def close(self) -> None:
        await asyncio.wrap_future(self._writer.close())
        self._connection.close()

    def _commit(self, group: Sequence[Decided]) -> None:
        try:
            with transaction(self._connection):
                for start in range(0, len(group), _AT_ONCE):
                    rows = map(row_of, group[start : start + _AT_ONCE])
                    self._connection.executemany(_PUT, rows)
        except sqlite3.Error as error:
            raise _away(self._routers.path, error) from error

    def _prune(self) -> None:
        """Delete what is older than its route keeps it, once in an hour and in small pieces."""
        now = self._now_us()
        if now - self._pruned_us < _PRUNE_EVERY:
            return
        try:
            for route, days in self._keep_days.items():
                while self._connection.execute(_DELETE, (route, now - days * _DAY_US)).rowcount > 0:
                    pass
        except sqlite3.Error:
            return  # the file is busy or away: the next group tries it again
        self._pruned_us = now


def _in_service(row: tuple[Any, ...]) -> InService:
    route, digest, router_at_us, json, ident, at_us, withdrawn_at_us, why = row
    withdrawn = None if withdrawn_at_us is None else Withdrawn(withdrawn_at_us, why)
    return InService(
        route, digest or "", router_at_us or 0, (json or "").encode(), ident or "", at_us or 0, withdrawn
    )


def _away(path: Path, error: sqlite3.Error) -> ServerBusy:
    return ServerBusy(
        f"The journal of routing in {path} cannot be used: {error}. Look at free space and locks."
    )
