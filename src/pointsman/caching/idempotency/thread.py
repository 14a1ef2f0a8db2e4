"""A thread that does what is asked of a store in groups: each is one transaction, whatever came meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Any

from pointsman.errors import ServerBusy

Job = Callable[[], Any]


class GroupThread:
    """
    Args:
        together: does a group of jobs wholly, and gives what each said; or raises ServerBusy, and did none.
        idle: called after each group, and every ``beat`` seconds.
    """

    def __init__(
        self,
        together: Callable[[Sequence[Job]], list[Any]],
        idle: Callable[[], None],
        *,
        name: str,
        beat: float,
        group: int = 256,
    ) -> None:
        self._together = together
        self._idle = idle
        self._beat = beat
        self._group = group
        self._queue: SimpleQueue[tuple[Job, Future[Any]] | None] = SimpleQueue()
        self._closed = False
        self._ended: Future[None] = Future()
        self._ended.set_running_or_notify_cancel()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    def put(self, job: Job) -> Future[Any]:
        """What it will have said. Never waits."""
        done: Future[Any] = Future()
        done.set_running_or_notify_cancel()  # who waits may go away; the thread must not stumble on it
        if self._closed:
            done.set_exception(_gone())
        else:
            self._queue.put((job, done))
        return done

    def close(self) -> Future[None]:
        """Do what there is, and end the thread: then it is done."""
        if not self._closed:
            self._closed = True
            self._queue.put(None)
        return self._ended

    def _run(self) -> None:
        try:
            while self._turn():
                self._idle()
        finally:
            self._closed = True
            self._turn_away()
            self._ended.set_result(None)

    def _turn_away(self) -> None:
        """What is left where the thread has died of a bug."""
        while not self._queue.empty():
            if (item := self._queue.get()) is not None:
                item[1].set_exception(_gone())

    def _turn(self) -> bool:
        """One group; False after the last."""
        try:
            item = self._queue.get(timeout=self._beat)
        except Empty:
            return True
        group = []
        try:
            while item is not None:
                group.append(item)
                if len(group) == self._group:
                    break
                item = self._queue.get_nowait()
        except Empty:
            pass
        if group:
            self._do(group)
        return item is not None

    def _do(self, group: list[tuple[Job, Future[Any]]]) -> None:
        try:
            said = self._together([job for job, _ in group])
        except BaseException as error:
            for _, done in group:
                done.set_exception(error)
            if not isinstance(error, ServerBusy):
                raise
        else:
            for (_, done), one in zip(group, said, strict=True):
                done.set_result(one)


def _gone() -> ServerBusy:
    return ServerBusy("This process has stopped keeping answers. Send the request again a little later.")
