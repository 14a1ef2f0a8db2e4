"""SQLite files: how they are opened, and how their tables come to be.

One file holds the tables of several rooms (the ledger, the keys), each with numbered ``schema/*.sql``
scripts of its own; the table ``schema_versions`` says how far each room has come.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Literal

from pointsman.errors import ConfigurationError

Durability = Literal["normal", "full"]
"""normal: a commit survives the death of the process. full: also of the machine, for an fsync per commit."""

_WAL_TRIES = 40
_WAL_PAUSE = 0.05


def connect(
    path: Path, *, durability: Durability = "normal", busy_seconds: float = 5.0
) -> sqlite3.Connection:
    """Open the file for writing, in WAL mode; it and its folder are made if they are not there.

    The connection commits by itself unless ``BEGIN`` was said, and may be handed to another thread.

    Raises:
        ConfigurationError: the file cannot be opened, or is no database.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            path, timeout=busy_seconds, isolation_level=None, check_same_thread=False, cached_statements=64
        )
        try:
            _enter_wal(connection)
            connection.execute(f"PRAGMA synchronous = {durability}")
            connection.execute("PRAGMA cache_size = -8000")
            connection.execute("PRAGMA wal_autocheckpoint = 2000")
            connection.execute("PRAGMA journal_size_limit = 67108864")
        except sqlite3.Error:
            connection.close()
            raise
    except (sqlite3.Error, OSError) as error:
        raise _cannot_open(path, error) from error
    return connection


def connect_to_read(path: Path, *, busy_seconds: float = 5.0) -> sqlite3.Connection:
    """Open an existing file, read-only: other processes may go on writing to it.

    Raises:
        ConfigurationError: there is no such file, or it cannot be read.
    """
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro",
            uri=True,
            timeout=busy_seconds,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
        except sqlite3.Error:
            connection.close()
            raise
    except sqlite3.Error as error:
        raise _cannot_open(path, error) from error
    return connection


def has_table(path: Path, name: str) -> bool:
    """Whether the file is there, and that table in it. Makes nothing."""
    if not path.exists():
        return False
    connection = connect_to_read(path)
    try:
        found = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
        return found is not None
    finally:
        connection.close()


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """All or nothing; waits for other writers first. An error rolls back and goes on to the caller."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def schema_scripts(package: str) -> tuple[str, ...]:
    """The texts of the package's ``schema/NNNN_*.sql``, in order."""
    folder = files(package) / "schema"
    return tuple(
        entry.read_text("utf-8")
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sql")
    )


def migrate(connection: sqlite3.Connection, room: str, scripts: Sequence[str]) -> None:
    """Run those of the room's scripts that this file has not seen. Safe when several processes start at once.

    Raises:
        ConfigurationError: the file was made by a newer version, or cannot be changed.
    """
    try:
        if _version(connection, room) == len(scripts):
            return
        with transaction(connection):
            connection.execute(
                "CREATE TABLE IF NOT EXISTS schema_versions (room TEXT PRIMARY KEY, version INTEGER NOT NULL)"
            )
            version = _version(connection, room)
            if version > len(scripts):
                raise ConfigurationError(
                    f"The database's tables for {room} have version {version}, this Pointsman knows"
                    f" {len(scripts)}. It was used by a newer Pointsman: upgrade this one."
                )
            for script in scripts[version:]:
                for statement in _statements(script):
                    connection.execute(statement)
            connection.execute("INSERT OR REPLACE INTO schema_versions VALUES (?, ?)", (room, len(scripts)))
    except sqlite3.Error as error:
        raise ConfigurationError(f"The database's tables for {room} cannot be made: {error}.") from error


def _version(connection: sqlite3.Connection, room: str) -> int:
    known = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'schema_versions'").fetchone()
    if known is None:
        return 0
    row = connection.execute("SELECT version FROM schema_versions WHERE room = ?", (room,)).fetchone()
    return 0 if row is None else int(row[0])


def _statements(script: str) -> Iterator[str]:
    """One by one, because ``executescript`` would commit the transaction that is open."""
    statement = ""
    for line in script.splitlines(keepends=True):
        statement += line
        if line.rstrip().endswith(";") and sqlite3.complete_statement(statement):
            yield statement
            statement = ""
    if statement.strip():
        yield statement


def _enter_wal(connection: sqlite3.Connection) -> None:
    """SQLite waits for no lock when it changes the journal mode, so processes that start together must."""
    for tries_left in range(_WAL_TRIES, 0, -1):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or tries_left == 1:
                raise
            time.sleep(_WAL_PAUSE)


def _cannot_open(path: Path, error: Exception) -> ConfigurationError:
    return ConfigurationError(
        f"The database {path} cannot be opened: {error}. Check the path, its permissions and the free space."
    )
