from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

import pytest

from pointsman.errors import ConfigurationError
from pointsman.storage.sqlite import connect, connect_to_read, has_table, migrate, schema_scripts, transaction

FIRST = """
-- a comment; with a semicolon
CREATE TABLE a (x);
CREATE TRIGGER t AFTER INSERT ON a
BEGIN
    UPDATE a SET x = x + 1;
END;
"""
SECOND = "ALTER TABLE a ADD COLUMN y"


def test_scripts_run_once_and_in_order(tmp_path: Path) -> None:
    connection = connect(tmp_path / "new" / "folder" / "a.db")
    migrate(connection, "room", [FIRST])
    migrate(connection, "room", [FIRST])
    connection.execute("INSERT INTO a VALUES (1)")
    migrate(connection, "room", [FIRST, SECOND])
    assert connection.execute("SELECT x, y FROM a").fetchall() == [(2, None)]
    migrate(connection, "other", ["CREATE TABLE b (x)"])
    versions = connection.execute("SELECT * FROM schema_versions ORDER BY room").fetchall()
    assert versions == [("other", 1), ("room", 2)]
    connection.close()


def test_a_script_that_fails_changes_nothing(tmp_path: Path) -> None:
    connection = connect(tmp_path / "a.db")
    with pytest.raises(ConfigurationError, match="tables for room cannot be made"):
        migrate(connection, "room", ["CREATE TABLE a (x);\nCREATE TABEL b;"])
    assert connection.execute("SELECT name FROM sqlite_schema").fetchall() == []
    connection.close()


def test_the_file_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    connection = connect(tmp_path / "a.db")
    migrate(connection, "room", [FIRST, SECOND])
    with pytest.raises(ConfigurationError, match="newer Pointsman: upgrade"):
        migrate(connection, "room", [FIRST])
    connection.close()


def test_many_may_start_at_once(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    start = threading.Barrier(8)

    def open_and_migrate() -> None:
        start.wait()
        try:
            connection = connect(tmp_path / "a.db")
            migrate(connection, "room", [FIRST, SECOND])
            connection.close()
        except ConfigurationError as error:
            failures.append(error)

    threads = [threading.Thread(target=open_and_migrate) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


@pytest.mark.parametrize(("durability", "number"), [("normal", 1), ("full", 2)])
def test_settings_of_a_connection(tmp_path: Path, durability: str, number: int) -> None:
    connection = connect(tmp_path / "a.db", durability="full" if durability == "full" else "normal")
    assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert connection.execute("PRAGMA synchronous").fetchone() == (number,)
    connection.close()


def test_a_transaction_is_all_or_nothing(tmp_path: Path) -> None:
    connection = connect(tmp_path / "a.db")
    connection.execute("CREATE TABLE a (x)")
    with transaction(connection):
        connection.execute("INSERT INTO a VALUES (1)")
    with pytest.raises(ZeroDivisionError), transaction(connection):
        connection.execute("INSERT INTO a VALUES (2)")
        raise ZeroDivisionError
    assert connection.execute("SELECT x FROM a").fetchall() == [(1,)]
    connection.close()


def test_who_reads_cannot_write_and_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        connect_to_read(tmp_path / "a.db")
    assert list(tmp_path.iterdir()) == []
    connect(tmp_path / "ä #?.db").close()
    connection = connect_to_read(tmp_path / "ä #?.db")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("CREATE TABLE a (x)")
    connection.close()


def test_a_folder_that_cannot_be_made_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="Check the path"):
        connect(tmp_path / "file" / "a.db")


def test_the_scripts_of_a_package_come_by_number() -> None:
    scripts = schema_scripts("pointsman.ledger")
    assert "CREATE TABLE requests" in scripts[0]


def test_whether_a_table_is_there_makes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    assert not has_table(path, "things")
    assert not path.exists()
    connection = connect(path)
    connection.execute("CREATE TABLE things (id)")
    connection.close()
    assert has_table(path, "things")
    assert not has_table(path, "others")
