"""How it is noticed that the client of a request leaves before it has its answer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from pointsman.http1 import Leave

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

WATCH_TICK = 0.02
"""Seconds between two sweeps: a request is watched from its second one on. A fast upstream's answers are
there before that, and so never pay for a second task."""


def tells_itself(receive: Receive, leave: Leave) -> bool:
    """Under our own server the connection tells, at once and without a task. False, and nothing done, under
    any other, or behind a wrapper around ``receive``: there it has to be waited for."""
    when_left = getattr(getattr(receive, "__self__", None), "when_left", None)
    if when_left is None:
        return False
    when_left(leave.now)
    return True


async def _watch(receive: Receive, leave: Leave) -> None:
    """Tell when the client of a request leaves."""
    while (await receive())["type"] != "http.disconnect":
        pass
    leave.now()


class Sweep:
    """Begins to watch what has been under way for a tick or two, with one timer for all requests."""

    def __init__(self) -> None:
        self._new: dict[Leave, Receive] = {}
        self._waiting: dict[Leave, Receive] = {}
        self._watched: dict[Leave, asyncio.Task[None]] = {}
        self._ticking = False

    def add(self, receive: Receive, leave: Leave) -> None:
        self._new[leave] = receive
        if not self._ticking:
            self._ticking = True
            asyncio.get_running_loop().call_later(WATCH_TICK, self._tick)

    def forget(self, leave: Leave) -> None:
        if self._new.pop(leave, None) is not None:
            return
        self._waiting.pop(leave, None)
        if (task := self._watched.pop(leave, None)) is not None:
            task.cancel()

    def _tick(self) -> None:
        for leave, receive in self._waiting.items():
            self._watched[leave] = asyncio.ensure_future(_watch(receive, leave))
        self._waiting, self._new = self._new, {}
        self._ticking = bool(self._waiting)
        if self._ticking:
            asyncio.get_running_loop().call_later(WATCH_TICK, self._tick)
