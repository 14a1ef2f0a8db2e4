from __future__ import annotations

import os
import socket
import sqlite3
from pathlib import Path

from pointsman.cli.doctor.machine import database_state, open_file_limit, port_state
from pointsman.keys.sqlite import SqliteKeys
from pointsman.storage.sqlite import connect, migrate


def test_a_free_port_and_one_in_use() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        number = listener.getsockname()[1]
        taken = port_state("127.0.0.1", number)
    assert (taken.free, taken.in_use) == (False, True)
    assert port_state("127.0.0.1", number).free is True
    assert port_state("127.0.0.1", 0).free is True


def test_an_address_of_another_machine_cannot_be_listened_on() -> None:
    state = port_state("192.0.2.1", 0)
    assert (state.free, state.in_use) == (False, False)
    assert state.reason


def test_the_limit_of_open_files_is_a_number_or_unknown() -> None:
    limit = open_file_limit()
    assert limit is None or limit > 0


def test_a_database_that_is_not_there_is_left_so(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "a.db"
    state = database_state(path)
    assert (state.exists, state.writable, state.problem) == (False, True, "")
    assert not path.parent.exists()


def test_a_database_below_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert database_state(tmp_path / "file" / "a.db").writable is False


def test_a_database_tells_its_tables_and_size(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    connection = connect(path)
    migrate(connection, "ledger", ["CREATE TABLE a (b);", "CREATE TABLE c (d);"])
    state = database_state(path)
    connection.close()
    assert (state.exists, state.writable, state.versions) == (True, True, {"ledger": 2})
    assert state.size > 0


def test_only_keys_that_are_good_are_counted(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    keys = SqliteKeys(path, now_us=lambda: 1, random_bytes=os.urandom)
    assert database_state(path).keys == 0
    for name in ("a", "b", "c"):
        keys.create(name)
    keys.revoke("b")
    assert database_state(path).keys == 2
    assert database_state(path).revoked == 1


def test_an_empty_database_has_no_tables(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "a.db").close()
    assert database_state(tmp_path / "a.db").versions == {}


def test_a_file_that_is_no_database_is_a_problem(tmp_path: Path) -> None:
    path = tmp_path / "a.db"
    path.write_bytes(b"this is not a database at all, but it is long enough to be read as one" * 20)
    assert "cannot be opened" in database_state(path).problem
