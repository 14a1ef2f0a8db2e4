"""The thread that commits decisions in groups, so that no request waits for a disk.

It keeps nobody waiting at the price of completeness: where the disk does not keep up, or is away, decisions
are dropped, and how many is counted. Money is not at stake here; the ledger, where it is, drops nothing.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import Empty, SimpleQueue

from pointsman.errors import ServerBusy

from .kept import Decided

MOST_WAITING = 20_000
"""Decisions in memory, at some 2 KB each with their features."""


class DecisionWriter:
    """
    Args:
        commit: stores a group, wholly or not at all; raises ServerBusy where the store is away.
        idle: called now and then between groups, for what can wait: to delete what is old.
        interval: seconds from a group's first decision to its commit.
        group: most decisions of one commit.
        pause: seconds before the store is tried again.
    """

    def __init__(
        self,
        commit: Callable[[list[Decided]], None],
        idle: Callable[[], None],
        *,
        interval: float = 0.05,
        group: int = 512,
        pause: float = 1.0,
        most: int = MOST_WAITING,
    ) -> None:
        self.dropped = 0
        self._commit = commit
        self._idle = idle
        self._interval = interval
        self._group = group
        self._pause = pause
        self._most = most
        self._queue: SimpleQueue[Decided | None] = SimpleQueue()
        self._hurry = threading.Event()
        self._closing = False
        self._ended: Future[None] = Future()
        self._ended.set_running_or_notify_cancel()  # who waits may go away; the thread must not stumble on it
        self._thread = threading.Thread(target=self._run, name="pointsman-journal", daemon=True)
        self._thread.start()

    def put(self, decided: Decided) -> bool:
        """Never waits; whether it was taken."""
        if self._closing or self._queue.qsize() >= self._most:
            self.dropped += 1
            return False
        self._queue.put(decided)
        return True

    def close(self) -> Future[None]:
        """Commit what there is, if that is possible at once, and end the thread: then it is done."""
        if not self._closing:
            self._closing = True
            self._queue.put(None)
            self._hurry.set()
        return self._ended

    def _run(self) -> None:
        try:
            self._work()
        finally:
            self._closing = True
            self._ended.set_result(None)

    def _work(self) -> None:
        while True:
            first = self._queue.get()
            if first is None:
                return
            self._hurry.wait(self._interval)
            group, ended = self._take(first)
            self._store(group)
            if ended:
                return
            self._idle()

    def _take(self, first: Decided) -> tuple[list[Decided], bool]:
        """A group, and whether it is the last one."""
        group = [first]
        try:
            while len(group) < self._group or self._closing:
                item = self._queue.get_nowait()
                if item is None:
                    return group, True
                group.append(item)
        except Empty:
            pass
        return group, False

    def _store(self, group: list[Decided]) -> None:
        while True:
            try:
                self._commit(group)
                return
            except ServerBusy:
                if self._closing:
                    self.dropped += len(group)
                    return
            self._hurry.wait(self._pause)
