"""Keys in the SQLite file that the ledger is in too."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pointsman.errors import Conflict, InvalidRequest, NotFound, ServerBusy
from pointsman.storage.sqlite import connect, connect_to_read, migrate, schema_scripts, transaction

from .format import SECRET_BYTES, base62, display_hint, hash_key, make_key
from .key import Snapshot, StoredKey
from .limits import LIMIT_NAMES, NO_LIMITS, KeyLimits, check_limits

_COLUMNS = ("id", "name", "tenant", "hash", "hint", "created_us", "revoked_us")
_ALL_COLUMNS = ", ".join((*_COLUMNS, *LIMIT_NAMES))
_MARKS = ", ".join("?" * (len(_COLUMNS) + len(LIMIT_NAMES)))
_LONGEST_NAME = 64
_ID_LENGTH = 12


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
        connection = connect(path)
        try:
            migrate(connection, "keys", schema_scripts("pointsman.keys"))
        finally:
            connection.close()

    def create(self, name: str, tenant: str = "", limits: KeyLimits = NO_LIMITS) -> tuple[StoredKey, str]:
        """A new key, and what is kept of it. This is the only moment at which the key itself is known.

        Raises:
            InvalidRequest: the name, the tenant or a limit is no such thing.
            Conflict: another good key has that name.
        """
        for field, value in (("name", name), ("tenant", tenant)):
            if len(value) > _LONGEST_NAME or not value.isprintable() or value != value.strip():
                raise InvalidRequest(
                    f"The {field} of a key has at most {_LONGEST_NAME} printable characters,"
                    " and no space around it.",
                    param=field,
                )
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

    def all(self) -> tuple[StoredKey, ...]:
        """Every key that was ever made, oldest first."""
        return self.current().keys

    def current(self) -> Snapshot:
        """The keys as they are now. A gateway starts with these, or not at all: without keys it would let
        everybody in.

        Raises:
            ConfigurationError, ServerBusy: they cannot be read just now.
        """
        return self._read(None)

    def snapshot(self, known: int | None = None) -> Snapshot | None:
        """The keys, or None if they are still those of version ``known``.

        Raises:
            ConfigurationError, ServerBusy: they cannot be read just now.
        """
        snapshot = self._read(known)
        return None if snapshot.version == known else snapshot

    def _find(self, name_or_id: str) -> StoredKey:
        """Where several had the name, the one that is good now, else the last."""
        matching = [key for key in self.all() if name_or_id in (key.name, key.id)]
        if not matching:
            raise NotFound(f"There is no key {name_or_id}. See them all: pointsman keys list")
        return next((key for key in matching if key.active), matching[-1])

    def _read(self, known: int | None) -> Snapshot:
        """Without the keys themselves where the version is ``known``."""
        connection = connect_to_read(self.path)
        try:
            connection.execute("BEGIN")
            version = int(connection.execute("SELECT version FROM keys_version").fetchone()[0])
            if version == known:
                return Snapshot(version, ())
            rows = connection.execute(f"SELECT {_ALL_COLUMNS} FROM keys ORDER BY created_us, id")
            keys = _stored(rows)
        except sqlite3.Error as error:
            raise ServerBusy(f"The keys in {self.path} cannot be read: {error}.") from error
        finally:
            connection.close()
        return Snapshot(version, keys)

    def _write(self, statement: str, values: tuple[str | float | None, ...]) -> int:
        connection = connect(self.path, durability="full")
        try:
            with transaction(connection):
                return connection.execute(statement, values).rowcount
        except sqlite3.OperationalError as error:
            raise ServerBusy(f"The keys in {self.path} cannot be written: {error}.") from error
        finally:
            connection.close()


def _stored(rows: Iterable[tuple[Any, ...]]) -> tuple[StoredKey, ...]:
    """Equal limits and tenants are one value: most keys have none, and there may be a million keys."""
    own, shared, tenants = len(_COLUMNS), dict[tuple[Any, ...], KeyLimits](), dict[str, str]()
    keys = list[StoredKey]()
    for row in rows:
        limits = shared.get(row[own:])
        if limits is None:
            limits = shared[row[own:]] = KeyLimits(*row[own:])
        key_id, name, tenant, hashed, hint, created_us, revoked_us = row[:own]
        tenant = tenants.setdefault(tenant, tenant)
        keys.append(StoredKey(key_id, name, tenant, hashed, hint, created_us, revoked_us, limits))
    return tuple(keys)
