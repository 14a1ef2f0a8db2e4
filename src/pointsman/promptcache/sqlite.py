"""What was counted of prompts, in the SQLite file that the ledger is in too."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from pointsman.errors import ServerBusy
from pointsman.storage.sqlite import connect, connect_to_read, migrate, schema_scripts, transaction

from .habits import Habits

KEEP_US = 30 * 86_400 * 1_000_000
"""Microseconds for which habits are kept that were not seen again."""
_MOST = 4096
_LOAD = (
    f"SELECT deployment, tenant, counts FROM prompt_habits WHERE at_us > ? ORDER BY at_us DESC LIMIT {_MOST}"
)
_SAVE = "INSERT OR REPLACE INTO prompt_habits VALUES (?, ?, ?, ?)"
_FORGET = "DELETE FROM prompt_habits WHERE at_us <= ?"


class SqliteHabits:
    """A ``HabitStore`` in a file. Each call opens it anew.

    Args:
        path: the database; made if it is not there.
        now_us: Unix time.

    Raises:
        ConfigurationError: the file cannot be opened, or belongs to a newer version.
    """

    def __init__(self, path: Path, *, now_us: Callable[[], int]) -> None:
        self._path = path
        self._now_us = now_us
        with closing(connect(path)) as connection:
            migrate(connection, "promptcache", schema_scripts("pointsman.promptcache"))

    def load(self) -> Habits:
        with closing(connect_to_read(self._path)) as connection:
            try:
                rows = connection.execute(_LOAD, (self._now_us() - KEEP_US,)).fetchall()
            except sqlite3.Error as error:
                raise self._away(error) from error
        return {(deployment, tenant): counts.encode() for deployment, tenant, counts in rows}

    def save(self, habits: Habits) -> None:
        now = self._now_us()
        rows = [(*whose, counts.decode(), now) for whose, counts in habits.items()]
        with closing(connect(self._path)) as connection:
            try:
                with transaction(connection):
                    connection.executemany(_SAVE, rows)
                    connection.execute(_FORGET, (now - KEEP_US,))
            except sqlite3.Error as error:
                raise self._away(error) from error

    def _away(self, error: sqlite3.Error) -> ServerBusy:
        return ServerBusy(f"{self._path} cannot be read or written: {error}. It is tried again.")
