from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pointsman.errors import ServerBusy
from pointsman.promptcache.sqlite import KEEP_US, SqliteHabits

ONE, TWO = ("anthropic/m", "acme"), ("anthropic/m", "other")


def test_what_was_kept_last_is_found(tmp_path: Path) -> None:
    clock = [KEEP_US]
    store = SqliteHabits(tmp_path / "p.db", now_us=lambda: clock[0])
    assert store.load() == {}
    store.save({ONE: b"{}", TWO: b"{}"})
    clock[0] += 1
    store.save({ONE: b'{"all":[1,1,0,0]}'})
    again = SqliteHabits(tmp_path / "p.db", now_us=lambda: clock[0])
    assert again.load() == {ONE: b'{"all":[1,1,0,0]}', TWO: b"{}"}


def test_habits_of_long_ago_are_forgotten(tmp_path: Path) -> None:
    clock = [KEEP_US]
    store = SqliteHabits(tmp_path / "p.db", now_us=lambda: clock[0])
    store.save({ONE: b"{}"})
    clock[0] += KEEP_US
    assert store.load() == {}
    store.save({TWO: b"{}"})
    clock[0] -= 1
    assert store.load() == {TWO: b"{}"}


def test_a_file_that_is_away_is_said_to_be(tmp_path: Path) -> None:
    store = SqliteHabits(tmp_path / "p.db", now_us=lambda: 0)
    with closing(sqlite3.connect(tmp_path / "p.db")) as connection:
        connection.execute("DROP TABLE prompt_habits")
    with pytest.raises(ServerBusy, match="tried again"):
        store.load()
    with pytest.raises(ServerBusy, match="tried again"):
        store.save({ONE: b"{}"})
