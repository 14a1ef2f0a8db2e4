"""The thread that commits entries in groups, so that who records one never waits for a disk."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue

from pointsman.errors import InternalError, ServerBusy

from .entry import Entry

_FIRST_PAUSE = 0.05
_LONGEST_PAUSE = 5.0


def give_way() -> None:
    """Let another thread have the interpreter.

    SQLite gives the lock up for each statement and takes it back at once, often before a waiting event loop
    has woken up; that then waits for the switch interval of 5 ms. Asked like this it is let in (measured:
    p99 of the loop's delay 0.9 ms in place of 3.4 at 10,000 entries a second).
    """
    time.sleep(0)


class _Mark:
    """Stands in the queue behind the entries that it waits for."""

    __slots__ = ("done", "last")

    def __init__(self, *, last: bool) -> None:
        self.done: Future[None] = Future()
        self.done.set_running_or_notify_cancel()  # who waits may go away; the thread must not stumble on that
        self.last = last


class GroupWriter:
    """Collects entries for a moment and hands them on together, in order, until that succeeds.

    Args:
        commit: stores a group, wholly or not at all, and the same entry never twice; raises ServerBusy
            where the store is away. Runs in the thread.
        troubled: told, in the thread, why nothing can be committed; and None when that is over.
        interval: seconds from a group's first entry to its commit.
        group: most entries of one commit.
    """

    def __init__(
        self,
        commit: Callable[[list[Entry]], None],
        *,
        troubled: Callable[[str | None], None] | None = None,
        interval: float = 0.025,
        group: int = 1024,
    ) -> None:
        self._troubled = troubled
        self._commit = commit
        self._interval = interval
        self._group = group
        self._queue: SimpleQueue[Entry | tuple[Entry, ...] | _Mark] = SimpleQueue()
        self._hurry = threading.Event()
        self._give_up_at: float | None = None
        self._in_hand: list[Entry | tuple[Entry, ...]] = []
        self._ended = False
        self._problem: tuple[str, float] | None = None
        self.put: Callable[[Entry | tuple[Entry, ...]], None] = self._queue.put
        """Never waits, from any thread; wakes the thread only if it has nothing in hand. A tuple is committed
        in one group."""
        self._thread = threading.Thread(target=self._run, name="pointsman-ledger", daemon=True)
        self._thread.start()
        atexit.register(self.close)

    @property
    def backlog(self) -> int:
        """Entries that are not committed yet."""
        return self._queue.qsize() + len(self._in_hand)

    def is_behind(self, most: int) -> bool:
        """Whether more than ``most`` entries are not committed yet. Asked by each request."""
        return self._queue.qsize() + len(self._in_hand) > most

    @property
    def problem(self) -> str | None:
        """Why nothing can be committed just now, or None."""
        problem = self._problem
        if problem is None:
            return None
        text, since = problem
        return f"{text} ({self.backlog} entries wait in memory, for {time.monotonic() - since:.0f} s by now.)"

    def flush(self) -> Future[None]:
        """Done when everything put so far is committed; an InternalError if the thread gave up before."""
        mark = _Mark(last=False)
        if self._ended:
            if self.backlog:
                mark.done.set_exception(InternalError(f"The ledger is closed. {self.problem or ''}"))
            else:
                mark.done.set_result(None)
            return mark.done
        self._queue.put(mark)
        self._hurry.set()
        return mark.done

    def close(self, patience: float = 5.0) -> None:
        """Commit what there is, trying for ``patience`` seconds, and end the thread. Twice is nothing.

        Raises:
            InternalError: the store stayed away; says how many entries it did not take.
        """
        atexit.unregister(self.close)
        if self._ended:
            self._thread.join()
            return
        self._give_up_at = time.monotonic() + patience
        mark = _Mark(last=True)
        self._queue.put(mark)
        self._hurry.set()
        self._thread.join()
        if mark.done.done():
            mark.done.result()

    def _run(self) -> None:
        while not self._ended:
            first = self._queue.get()
            self._hurry.wait(self._interval)
            self._hurry.clear()
            marks = self._take(first)
            failure: InternalError | None = InternalError("The ledger's thread has died of a bug.")
            try:
                failure = self._commit_all()
                self._ended = any(mark.last for mark in marks)
            finally:
                if failure is not None:
                    self._ended = True
                    self._problem = (failure.message, time.monotonic())
                for mark in marks:
                    if failure is None:
                        mark.done.set_result(None)
                    else:
                        mark.done.set_exception(failure)

    def _take(self, first: Entry | tuple[Entry, ...] | _Mark) -> list[_Mark]:
        marks: list[_Mark] = []
        next_ = self._queue.get_nowait
        item = first
        try:
            while True:
                if isinstance(item, _Mark):
                    marks.append(item)
                else:
                    self._in_hand.append(item)
                item = next_()
        except Empty:
            return marks

    def _commit_all(self) -> InternalError | None:
        pause = _FIRST_PAUSE
        while self._in_hand:
            group = self._in_hand[: self._group]
            try:
                self._commit(_flat(group))
            except ServerBusy as error:
                self._trouble(error.message)
                if self._give_up_at is not None and time.monotonic() + pause > self._give_up_at:
                    return self._unsaved(error)
                self._hurry.wait(pause)
                self._hurry.clear()
                pause = min(pause * 2, _LONGEST_PAUSE)
            else:
                del self._in_hand[: len(group)]
                self._trouble(None)
                pause = _FIRST_PAUSE
        return None

    def _trouble(self, problem: str | None) -> None:
        if (problem is None) == (self._problem is None):
            return
        self._problem = None if problem is None else (problem, time.monotonic())
        if self._troubled is not None:
            self._troubled(problem)

    def _unsaved(self, error: ServerBusy) -> InternalError:
        return InternalError(
            f"{len(self._in_hand)} entries of the ledger could not be stored: {error.message} Where calls in"
            " flight are kept too (OpenCalls), the next start records them as estimates."
        )


def _flat(items: Sequence[Entry | tuple[Entry, ...]]) -> list[Entry]:
    found: list[Entry] = []
    for item in items:
        if isinstance(item, tuple):
            found.extend(item)
        else:
            found.append(item)
    return found
