"""Flights under way: the one module of them that waits. It runs each call as a task beside its clients."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable
from typing import Generic, TypeVar

from .flight import Flight, Flights, Seat

T = TypeVar("T")
R = TypeVar("R")

Work = Callable[[Callable[[T], None]], Awaitable[R]]
"""A call, retries and all: it is given what takes the items as they come, and returns the result."""


class OwnFailure(Exception):
    """Raised by a ``Work``: the call was not made for a reason that is its maker's alone, ``error``. Whoever
    waits with it makes the call instead."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


class Riding(Generic[T, R]):
    """Lets many wait for one call.

    Args:
        weigh: what an item weighs; see ``Flight``.
        most: the weight of a past that may still be joined. Until the last of its clients has gone, all of an
            answer is held once, however slow they read.
    """

    def __init__(self, weigh: Callable[[T], int] = lambda _: 1, most: int = 1_000_000) -> None:
        self._weigh = weigh
        self._flights: Flights[T, R] = Flights(most)
        self._tasks: dict[Flight[T, R], asyncio.Task[None]] = {}

    def board(self, key: Hashable) -> Seat[T, R]:
        """A seat for one client. It must be followed to its end, or ``leave`` be called."""
        return self._flights.board(key)

    @property
    def calls(self) -> int:
        """Calls under way."""
        return len(self._tasks)

    async def follow(self, seat: Seat[T, R], work: Work[T, R]) -> AsyncGenerator[T, None]:
        """The items, from the first on; then ``seat.flight.result`` is there. To be closed if it is not read
        to its end: with the last client the call is cancelled.

        Args:
            work: the call as this client would make it; made only if it leads.

        Raises:
            BaseException: that which ended the call, after the items that came before it.
        """
        changed = asyncio.Event()
        seat.wake = changed.set
        flight = seat.flight
        try:
            while True:
                changed.clear()
                if seat.leads and not flight.ended and flight not in self._tasks:
                    self._launch(flight, work)
                for item in seat.take():
                    yield item
                if seat.over:
                    break
                await changed.wait()
        finally:
            seat.wake = None
            if seat.leave() and (task := self._tasks.get(flight)) is not None:
                task.cancel()
        if (error := seat.error) is not None:
            raise error

    async def close(self) -> None:
        """Cancel what is under way, and wait for it."""
        tasks = list(self._tasks.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _launch(self, flight: Flight[T, R], work: Work[T, R]) -> None:
        task = asyncio.create_task(self._call(flight, work))
        self._tasks[flight] = task

    async def _call(self, flight: Flight[T, R], work: Work[T, R]) -> None:
        def add(item: T) -> None:
            flight.add(item, self._weigh(item))

        try:
            result = await work(add)
        except OwnFailure as failure:
            del self._tasks[flight]
            flight.hand_on(failure.error)
        except BaseException as error:  # whatever it is, nobody may be left waiting; each client raises it
            del self._tasks[flight]
            flight.fail(error)
            if not isinstance(error, Exception):
                raise
        else:
            del self._tasks[flight]
            flight.land(result)
