from __future__ import annotations

import asyncio
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pointsman.client.loop import LoopThread
from pointsman.errors import InvalidRequest


async def _double(number: int) -> int:
    return 2 * number


async def _fail() -> None:
    raise LookupError("nothing there")


def test_any_number_of_threads_may_run_work() -> None:
    loop = LoopThread()
    with ThreadPoolExecutor(8) as pool:
        doubled = pool.map(lambda n: loop.run(lambda: _double(n)), range(100))
        assert list(doubled) == [2 * n for n in range(100)]
    with pytest.raises(LookupError, match="nothing there"):
        loop.run(_fail)
    loop.close()


def test_closing_runs_the_last_work_once_and_ends_the_thread() -> None:
    loop, closed = LoopThread(), []

    async def last() -> None:
        closed.append(threading.current_thread().name)

    loop.at_end(last)
    with ThreadPoolExecutor(4) as pool:
        for _ in range(4):
            pool.submit(loop.close)
    assert (closed, loop.closed) == (["pointsman-client"], True)
    assert "pointsman-client" not in [thread.name for thread in threading.enumerate()]
    with pytest.raises(InvalidRequest, match="client is closed"):
        loop.run(lambda: _double(1))


def test_calls_under_way_in_other_threads_end_with_an_error() -> None:
    loop, begun, failures = LoopThread(), threading.Event(), []

    async def wait_for_ever() -> None:
        begun.set()
        await asyncio.Event().wait()

    def call() -> None:
        try:
            loop.run(wait_for_ever)
        except InvalidRequest as error:
            failures.append(error.code)

    thread = threading.Thread(target=call)
    thread.start()
    begun.wait(10)
    loop.close()
    thread.join(10)
    assert failures == ["client_closed"]


def test_a_last_work_that_fails_does_not_leave_the_thread_behind() -> None:
    loop = LoopThread()
    loop.at_end(_fail)
    with pytest.raises(LookupError):
        loop.close()
    assert "pointsman-client" not in [thread.name for thread in threading.enumerate()]


@pytest.mark.filterwarnings("ignore:This process.*is multi-threaded:DeprecationWarning")
def test_after_a_fork_it_says_so_instead_of_waiting_for_ever() -> None:
    loop = LoopThread()
    child = os.fork()
    if child == 0:
        try:
            loop.run(lambda: _double(1))
        except InvalidRequest:
            os._exit(0)
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    loop.close()
