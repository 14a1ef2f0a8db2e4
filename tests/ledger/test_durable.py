"""The ledger and the calls under way beside it, opened and closed together. ``test_crash.py`` kills them."""

from __future__ import annotations

from pathlib import Path

import pytest

from pointsman.chat import Usage
from pointsman.errors import ConfigurationError
from pointsman.ledger import PROCESS_DIED
from pointsman.ledger.durable import Durable, calls_folder, open_durable
from pointsman.ledger.mmap import Abandoned, OpenCalls
from tests.support.ledger_entries import an_entry
from tests.support.open_calls import an_open_call


async def close(books: Durable) -> None:
    await books.ledger.close()
    books.open_calls.close()


def database(tmp_path: Path) -> Path:
    return tmp_path / "some.db"


async def test_what_is_committed_is_not_open_any_more(tmp_path: Path) -> None:
    books = open_durable(database(tmp_path))
    for name in ("done", "under way"):
        books.open_calls.begin(an_open_call(name))
    books.ledger.record(an_entry("done"))
    await books.ledger.flush()
    assert len(books.open_calls) == 1
    books.ledger.record(an_entry("under way"))
    await close(books)
    assert list(calls_folder(database(tmp_path)).iterdir()) == []


async def test_what_was_left_is_in_the_ledger_before_anything_else_happens(tmp_path: Path) -> None:
    before = open_durable(database(tmp_path))
    before.open_calls.begin(an_open_call("left", usage=Usage(input=3), cost=9))
    await close(before)
    books = open_durable(database(tmp_path))
    assert books.settled == 1
    entry = await books.ledger.find("left")
    assert entry is not None
    assert (entry.error, entry.usage, entry.cost) == (PROCESS_DIED, Usage(input=3), 9)
    await close(books)
    books = open_durable(database(tmp_path))
    assert books.settled == 0
    await close(books)


async def test_processes_that_live_are_left_alone(tmp_path: Path) -> None:
    first = open_durable(database(tmp_path))
    first.open_calls.begin(an_open_call("alive"))
    second = open_durable(database(tmp_path))
    assert second.settled == 0
    assert await second.ledger.find("alive") is None
    await close(second)
    await close(first)


def test_databases_in_one_folder_have_their_calls_apart(tmp_path: Path) -> None:
    assert calls_folder(tmp_path / "a.db") == tmp_path / "a.db-calls"
    assert calls_folder(tmp_path / "b.db") == tmp_path / "b.db-calls"


def test_what_is_no_database_leaves_no_file_behind(tmp_path: Path) -> None:
    path = database(tmp_path)
    path.write_text("not a database " * 100)
    with pytest.raises(ConfigurationError, match=r"some\.db"):
        open_durable(path)
    assert list(calls_folder(path).iterdir()) == []


def test_what_cannot_be_settled_stays_where_it_is(tmp_path: Path) -> None:
    path = database(tmp_path)
    path.write_text("not a database " * 100)
    calls = OpenCalls(calls_folder(path))
    calls.begin(an_open_call("left"))
    calls.close()
    with pytest.raises(ConfigurationError):
        open_durable(path)
    abandoned = Abandoned(calls_folder(path))
    abandoned.release()
    assert [call.request_id for call in abandoned.calls] == ["left"]
