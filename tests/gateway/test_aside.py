from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from pointsman.gateway.aside import aside


async def test_work_is_done_in_another_thread() -> None:
    assert await aside(threading.get_ident) != threading.get_ident()
    with pytest.raises(ValueError, match="3 is wrong"):
        await aside(_fail, 3)


def _fail(number: int) -> None:
    raise ValueError(f"{number} is wrong")


async def test_where_no_thread_can_be_lent_it_is_done_here() -> None:
    executor = ThreadPoolExecutor()
    executor.shutdown()
    asyncio.get_running_loop().set_default_executor(executor)
    assert await aside(threading.get_ident) == threading.get_ident()


async def test_errors_of_the_work_itself_are_its_own() -> None:
    calls = []

    def fail() -> None:
        calls.append(1)
        raise RuntimeError("of its own")

    with pytest.raises(RuntimeError, match="of its own"):
        await aside(fail)
    assert calls == [1]
