"""An event loop in a thread of its own, for callers that have none."""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from pointsman.errors import InvalidRequest

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for any number of threads."""

    def __init__(self) -> None:
        self._gate = threading.Lock()
        self._closed = False
        self._before_end: Callable[[], Coroutine[Any, Any, None]] | None = None
        self._loop: asyncio.AbstractEventLoop
        self._stop: asyncio.Event
        ready = threading.Event()
        self._thread = threading.Thread(
            target=self._live, args=(ready,), name="pointsman-client", daemon=True
        )
        self._thread.start()
        ready.wait()

    @property
    def closed(self) -> bool:
        return self._closed

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Wait for ``work``, which is made where it runs, so that a Ctrl-C before that leaves nothing behind.
        A later one cancels it, and is raised once it has cleaned up: it must not go on, and cost, behind the
        caller's back.

        Raises:
            InvalidRequest: this is closed, or belongs to the process that this one was forked from.
        """
        with self._gate:
            if self._closed or not self._thread.is_alive():
                raise _closed()
            wait = self._start(work)
        return wait()

    def at_end(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """What ``close`` runs first; at the interpreter's exit, too, if nobody closes before."""
        self._before_end = work
        atexit.register(self.close)  # now, so that it goes before what ``work`` relies on

    def close(self) -> None:
        """Returns when the thread has ended. Calls of other threads that are under way are cancelled."""
        with self._gate:  # what got through before is started before the loop is told to stop
            if self._closed:
                return
            self._closed = True
        atexit.unregister(self.close)
        if not self._thread.is_alive():
            return  # a fork has no threads but its own
        try:
            if self._before_end is not None:
                self._start(self._before_end)()
        finally:
            self._loop.call_soon_threadsafe(self._stop.set)
            self._thread.join()

    def _start(self, work: Callable[[], Coroutine[Any, Any, T]]) -> Callable[[], T]:
        """Begin, and return what waits for the end."""
        done = threading.Event()
        tasks: list[asyncio.Task[T]] = []

        def start() -> None:
            task = self._loop.create_task(work())
            tasks.append(task)
            task.add_done_callback(lambda _: done.set())

        def wait() -> T:
            try:
                done.wait()
            except BaseException:
                self._loop.call_soon_threadsafe(lambda: tasks[0].cancel())
                done.wait()
                raise
            if tasks[0].cancelled():
                raise _closed()
            return tasks[0].result()

        self._loop.call_soon_threadsafe(start)
        return wait

    def _live(self, ready: threading.Event) -> None:
        """The thread. The runner cancels what is left and closes generators that nobody finished."""

        async def until_stopped() -> None:
            self._loop = asyncio.get_running_loop()
            self._stop = asyncio.Event()
            ready.set()
            await self._stop.wait()

        with asyncio.Runner() as runner:
            runner.run(until_stopped())


def _closed() -> InvalidRequest:
    return InvalidRequest("This client is closed: make another one.", code="client_closed")
