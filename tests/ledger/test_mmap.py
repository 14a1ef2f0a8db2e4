from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from pointsman.chat import Usage
from pointsman.errors import ConfigurationError, ServerBusy
from pointsman.ledger import PROCESS_DIED, Entry, MemoryLedger, settle
from pointsman.ledger.mmap import Abandoned, OpenCalls, settle_abandoned
from tests.support.ledger_entries import an_entry
from tests.support.open_calls import an_open_call


def into(ledger: MemoryLedger) -> Callable[[Sequence[Entry]], None]:
    def commit(entries: Sequence[Entry]) -> None:
        for entry in entries:
            ledger.record(entry)

    return commit


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def ids_in(folder: Path) -> list[str]:
    abandoned = Abandoned(folder)
    abandoned.release()
    return sorted(f"{call.request_id}.{call.number}" for call in abandoned.calls)


def test_calls_begun_and_not_ended_outlive_the_process(tmp_path: Path) -> None:
    calls = OpenCalls(tmp_path)
    for request_id in ("a", "b", "c"):
        calls.begin(an_open_call(request_id))
    calls.begin(an_open_call("b", number=2))
    calls.begin(an_open_call("c", number=2))
    calls.end("b")
    assert len(calls) == 2
    calls.close()
    assert ids_in(tmp_path) == ["a.1", "c.1", "c.2"]


def test_slots_are_used_again_and_the_file_grows_when_there_are_too_few(tmp_path: Path) -> None:
    calls = OpenCalls(tmp_path)
    for number in range(2000):
        calls.begin(an_open_call(str(number)))
        calls.end(str(number))
    (path,) = tmp_path.iterdir()
    assert path.stat().st_size == 256 * 512
    for number in range(700):
        calls.begin(an_open_call(str(number)))
    assert path.stat().st_size == 3 * 256 * 512
    calls.close()
    assert ids_in(tmp_path) == sorted(f"{number}.1" for number in range(700))


def test_ending_what_never_began_is_nothing(tmp_path: Path) -> None:
    calls = OpenCalls(tmp_path)
    calls.end("x")
    calls.close()


def test_closing_deletes_a_file_without_calls_only(tmp_path: Path) -> None:
    OpenCalls(tmp_path).close()
    assert list(tmp_path.iterdir()) == []
    calls = OpenCalls(tmp_path)
    calls.begin(an_open_call("left"))
    calls.close()
    assert ids_in(tmp_path) == ["left.1"]


def test_threads_do_not_share_slots(tmp_path: Path) -> None:
    calls = OpenCalls(tmp_path)

    def work(name: str) -> None:
        for number in range(300):
            calls.begin(an_open_call(f"{name}{number}"))
            if number % 3:
                calls.end(f"{name}{number}")

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    calls.close()
    assert ids_in(tmp_path) == sorted(f"{name}{number}.1" for name in "abcd" for number in range(0, 300, 3))


def test_an_attempt_that_failed_is_kept_as_it_ended(tmp_path: Path) -> None:
    calls = OpenCalls(tmp_path)
    calls.begin(an_open_call("a", usage=Usage(input=9)))
    calls.amend(an_open_call("a", usage=Usage(), status=500, error="upstream_unavailable"))
    calls.begin(an_open_call("a", number=2, usage=Usage(input=9)))
    calls.close()
    abandoned = Abandoned(tmp_path)
    (entry,) = settle(abandoned.calls)
    abandoned.release()
    assert entry.usage == Usage(input=9)
    assert [(a.status, a.outcome, a.error) for a in entry.attempts] == [
        (500, "error", "upstream_unavailable"),
        (0, "broken", PROCESS_DIED),
    ]


def test_slots_of_amended_calls_are_given_back(tmp_path: Path) -> None:
    calls = OpenCalls(tmp_path)
    for number in range(1000):
        calls.begin(an_open_call(str(number)))
        calls.amend(an_open_call(str(number), error="x"))
        calls.end(str(number))
    (path,) = tmp_path.iterdir()
    assert path.stat().st_size == 256 * 512
    calls.close()
    assert list(tmp_path.iterdir()) == []


async def test_what_dead_processes_left_is_settled_once(tmp_path: Path) -> None:
    alive, dead = OpenCalls(tmp_path), OpenCalls(tmp_path)
    alive.begin(an_open_call("alive"))
    dead.begin(an_open_call("dead", cost=5))
    dead.begin(an_open_call("committed", cost=5))
    dead.close()
    ledger = MemoryLedger()
    ledger.record(an_entry("committed"))
    assert settle_abandoned(tmp_path, into(ledger)) == 2
    assert settle_abandoned(tmp_path, into(ledger)) == 0
    assert await ledger.find("committed") == an_entry("committed")
    entry = await ledger.find("dead")
    assert entry is not None
    assert (entry.error, entry.cost) == (PROCESS_DIED, 5)
    assert await ledger.find("alive") is None
    assert names_in(tmp_path) == [alive._path.name]
    alive.close()


def test_what_could_not_be_recorded_is_kept_for_the_next_start(tmp_path: Path) -> None:
    def away(entries: Sequence[Entry]) -> None:
        raise ServerBusy("away")

    calls = OpenCalls(tmp_path)
    calls.begin(an_open_call("a"))
    calls.close()
    with pytest.raises(ServerBusy):
        settle_abandoned(tmp_path, away)
    assert ids_in(tmp_path) == ["a.1"]


def test_no_folder_and_foreign_files_are_nothing_to_settle(tmp_path: Path) -> None:
    ledger = MemoryLedger()
    assert settle_abandoned(tmp_path / "none", into(ledger)) == 0
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "rubbish.calls").write_bytes(b"\x01" * 700)
    assert settle_abandoned(tmp_path, into(ledger)) == 0
    assert names_in(tmp_path) == ["notes.txt"]
    assert ledger.entries == ()


def test_a_folder_that_cannot_be_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be kept in"):
        OpenCalls(tmp_path / "file" / "folder")
