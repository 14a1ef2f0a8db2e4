import asyncio
import random
import socket
import time
from datetime import UTC, date, datetime

import pytest

from pointsman.clock import Clock
from tests.support.virtual_time import Deadlock, TooLate, VirtualClock, outside, run_virtual


def test_a_week_of_sleep_takes_no_time() -> None:
    async def work() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await asyncio.sleep(7 * 86_400)
        return loop.time() - began

    began = time.monotonic()
    assert run_virtual(work, limit_seconds=10 * 86_400) == 7 * 86_400
    assert time.monotonic() - began < 1


def test_all_that_waits_goes_by_the_virtual_clock() -> None:
    async def work() -> list[tuple[str, float]]:
        loop = asyncio.get_running_loop()
        start = loop.time()
        seen: list[tuple[str, float]] = []

        def note(what: str) -> None:
            seen.append((what, round(loop.time() - start, 6)))

        loop.call_later(40, note, "call_later")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(10):
                await asyncio.Event().wait()
        note("timeout")
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.Event().wait(), 20)
        note("wait_for")
        done, _ = await asyncio.wait([asyncio.create_task(asyncio.sleep(1))], timeout=5)
        note(f"wait: {len(done)}")
        await asyncio.sleep(100)
        note("sleep")
        return seen

    assert run_virtual(work) == [
        ("timeout", 10),
        ("wait_for", 30),
        ("wait: 1", 31),
        ("call_later", 40),
        ("sleep", 131),
    ]


def test_a_coroutine_and_its_function_will_both_do() -> None:
    async def work() -> str:
        return "done"

    assert run_virtual(work) == run_virtual(work()) == "done"


def test_waiting_for_nothing_is_told_instead_of_hanging() -> None:
    async def never() -> None:
        await asyncio.Event().wait()

    async def work() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(never(), name="one that waits")

    with pytest.raises(Deadlock, match=r"one that waits at .*test_virtual_time\.py:\d+"):
        run_virtual(work)


def test_what_takes_too_long_is_told() -> None:
    async def work() -> None:
        for _ in range(61):
            await asyncio.sleep(60)

    with pytest.raises(TooLate, match="Still waiting"):
        run_virtual(work, limit_seconds=3600)


def test_an_error_comes_out_and_what_is_left_is_cancelled() -> None:
    ended: list[str] = []

    async def left_behind() -> None:
        try:
            await asyncio.sleep(1_000)
        finally:
            ended.append("cancelled")

    async def work() -> None:
        task = asyncio.create_task(left_behind())
        await asyncio.sleep(1)
        assert not task.done()
        raise LookupError("as planned")

    with pytest.raises(LookupError, match="as planned"):
        run_virtual(work)
    assert ended == ["cancelled"]


def test_the_same_seed_gives_the_same_order() -> None:
    def order(seed: int) -> list[tuple[int, float]]:
        async def work() -> list[tuple[int, float]]:
            dice, seen = random.Random(seed), list[tuple[int, float]]()

            async def one(number: int) -> None:
                for _ in range(5):
                    await asyncio.sleep(dice.choice((0, 0.5, 1, 1, 2)))
                    seen.append((number, asyncio.get_running_loop().time()))

            await asyncio.gather(*(one(number) for number in range(20)))
            return seen

        return run_virtual(work)

    assert order(1) == order(1) != order(2)


def test_the_clock_reads_the_loop() -> None:
    clock = VirtualClock(datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC))
    as_port: Clock = clock

    async def work() -> None:
        wall, steady = as_port.now_us(), as_port.monotonic()
        assert as_port.today() == date(2026, 12, 31)
        await asyncio.sleep(1.5)
        assert (as_port.now_us() - wall, as_port.monotonic() - steady) == (1_500_000, 1.5)
        assert as_port.today() == date(2027, 1, 1)
        clock.jump(-3600)
        assert (as_port.now_us() - wall, as_port.monotonic() - steady) == (-3_598_500_000, 1.5)

    run_virtual(work)


def test_a_thread_is_waited_for_while_the_clock_stands_still() -> None:
    async def work() -> float:
        began = asyncio.get_running_loop().time()
        async with asyncio.timeout(60):
            assert await asyncio.to_thread(sum, range(100_000)) == 4_999_950_000
        return asyncio.get_running_loop().time() - began

    assert run_virtual(work) == 0


def test_a_real_socket_is_waited_for_within_a_block_of_outside() -> None:
    async def work() -> None:
        here, there = socket.socketpair()
        reader, writer = await asyncio.open_connection(sock=here)
        with there:
            there.sendall(b"sent before")
            assert await reader.readexactly(11) == b"sent before"
            answer = asyncio.create_task(reader.readexactly(4))
            loop = asyncio.get_running_loop()
            with outside():
                began = loop.time()
                async with asyncio.timeout(60):
                    await asyncio.to_thread(there.sendall, b"late")
                    assert await answer == b"late"
                assert loop.time() == began
        writer.close()
        await writer.wait_closed()

    run_virtual(work)


async def test_outside_means_nothing_to_another_loop() -> None:
    with outside():
        assert await asyncio.to_thread(len, "real") == 4
