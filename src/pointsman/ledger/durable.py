"""A ledger in a file together with the calls under way beside it: what ``kill -9`` cannot make forget."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import msgspec

from .entry import Entry
from .mmap import OpenCalls, settle_abandoned
from .sqlite import SqliteLedger, SqliteStore


class Durable(msgspec.Struct, frozen=True):
    """To be closed in this order: the ledger, which ends the calls that it commits; the open calls."""

    ledger: SqliteLedger
    open_calls: OpenCalls
    settled: int
    """Requests that processes which died had left under way, and that are in the ledger now."""


def open_durable(database: Path, *, troubled: Callable[[str | None], None] | None = None) -> Durable:
    """Open both, after what the dead left is settled.

    Args:
        troubled: see :class:`SqliteLedger`.

    Raises:
        ConfigurationError: the database, or the folder beside it, cannot be opened.
        ServerBusy: there are calls to settle, and the database cannot be written just now.
    """
    folder = calls_folder(database)
    settled = settle_abandoned(folder, partial(_commit, database))
    open_calls = OpenCalls(folder)
    try:
        ledger = SqliteLedger(database, committed=open_calls.end, troubled=troubled)
    except BaseException:
        open_calls.close()
        raise
    return Durable(ledger, open_calls, settled)


def calls_folder(database: Path) -> Path:
    """Where the calls under way of all processes on this database are kept."""
    return database.with_name(f"{database.name}-calls")


def _commit(database: Path, entries: Sequence[Entry]) -> None:
    store = SqliteStore(database)
    try:
        store.commit(entries)
    finally:
        store.close()
