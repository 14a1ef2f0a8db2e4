from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from pointsman.errors import ConfigurationError, Conflict, InvalidRequest, NotFound, ServerBusy
from pointsman.keys import NO_LIMITS, KeyLimits, looks_valid
from pointsman.keys.sqlite import SqliteKeys
from pointsman.storage.sqlite import connect, migrate, schema_scripts


def counting() -> Callable[[int], bytes]:
    numbers = iter(range(1, 10_000))
    return lambda size: next(numbers).to_bytes(size, "big")


@pytest.fixture
def keys(tmp_path: Path) -> SqliteKeys:
    times = iter(range(1000, 9000))
    return SqliteKeys(tmp_path / "pointsman.db", now_us=lambda: next(times), random_bytes=counting())


def test_a_key_is_stored_as_its_hash_only(keys: SqliteKeys, tmp_path: Path) -> None:
    stored, key = keys.create("team-a", "acme")
    assert looks_valid(key)
    assert (stored.name, stored.tenant, stored.created_us, stored.active) == ("team-a", "acme", 1000, True)
    assert keys.all() == (stored,)
    for path in tmp_path.iterdir():
        assert key.encode()[5:-4] not in path.read_bytes()


def test_a_name_is_taken_until_its_key_is_revoked(keys: SqliteKeys) -> None:
    first, _ = keys.create("team-a")
    with pytest.raises(Conflict, match="pointsman keys revoke team-a"):
        keys.create("team-a")
    assert keys.revoke("team-a")[1] is True
    second, _ = keys.create("team-a")
    assert second.id != first.id
    assert [key.active for key in keys.all()] == [False, True]


def test_revoking_works_by_name_and_id_and_twice(keys: SqliteKeys) -> None:
    first, _ = keys.create("a")
    keys.create("b")
    revoked, now = keys.revoke("a")
    assert (revoked.id, revoked.revoked_us, now) == (first.id, 1002, True)
    assert keys.revoke("a") == (revoked, False)
    assert keys.revoke(first.id) == (revoked, False)
    again, _ = keys.create("a")
    assert keys.revoke("a")[0].id == again.id
    with pytest.raises(NotFound, match="no key nobody"):
        keys.revoke("nobody")


@pytest.mark.parametrize("name", ["", " a", "a ", "a\nb", "x" * 65, "\x1b[31m"])
def test_names_are_such_that_a_table_can_show_them(keys: SqliteKeys, name: str) -> None:
    with pytest.raises(InvalidRequest):
        keys.create(name)
    if name:
        with pytest.raises(InvalidRequest):
            keys.create("good", name)
    assert keys.all() == ()


def test_a_snapshot_comes_only_when_something_changed(keys: SqliteKeys, tmp_path: Path) -> None:
    first = keys.snapshot()
    assert first is not None
    assert keys.snapshot(first.version) is None
    keys.create("a")
    second = keys.snapshot(first.version)
    assert second is not None and [key.name for key in second.keys] == ["a"]
    connection = sqlite3.connect(tmp_path / "pointsman.db")
    connection.execute("DELETE FROM keys")
    connection.commit()
    connection.close()
    third = keys.snapshot(second.version)
    assert third is not None and third.keys == ()
    assert keys.current() == third


def test_what_is_away_is_told(keys: SqliteKeys, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "pointsman.db")
    connection.execute("ALTER TABLE keys RENAME TO elsewhere")
    connection.close()
    with pytest.raises(ServerBusy, match="cannot be read"):
        keys.all()
    with pytest.raises(ServerBusy, match="cannot be written"):
        keys.create("a")
    for path in tmp_path.iterdir():
        path.unlink()
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        keys.all()


def test_limits_are_kept_changed_and_cleared(keys: SqliteKeys) -> None:
    given = KeyLimits(rpm=60, tpm=50_000, max_wait=2.5, weight=3, priority=-1)
    stored, _ = keys.create("a", limits=given)
    keys.create("b")
    assert keys.all() == (stored, keys.all()[1])
    assert (stored.limits, keys.all()[1].limits) == (given, NO_LIMITS)
    changed = keys.limit("a", {"rpm": None, "concurrency": 4, "weight": 0.5})
    assert changed.limits == KeyLimits(tpm=50_000, concurrency=4, max_wait=2.5, weight=0.5, priority=-1)
    assert keys.limit(stored.id, {}) == changed
    assert keys.all()[1].limits == NO_LIMITS


def test_a_change_of_limits_is_a_new_version(keys: SqliteKeys) -> None:
    keys.create("a")
    before = keys.current()
    keys.limit("a", {"rpm": 1})
    after = keys.snapshot(before.version)
    assert after is not None and after.keys[0].limits.rpm == 1


def test_limits_that_cannot_be_meant_change_nothing(keys: SqliteKeys) -> None:
    with pytest.raises(InvalidRequest, match="rpm"):
        keys.create("a", limits=KeyLimits(rpm=0))
    assert keys.all() == ()
    keys.create("a")
    with pytest.raises(InvalidRequest, match="tpm"):
        keys.limit("a", {"rpm": 5, "tpm": -1})
    assert keys.all()[0].limits == NO_LIMITS
    with pytest.raises(NotFound, match="no key nobody"):
        keys.limit("nobody", {"rpm": 5})
    keys.revoke("a")
    with pytest.raises(Conflict, match="was revoked"):
        keys.limit("a", {"rpm": 5})


def test_a_database_from_before_limits_is_brought_up(tmp_path: Path) -> None:
    connection = connect(tmp_path / "pointsman.db")
    migrate(connection, "keys", schema_scripts("pointsman.keys")[:1])
    connection.execute("INSERT INTO keys VALUES ('key_1', 'old', 'acme', 'h', 'pm_…', 5, NULL)")
    connection.close()
    keys = SqliteKeys(tmp_path / "pointsman.db", now_us=lambda: 6, random_bytes=counting())
    (old,) = keys.all()
    assert (old.name, old.created_us, old.limits) == ("old", 5, NO_LIMITS)
    assert keys.limit("old", {"rpm": 5}).limits == KeyLimits(rpm=5)


def test_keys_with_equal_limits_share_them(keys: SqliteKeys) -> None:
    for name in ("a", "b"):
        keys.create(name, limits=KeyLimits(rpm=5))
    first, second = keys.all()
    assert first.limits is second.limits
