"""An event loop whose clock jumps: where all would wait for a timer, it is at once as late as that timer.

    def test_patience() -> None:
        assert run_virtual(work) == "done"      # work() may sleep for a week

Everything that asks the loop for the time goes by it: ``asyncio.sleep``, ``timeout``, ``wait_for``,
``call_later``. Real sockets are polled on the way but are not waited for, unless a block of ``outside()`` is
open: within one the clock stands still until something comes. Work in threads opens such a block by itself.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_START = 1_000.0
"""Not 0, which would hide whoever takes a time for "unknown"."""
_OUTSIDE_SECONDS = 30.0
"""Real seconds for which something from outside is waited for."""


class Deadlock(RuntimeError):
    """Nothing is ready and nothing is due: every task waits for another."""


class TooLate(RuntimeError):
    """The work has not ended within its virtual time."""


class _JumpingSelector(selectors.DefaultSelector):
    """Looks at real descriptors without waiting, and where it should wait lets the clock jump instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = _START
        self.until = float("inf")
        self.outside = 0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        if self.outside:
            return self._wait_outside()
        if timeout is None:
            raise Deadlock(f"Nothing is ready and no timer is set. Waiting:\n{_waiting()}")
        if self.now + timeout > self.until:
            raise TooLate(f"Virtual time is over. Still waiting:\n{_waiting()}")
        self.now += timeout
        return []

    def _wait_outside(self) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(_OUTSIDE_SECONDS)
        if not events:
            raise Deadlock(f"Nothing came from outside in {_OUTSIDE_SECONDS} real s. Waiting:\n{_waiting()}")
        return events


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time. The same work runs in the same order each time."""

    def __init__(self, *, limit_seconds: float = float("inf")) -> None:
        self._jumping = _JumpingSelector()
        self._jumping.until = self._jumping.now + limit_seconds
        super().__init__(self._jumping)

    def time(self) -> float:
        """Virtual seconds, from 1,000 on."""
        return self._jumping.now

    @contextmanager
    def outside(self) -> Iterator[None]:
        """While the block is open the clock stands still, and what is real is waited for."""
        self._jumping.outside += 1
        try:
            yield
        finally:
            self._jumping.outside -= 1

    def run_in_executor(
        self, executor: Executor | None, func: Callable[[*Ts], T], *args: *Ts
    ) -> asyncio.Future[T]:
        """As everywhere; the clock stands still until the thread has done."""
        future = super().run_in_executor(executor, func, *args)
        self._jumping.outside += 1
        future.add_done_callback(self._back_inside)
        return future

    async def shutdown_default_executor(self, *args: Any) -> None:
        """As everywhere; a thread joins the others meanwhile."""
        with self.outside():
            await super().shutdown_default_executor(*args)

    def _back_inside(self, _future: object) -> None:
        self._jumping.outside -= 1


class VirtualClock:
    """The running virtual loop's time, as a ``pointsman.clock.Clock``: gateway and simulator share one."""

    def __init__(self, start: datetime = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)) -> None:
        self._offset_us = (start - _EPOCH) // _MICROSECOND - round(_START * 1_000_000)

    def now_us(self) -> int:
        return self._offset_us + round(self.monotonic() * 1_000_000)

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def today(self) -> date:
        return (_EPOCH + self.now_us() * _MICROSECOND).date()

    def jump(self, seconds: float) -> None:
        """Set the wall clock forward or back; the monotonic clock does not notice."""
        self._offset_us += round(seconds * 1_000_000)


def run_virtual(
    work: Callable[[], Coroutine[Any, Any, T]] | Coroutine[Any, Any, T], *, limit_seconds: float = 86_400.0
) -> T:
    """Run a coroutine to its end in virtual time, then cancel what it left running and close the loop.

    Args:
        work: the coroutine, or the function that makes it.
        limit_seconds: virtual, not real.

    Raises:
        Deadlock: it waits for what will never come; the message names the tasks and where they wait.
        TooLate: it is not done after ``limit_seconds``.
    """
    coroutine = work() if callable(work) else work
    with asyncio.Runner(loop_factory=lambda: VirtualLoop(limit_seconds=limit_seconds)) as runner:
        return runner.run(coroutine)


@contextmanager
def outside() -> Iterator[None]:
    """Wait for something real (a socket, a process) within a virtual loop; nothing at all in any other."""
    loop = asyncio.get_running_loop()
    if isinstance(loop, VirtualLoop):
        with loop.outside():
            yield
    else:
        yield


def _waiting() -> str:
    """Each task with the line at which it waits."""
    lines = []
    for task in sorted(asyncio.all_tasks(asyncio.get_running_loop()), key=lambda task: task.get_name()):
        frames = task.get_stack(limit=1)
        place = f"{frames[-1].f_code.co_filename}:{frames[-1].f_lineno}" if frames else "not begun"
        lines.append(f"  {task.get_name()} at {place}")
    return "\n".join(lines)
