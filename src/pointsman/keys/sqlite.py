"""Keys in the SQLite file that the ledger is in too."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

import msgspec

from pointsman.errors import Conflict, InvalidRequest, NotFound, ServerBusy
from pointsman.storage.sqlite import connect, connect_to_read, migrate, schema_scripts, transaction

from .format import SECRET_BYTES, base62, display_hint, hash_key, make_key
from .key import Gone, Mark, Reading, StoredKey
from .limits import LIMIT_NAMES, NO_LIMITS, KeyLimits, check_limits

_COLUMNS = ("id", "name", "tenant", "hash", "hint", "created_us", "revoked_us", "auto", "cache")
_ALL_COLUMNS = ", ".join((*_COLUMNS, *LIMIT_NAMES))
_NO_LIMITS = msgspec.structs.astuple(NO_LIMITS)
_MARKS = ", ".join("?" * (len(_COLUMNS) + len(LIMIT_NAMES)))
_LAST_CHANGE = "SELECT version, mark FROM keys_changes ORDER BY version DESC LIMIT 1"
_SAME = "SELECT 1 FROM keys_changes WHERE version = ? AND mark = ?"
_CHANGED = f"""
    SELECT changed.hash, {_ALL_COLUMNS}
    FROM (SELECT DISTINCT hash AS hash FROM keys_changes WHERE version > ?) AS changed
    LEFT JOIN keys USING (hash)
"""
_FIND = f"""
    SELECT {_ALL_COLUMNS} FROM keys WHERE name = ? OR id = ?
    ORDER BY revoked_us IS NULL DESC, created_us DESC, id DESC LIMIT 1
