"""The thread that does jobs in groups."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import partial
from typing import Any

import pytest

from pointsman.caching.idempotency.thread import GroupThread, Job
from pointsman.errors import ServerBusy


def do_all(jobs: Sequence[Job]) -> list[Any]:
    return [job() for job in jobs]


def a_thread(together: Any = do_all, idle: Any = lambda: None, **more: Any) -> GroupThread:
    return GroupThread(together, idle, name="test", **({"beat": 60.0} | more))


def test_jobs_are_done_in_order_and_say_what_they_say() -> None:
    seen: list[int] = []

    def see(number: int) -> int:
        seen.append(number)
        return number

    thread = a_thread()
    futures = [thread.put(partial(see, number)) for number in range(50)]
    assert [future.result(10) for future in futures] == list(range(50)) == seen
    thread.close().result(10)


def test_what_comes_meanwhile_is_one_group_of_a_bounded_size() -> None:
    sizes: list[int] = []
    begun, go_on = threading.Event(), threading.Event()

    def together(jobs: Sequence[Job]) -> list[Any]:
        sizes.append(len(jobs))
        begun.set()
        assert go_on.wait(10)
        return do_all(jobs)

    thread = a_thread(together, group=4)
    thread.put(lambda: 0)
    assert begun.wait(10)
    rest = [thread.put(lambda: 1) for _ in range(10)]
    go_on.set()
    assert [future.result(10) for future in rest] == [1] * 10
    assert sizes == [1, 4, 4, 2]
    thread.close().result(10)


def test_a_store_that_is_away_fails_one_group_only() -> None:
    away = [True]

    def together(jobs: Sequence[Job]) -> list[Any]:
        if away.pop() if away else False:
            raise ServerBusy("away")
        return do_all(jobs)

    thread = a_thread(together)
    with pytest.raises(ServerBusy, match="away"):
        thread.put(lambda: 1).result(10)
    assert thread.put(lambda: 2).result(10) == 2
    thread.close().result(10)


def test_closing_does_what_is_there_and_takes_no_more() -> None:
    thread = a_thread()
    last = thread.put(lambda: "done")
    thread.close().result(10)
    assert last.result(0) == "done"
    with pytest.raises(ServerBusy):
        thread.put(lambda: 1).result(0)
    assert thread.close().done()


def test_it_looks_around_while_nothing_is_asked() -> None:
    looked = threading.Event()
    thread = a_thread(idle=looked.set, beat=0.001)
    assert looked.wait(10)
    thread.close().result(10)
