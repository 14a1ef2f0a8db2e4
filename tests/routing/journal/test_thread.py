from __future__ import annotations

import threading

from pointsman.errors import ServerBusy
from pointsman.routing.journal import Decided
from pointsman.routing.journal.thread import DecisionWriter
from tests.support.decided import decided


class Store:
    """Commits when it is let, and fails so many times before that."""

    def __init__(self, failures: int = 0) -> None:
        self.groups: list[list[Decided]] = []
        self.failures = failures
        self.open = threading.Event()
        self.asked = threading.Event()
        self.idled = 0

    def commit(self, group: list[Decided]) -> None:
        self.asked.set()
        assert self.open.wait(10)
        if self.failures:
            self.failures -= 1
            raise ServerBusy("away")
        self.groups.append(list(group))

    def idle(self) -> None:
        self.idled += 1

    @property
    def kept(self) -> list[str]:
        return [each.request_id for group in self.groups for each in group]


def test_what_is_put_is_committed_in_order_and_in_groups() -> None:
    store = Store()
    writer = DecisionWriter(store.commit, store.idle, interval=0.0, group=4)
    store.open.set()
    assert all(writer.put(decided(f"r{number}")) for number in range(10))
    writer.close().result(10)
    assert store.kept == [f"r{number}" for number in range(10)]
    assert writer.dropped == 0
    writer.close().result(10)


def test_what_does_not_fit_is_dropped_and_counted() -> None:
    store = Store()
    writer = DecisionWriter(store.commit, store.idle, interval=0.0, group=1, most=3)
    assert writer.put(decided("first"))
    assert store.asked.wait(10)
    taken = [writer.put(decided(f"r{number}")) for number in range(5)]
    assert taken == [True, True, True, False, False]
    assert writer.dropped == 2
    store.open.set()
    writer.close().result(10)
    assert store.kept == ["first", "r0", "r1", "r2"]
    assert not writer.put(decided("late"))
    assert writer.dropped == 3


def test_a_store_that_is_away_is_tried_again() -> None:
    store = Store(failures=2)
    store.open.set()
    done = threading.Event()
    writer = DecisionWriter(store.commit, done.set, interval=0.0, pause=0.0)
    writer.put(decided("r"))
    assert done.wait(10)
    assert (store.kept, writer.dropped) == (["r"], 0)
    writer.close().result(10)


def test_who_closes_does_not_wait_for_a_store_that_stays_away() -> None:
    store = Store(failures=10**9)
    store.open.set()
    writer = DecisionWriter(store.commit, store.idle, interval=0.0, pause=60.0)
    writer.put(decided("r"))
    assert store.asked.wait(10)
    writer.close().result(10)
    assert (store.kept, writer.dropped) == ([], 1)


def test_between_groups_there_is_time_for_what_can_wait() -> None:
    store = Store()
    idled = threading.Event()
    store.open.set()
    writer = DecisionWriter(store.commit, idled.set, interval=0.0)
    writer.put(decided("r"))
    assert idled.wait(10)
    writer.close().result(10)
