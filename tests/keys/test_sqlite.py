from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from pointsman.errors import ConfigurationError, Conflict, InvalidRequest, NotFound, ServerBusy
from pointsman.keys import NO_LIMITS, Gone, KeyLimits, Mark, StoredKey, looks_valid
from pointsman.keys.sqlite import SqliteKeys
from pointsman.storage.sqlite import connect, migrate, schema_scripts
from tests.support.databases import copied


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


def edit(path: Path, *statements: str) -> None:
    """As somebody would by hand."""
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def read(keys: SqliteKeys, known: Mark | None = None) -> tuple[Mark, bool, list[StoredKey | Gone]]:
    reading = keys.read(known)
    assert reading is not None
    return reading.mark, reading.whole, [key for batch in reading.batches for key in batch]


def test_all_keys_come_in_the_order_of_their_hashes(keys: SqliteKeys) -> None:
    made = [keys.create(f"team-{number}")[0] for number in range(20)]
    mark, whole, found = read(keys)
    assert whole
    assert found == sorted(made, key=lambda key: key.hash)
    assert keys.read(mark) is None


def test_only_what_has_changed_is_read(keys: SqliteKeys) -> None:
    one, two, three = (keys.create(name)[0] for name in ("a", "b", "c"))
    mark, _, _ = read(keys)
    new, _ = keys.create("d")
    revoked, _ = keys.revoke("a")
    keys.limit("b", {"rpm": 4})
    limited = keys.limit("b", {"rpm": 5})
    edit(keys.path, f"DELETE FROM keys WHERE id = '{three.id}'")
    later, whole, found = read(keys, mark)
    assert not whole
    assert {key.hash: key for key in found} == {
        one.hash: revoked,
        two.hash: limited,
        three.hash: Gone(three.hash),
        new.hash: new,
    }
    assert len(found) == 4
    assert keys.read(later) is None
    assert (one.active, two.limits.rpm) == (True, None)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE keys SET hash = 'h' WHERE id = '{id}'",
        "INSERT OR REPLACE INTO keys (id, name, tenant, hash, hint, created_us)"
        " VALUES ('{id}', 'z', '', 'h', '', 5)",
        "INSERT OR REPLACE INTO keys (id, name, tenant, hash, hint, created_us)"
        " VALUES ('key_z', 'a', '', 'h', '', 5)",
    ],
)
def test_a_key_that_another_took_the_place_of_is_gone(keys: SqliteKeys, statement: str) -> None:
    one, _ = keys.create("a")
    mark, _, _ = read(keys)
    edit(keys.path, statement.format(id=one.id))
    _, whole, found = read(keys, mark)
    assert not whole
    assert Gone(one.hash) in found
    assert [key.hash for key in found if isinstance(key, StoredKey)] == ["h"]


def test_after_a_backup_was_restored_all_is_read(keys: SqliteKeys, tmp_path: Path) -> None:
    first, _ = keys.create("a")
    copied(keys.path, tmp_path / "backup.db")
    second, _ = keys.create("b")
    keys.create("c")
    mark, _, _ = read(keys)
    copied(tmp_path / "backup.db", keys.path)
    back, whole, found = read(keys, mark)
    assert (whole, found) == (True, [first])
    keys.create("d")
    keys.create("e")
    other, whole, found = read(keys, mark)
    assert (other.version, whole, len(found)) == (mark.version, True, 3), "as many changes, but not the same"
    assert second not in found
    assert not read(keys, back)[1]


def test_in_another_file_all_is_read(keys: SqliteKeys, tmp_path: Path) -> None:
    keys.create("a")
    mark, _, _ = read(keys)
    other = SqliteKeys(tmp_path / "other.db", now_us=lambda: 1, random_bytes=counting())
    stored, _ = other.create("b")
    for path in tmp_path.glob("pointsman.db*"):
        path.unlink()
    (tmp_path / "other.db").rename(keys.path)
    found = read(keys, mark)
    assert (found[0].version, found[1:]) == (mark.version, (True, [stored]))


def test_who_missed_too_much_reads_all(keys: SqliteKeys) -> None:
    keys.create("a")
    mark, _, _ = read(keys)
    count = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < {most}) "
    insert = (
        "INSERT INTO keys (id, name, tenant, hash, hint, created_us) "
        "SELECT '{name}' || x, '{name}' || x, '', '{name}' || x, '', x FROM n"
    )
    edit(keys.path, (count + insert).format(name="x", most=9_999))
    later, whole, found = read(keys, mark)
    assert (whole, len(found)) == (False, 9_999)
    edit(keys.path, (count + insert).format(name="y", most=1))
    assert read(keys, mark)[1]
    assert not read(keys, later)[1]
    connection = sqlite3.connect(keys.path)
    assert connection.execute("SELECT count(*) FROM keys_changes").fetchone() == (10_000,)
    connection.close()


def test_a_backup_from_before_changes_were_kept_is_brought_up(keys: SqliteKeys, tmp_path: Path) -> None:
    keys.create("a")
    mark, _, _ = read(keys)
    for path in tmp_path.glob("pointsman.db*"):
        path.unlink()
    connection = connect(keys.path)
    migrate(connection, "keys", schema_scripts("pointsman.keys")[:2])
    connection.execute(
        "INSERT INTO keys (id, name, tenant, hash, hint, created_us) VALUES ('k', 'old', '', 'h', '', 5)"
    )
    connection.close()
    _, whole, found = read(keys, mark)
    assert whole
    assert [key.hash for key in found] == ["h"]


def test_what_is_away_is_told(keys: SqliteKeys, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "pointsman.db")
    connection.execute("ALTER TABLE keys RENAME TO elsewhere")
    connection.close()
    for question in (keys.all, keys.read, lambda: keys.revoke("a")):
        with pytest.raises(ServerBusy, match="cannot be read"):
            question()
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


def test_what_auto_means_is_changed_for_one_key(keys: SqliteKeys) -> None:
    stored, _ = keys.create("a", limits=KeyLimits(rpm=60))
    keys.create("b")
    before = keys.read()
    assert before is not None and list(before.batches)
    assert keys.set_auto("a", "support") == msgspec.structs.replace(stored, auto="support")
    assert [key.auto for key in keys.all()] == ["support", ""]
    changed = keys.read(before.mark)
    assert changed is not None and len([key for batch in changed.batches for key in batch]) == 1
    assert keys.set_auto(stored.id, "").auto == ""
    with pytest.raises(InvalidRequest, match="auto"):
        keys.set_auto("a", " x")
    with pytest.raises(NotFound, match="no key nobody"):
        keys.set_auto("nobody", "x")
    keys.revoke("a")
    with pytest.raises(Conflict, match="was revoked"):
        keys.set_auto("a", "x")


def test_what_the_cache_does_is_changed_for_one_key(keys: SqliteKeys) -> None:
    stored, _ = keys.create("a", auto="support", cache="own")
    keys.create("b")
    assert [key.cache for key in keys.all()] == ["own", ""]
    assert keys.set_cache("a", "off") == msgspec.structs.replace(stored, cache="off")
    assert keys.set_cache(stored.id, "").cache == ""
    with pytest.raises(InvalidRequest, match="cache"):
        keys.set_cache("a", "x" * 65)


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