"""
_LONGEST_NAME = 64
_ID_LENGTH = 12
_BATCH = 256


class SqliteKeys:
    """Makes, lists, limits and revokes keys. Any thread may use it; each question opens the file anew.

    Args:
        path: the database; made if it is not there.
        now_us: Unix time in microseconds.
        random_bytes: so many bytes from a source that is fit for secrets (``secrets.token_bytes``).

    Raises:
        ConfigurationError: the file cannot be opened, or belongs to a newer version.
    """

    def __init__(
        self, path: Path, *, now_us: Callable[[], int], random_bytes: Callable[[int], bytes]
    ) -> None:
        self.path = path
        self._now_us = now_us
        self._random_bytes = random_bytes
        self._bring_up()

    def create(
        self, name: str, tenant: str = "", limits: KeyLimits = NO_LIMITS, auto: str = "", cache: str = ""
    ) -> tuple[StoredKey, str]:
        """A new key, and what is kept of it. This is the only moment at which the key itself is known.

        Args:
            auto: what the model "auto" means for it: NAME of the settings' ``[auto.NAME]``; "": as for all.
            cache: the cache's policy for it; "": as for all.

        Raises:
            InvalidRequest: the name, the tenant, a limit, ``auto`` or ``cache`` is no such thing.
            Conflict: another good key has that name.
        """
        for field, value in (("name", name), ("tenant", tenant), ("auto", auto), ("cache", cache)):
            _check_word(field, value)
        if not name:
            raise InvalidRequest("A key needs a name, by which usage reports call it.", param="name")
        check_limits(limits)
        key = make_key(self._random_bytes(SECRET_BYTES))
        number = int.from_bytes(self._random_bytes(_ID_LENGTH), "big")
        stored = StoredKey(
            id="key_" + base62(number, _ID_LENGTH),
            name=name,
            tenant=tenant,
            hash=hash_key(key),
            hint=display_hint(key),
            created_us=self._now_us(),
            limits=limits,
            auto=auto,
            cache=cache,
        )
        values = tuple(getattr(stored, column) for column in _COLUMNS) + msgspec.structs.astuple(limits)
        try:
            self._write(f"INSERT INTO keys ({_ALL_COLUMNS}) VALUES ({_MARKS})", values)
        except sqlite3.IntegrityError as error:
            raise Conflict(
                f"There is a key {name} already. Revoke it first (pointsman keys revoke {name}), or choose"
                " another name.",
                param="name",
            ) from error
        return stored, key

    def revoke(self, name_or_id: str) -> tuple[StoredKey, bool]:
        """End a key. Returns it, and whether it was good until now.

        Raises:
            NotFound: there is no such key.
        """
        chosen = self._find(name_or_id)
        changed = self._write(
            "UPDATE keys SET revoked_us = ? WHERE id = ? AND revoked_us IS NULL", (self._now_us(), chosen.id)
        )
        return self._find(chosen.id), changed > 0

    def limit(self, name_or_id: str, changes: Mapping[str, float | None]) -> StoredKey:
        """Change limits of a key, by their names in ``KeyLimits``; what is not named stays. Returns the key
        as it is then.

        Raises:
            NotFound: there is no such key.
            Conflict: it was revoked.
            InvalidRequest: a limit is no such thing.
        """
        chosen = self._find(name_or_id)
        if not chosen.active:
            raise Conflict(f"The key {chosen.name} was revoked, so limits are of no use to it.", param="name")
        check_limits(msgspec.structs.replace(chosen.limits, **changes))
        if changes:  # only these, since somebody else may change others meanwhile
            columns = ", ".join(f"{name} = ?" for name in changes)
            self._write(f"UPDATE keys SET {columns} WHERE id = ?", (*changes.values(), chosen.id))
        return self._find(chosen.id)

    def set_auto(self, name_or_id: str, auto: str) -> StoredKey:
        """Say what the model "auto" means for a key: NAME of ``[auto.NAME]``; "": as for all. Returns the key
        as it is then.

        Raises:
            NotFound: there is no such key.
            Conflict: it was revoked.
            InvalidRequest: ``auto`` is no such thing.
        """
        return self._set(name_or_id, "auto", auto)

    def set_cache(self, name_or_id: str, policy: str) -> StoredKey:
        """Say what the cache does for a key; "": as for all. Returns the key as it is then.

        Raises:
            NotFound: there is no such key.
            Conflict: it was revoked.
            InvalidRequest: it is too long, or no text.
        """
        return self._set(name_or_id, "cache", policy)

    def _set(self, name_or_id: str, column: Literal["auto", "cache"], value: str) -> StoredKey:
        _check_word(column, value)
        chosen = self._find(name_or_id)
        if not chosen.active:
            raise Conflict(f"The key {chosen.name} was revoked, so it asks for nothing.", param="name")
        self._write(f"UPDATE keys SET {column} = ? WHERE id = ?", (value, chosen.id))
        return self._find(chosen.id)

    def all(self) -> tuple[StoredKey, ...]:
        """Every key that was ever made, oldest first."""
        connection = connect_to_read(self.path)
        try:
            rows = connection.execute(f"SELECT {_ALL_COLUMNS} FROM keys ORDER BY created_us, id")
            return tuple(_stored(row) for row in rows)
        except sqlite3.Error as error:
            raise self._unreadable(error) from error
        finally:
            connection.close()

    def read(self, known: Mark | None = None) -> Reading | None:
        """What has changed since the state ``known``, or all if it is unknown here, or None if nothing has.

        Raises:
            ConfigurationError, ServerBusy: it cannot be read just now; also while the batches are read.
        """
        try:
            return self._read(known)
        except sqlite3.Error:
            self._bring_up()  # a backup was restored that is older than this version
        try:
            return self._read(known)
        except sqlite3.Error as error:
            raise self._unreadable(error) from error

    def _bring_up(self) -> None:
        connection = connect(self.path)
        try:
            migrate(connection, "keys", schema_scripts("pointsman.keys"))
        finally:
            connection.close()

    def _read(self, known: Mark | None) -> Reading | None:
        connection = connect_to_read(self.path)
        try:
            connection.execute("BEGIN")  # so that all batches are of one state
            mark = Mark(*connection.execute(_LAST_CHANGE).fetchone())
            if mark == known:
                connection.close()
                return None
            if known is not None and connection.execute(_SAME, (known.version, known.mark)).fetchone():
                rows = connection.execute(_CHANGED, (known.version,))
                return Reading(mark, False, self._batches(connection, rows))
            rows = connection.execute(f"SELECT hash, {_ALL_COLUMNS} FROM keys ORDER BY hash")
            return Reading(mark, True, self._batches(connection, rows))
        except sqlite3.Error:
            connection.close()
            raise

    def _batches(
        self, connection: sqlite3.Connection, rows: sqlite3.Cursor
    ) -> Iterator[list[StoredKey | Gone]]:
        try:
            while batch := rows.fetchmany(_BATCH):
                yield [Gone(row[0]) if row[1] is None else _stored(row[1:]) for row in batch]
        except sqlite3.Error as error:
            raise self._unreadable(error) from error
        finally:
            connection.close()

    def _find(self, name_or_id: str) -> StoredKey:
        """Where several had the name, the one that is good now, else the last."""
        connection = connect_to_read(self.path)
        try:
            row = connection.execute(_FIND, (name_or_id, name_or_id)).fetchone()
        except sqlite3.Error as error:
            raise self._unreadable(error) from error
        finally:
            connection.close()
        if row is None:
            raise NotFound(f"There is no key {name_or_id}. See them all: pointsman keys list")
        return _stored(row)

    def _unreadable(self, error: sqlite3.Error) -> ServerBusy:
        return ServerBusy(f"The keys in {self.path} cannot be read: {error}.")

    def _write(self, statement: str, values: tuple[str | float | None, ...]) -> int:
        connection = connect(self.path, durability="full")
        try:
            with transaction(connection):
                return connection.execute(statement, values).rowcount
        except sqlite3.OperationalError as error:
            raise ServerBusy(f"The keys in {self.path} cannot be written: {error}.") from error
        finally:
            connection.close()


def _check_word(field: str, value: str) -> None:
    if len(value) > _LONGEST_NAME or not value.isprintable() or value != value.strip():
        raise InvalidRequest(
            f"The {field} of a key has at most {_LONGEST_NAME} printable characters, and no space around it.",
            param=field,
        )


def _stored(row: tuple[Any, ...]) -> StoredKey:
    key_id, name, tenant, hashed, hint, created_us, revoked_us, auto, cache, *given = row
    limits = NO_LIMITS if tuple(given) == _NO_LIMITS else KeyLimits(*given)
    return StoredKey(key_id, name, tenant, hashed, hint, created_us, revoked_us, limits, auto, cache)
