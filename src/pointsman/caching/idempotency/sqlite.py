"""Answers under idempotency keys in the SQLite file that the ledger is in too.

A request with a key waits for its claim to be committed before anything is sent (that is the point of it),
though not alone: one thread commits what came meanwhile together. Processes that share the file never ask the
same twice, since the claim is one transaction.
"""

from __future__ import annotations

import asyncio
import sqlite3
import zlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from pointsman.errors import ServerBusy
from pointsman.storage.sqlite import connect, migrate, schema_scripts, transaction

from .idempotency import Asked, Begun, Found, IdempotencyPolicy, Kept, read_headers, write_headers
from .memory import ROW_BYTES
from .thread import GroupThread, Job

LEASE_US = 10_000_000
"""Microseconds for which a process is taken to be alive after it said so."""
BEAT = 2.0
"""Seconds between two times that it says so, while anything of it is under way."""
_PRUNE_EVERY_US = 60_000_000
_PIECE = 64
"""Rows that are deleted at once."""

_FIND = """
    SELECT fingerprint, request_id, at_us, owner, lease_us, status, headers, body, streamed
    FROM idempotency WHERE ident = ?
"""
_BEGIN = """
    INSERT OR REPLACE INTO idempotency (ident, fingerprint, request_id, at_us, owner, lease_us)
    VALUES (?, ?, ?, ?, ?, ?)
"""
_FINISH = """
    UPDATE idempotency SET status = ?, headers = ?, body = ?, streamed = ?, size = ?
    WHERE ident = ? AND request_id = ? AND status IS NULL
"""
_FORGET = "DELETE FROM idempotency WHERE ident = ? AND request_id = ? AND status IS NULL"
_BEAT = "UPDATE idempotency SET lease_us = ? WHERE owner = ? AND status IS NULL"
_SIZE = "SELECT coalesce(sum(size), 0) FROM idempotency WHERE status IS NOT NULL"
_EXPIRE = f"""
    DELETE FROM idempotency WHERE rowid IN
    (SELECT rowid FROM idempotency WHERE at_us <= ? AND (status IS NOT NULL OR lease_us < ?) LIMIT {_PIECE})
"""
_EVICT = f"""
    DELETE FROM idempotency WHERE rowid IN
    (SELECT rowid FROM idempotency WHERE status IS NOT NULL ORDER BY at_us LIMIT {_PIECE})
"""


class SqliteIdempotency:
    """An ``IdempotencyStore`` in a file.

    Args:
        path: the database; made if it is not there.
        owner: another value for each process.
        now_us: Unix time; called in a thread.

    Raises:
        ConfigurationError: the file cannot be opened, or belongs to a newer version.
    """

    def __init__(
        self, path: Path, policy: IdempotencyPolicy, *, owner: bytes, now_us: Callable[[], int]
    ) -> None:
        self._path = path
        self._policy = policy
        self._now_us = now_us
        self._owner = owner
        self._under_way = 0
        """Written by the callers, who are one thread; only read by the other."""
        self._beaten_us = self._pruned_us = 0
        self.evicted = 0
        self._connection = connect(path)
        migrate(self._connection, "caching", schema_scripts("pointsman.caching.idempotency"))
        self._size = int(self._connection.execute(_SIZE).fetchone()[0])
        self._thread = GroupThread(self._together, self._idle, name="pointsman-idempotency", beat=BEAT)

    async def claim(self, asked: Asked, instead_of: str = "") -> Found | None:
        found: Found | None = await asyncio.wrap_future(
            self._thread.put(partial(self._claim, asked, instead_of))
        )
        self._under_way += found is None
        return found

    def finish(self, asked: Asked, kept: Kept) -> asyncio.Future[None]:
        self._under_way -= 1
        return asyncio.wrap_future(self._thread.put(partial(self._finish, asked, kept)))

    def forget(self, asked: Asked) -> asyncio.Future[None]:
        self._under_way -= 1
        return asyncio.wrap_future(self._thread.put(partial(self._forget, asked)))

    async def close(self) -> None:
        await asyncio.wrap_future(self._thread.close())
        self._connection.close()

    def _together(self, jobs: Sequence[Job]) -> list[Any]:
        size = self._size
        try:
            with transaction(self._connection):
                return [job() for job in jobs]
        except sqlite3.Error as error:
            self._size = size
            raise ServerBusy(
                f"What is kept under idempotency keys in {self._path} cannot be used: {error}. Look at free"
                " space and locks. Requests without a key go on.",
                retry_after=1.0,
            ) from error

    def _claim(self, asked: Asked, instead_of: str) -> Found | None:
        row = self._connection.execute(_FIND, (asked.ident,)).fetchone()
        found = None if row is None else self._found(row, asked.at_us)
        if isinstance(found, Kept) or (found is not None and found.request_id != instead_of):
            return found
        values = (asked.ident, asked.fingerprint, asked.request_id, asked.at_us)
        self._connection.execute(_BEGIN, (*values, self._owner, asked.at_us + LEASE_US))
        return None

    def _found(self, row: tuple[Any, ...], now_us: int) -> Found | None:
        """None: its time is over."""
        fingerprint, request_id, at_us, owner, lease_us, status, headers, body, streamed = row
        alive = status is None and owner != self._owner and lease_us > now_us
        if at_us + self._policy.keep_us <= now_us and not alive:
            return None
        if status is None:
            return Begun(fingerprint, request_id, alive)
        content = None if body is None else zlib.decompress(body)
        return Kept(fingerprint, request_id, at_us, status, read_headers(headers), content, bool(streamed))

    def _finish(self, asked: Asked, kept: Kept) -> None:
        body = None if kept.body is None else zlib.compress(kept.body, 1)
        headers = write_headers(kept.headers)
        size = ROW_BYTES + len(headers) + len(body or b"")
        row = (kept.status, headers, body, kept.streamed, size, asked.ident, asked.request_id)
        self._size += size * self._connection.execute(_FINISH, row).rowcount

    def _forget(self, asked: Asked) -> None:
        self._connection.execute(_FORGET, (asked.ident, asked.request_id))

    def _idle(self) -> None:
        try:
            now = self._now_us()
            if self._under_way > 0 and now - self._beaten_us > BEAT * 500_000:
                self._connection.execute(_BEAT, (now + LEASE_US, self._owner))
                self._beaten_us = now
            if now - self._pruned_us > _PRUNE_EVERY_US:
                self._expire(now)
                self._pruned_us = now
            if self._size > self._policy.most:
                self._evict()
        except sqlite3.Error:
            return  # the file is busy or away: the next turn tries it again

    def _expire(self, now: int) -> None:
        before = now - self._policy.keep_us
        while self._connection.execute(_EXPIRE, (before, now)).rowcount == _PIECE:
            pass
        self._size = int(self._connection.execute(_SIZE).fetchone()[0])

    def _evict(self) -> None:
        """The oldest go first, until a tenth is free."""
        while self._size > self._policy.most * 0.9:
            gone = self._connection.execute(_EVICT).rowcount
            self._size = int(self._connection.execute(_SIZE).fetchone()[0])
            self.evicted += gone
            if not gone:
                return
