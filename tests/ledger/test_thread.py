from __future__ import annotations

import asyncio
import threading
from queue import SimpleQueue

import pytest

from pointsman.errors import InternalError, ServerBusy
from pointsman.ledger import Entry
from pointsman.ledger.thread import GroupWriter, give_way
from tests.support.ledger_entries import an_entry


class Groups:
    """Takes groups down; away for as many calls as it was told."""

    def __init__(self, failures: int = 0) -> None:
        self.taken: list[list[str]] = []
        self.failures = failures

    def commit(self, entries: list[Entry]) -> None:
        if self.failures:
            self.failures -= 1
            raise ServerBusy("The disk is away.")
        self.taken.append([entry.request_id for entry in entries])


def test_entries_that_come_together_are_committed_together_and_in_order() -> None:
    groups = Groups()
    writer = GroupWriter(groups.commit, interval=9)
    for number in range(50):
        writer.put(an_entry(str(number)))
    writer.flush().result(9)
    assert groups.taken == [[str(number) for number in range(50)]]
    writer.close()


def test_a_group_is_no_larger_than_told() -> None:
    groups = Groups()
    writer = GroupWriter(groups.commit, interval=9, group=20)
    for number in range(50):
        writer.put(an_entry(str(number)))
    writer.flush().result(9)
    assert [len(group) for group in groups.taken] == [20, 20, 10]
    writer.close()


def test_those_that_belong_together_are_never_parted() -> None:
    groups = Groups()
    writer = GroupWriter(groups.commit, interval=9, group=2)
    writer.put(an_entry("a"))
    writer.put(tuple(an_entry(name) for name in "bcd"))
    writer.put(an_entry("e"))
    writer.flush().result(9)
    assert groups.taken == [["a", "b", "c", "d"], ["e"]]
    writer.close()


def test_without_anybody_asking_a_group_is_committed_after_its_interval() -> None:
    done = threading.Event()
    writer = GroupWriter(lambda _: done.set(), interval=0.001)
    writer.put(an_entry())
    assert done.wait(9)
    writer.close()


def test_a_store_that_is_away_is_tried_again_and_nothing_is_lost() -> None:
    groups = Groups(failures=2)
    troubles: SimpleQueue[str | None] = SimpleQueue()
    writer = GroupWriter(groups.commit, troubled=troubles.put, interval=0)
    writer.put(an_entry("a"))
    writer.flush().result(9)
    writer.put(an_entry("b"))
    writer.flush().result(9)
    assert groups.taken == [["a"], ["b"]]
    assert [troubles.get(timeout=9), troubles.get(timeout=9)] == ["The disk is away.", None]
    assert (writer.problem, writer.backlog) == (None, 0)
    writer.close()


def test_closing_commits_what_there_is() -> None:
    groups = Groups(failures=1)
    writer = GroupWriter(groups.commit, interval=9)
    writer.put(an_entry("a"))
    writer.close()
    assert groups.taken == [["a"]]
    writer.flush().result(0)
    writer.close()


def test_closing_gives_up_when_patience_is_over_and_says_what_is_lost() -> None:
    writer = GroupWriter(Groups(failures=10**9).commit, interval=9)
    writer.put(an_entry("a"))
    waiting = writer.flush()
    with pytest.raises(InternalError, match="1 entries of the ledger could not be stored: The disk is away"):
        writer.close(patience=0)
    assert isinstance(waiting.exception(9), InternalError)
    assert "1 entries wait" in str(writer.problem)
    with pytest.raises(InternalError, match="closed"):
        writer.flush().result(0)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_bug_in_the_store_is_told_to_those_who_wait() -> None:
    def commit(entries: list[Entry]) -> None:
        raise ZeroDivisionError

    writer = GroupWriter(commit, interval=9)
    writer.put(an_entry("a"))
    with pytest.raises(InternalError, match="bug"):
        writer.flush().result(9)
    assert "bug" in str(writer.problem)
    writer.close()


async def test_who_waits_may_leave() -> None:
    groups = Groups()
    writer = GroupWriter(groups.commit, interval=0.001)
    writer.put(an_entry("a"))
    waiting = asyncio.wrap_future(writer.flush())
    waiting.cancel()
    await asyncio.wrap_future(writer.flush())
    assert groups.taken == [["a"]]
    writer.close()


def test_any_thread_may_put() -> None:
    groups = Groups()
    writer = GroupWriter(groups.commit, interval=0)
    threads = [
        threading.Thread(target=lambda: [writer.put(an_entry(str(number))) for number in range(500)])
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    assert sum(len(group) for group in groups.taken) == 2000


def test_giving_way_lets_another_thread_in() -> None:
    seen = threading.Event()
    threading.Thread(target=seen.set).start()
    while not seen.is_set():
        give_way()
