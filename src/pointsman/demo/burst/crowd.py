"""Sends many requests at their times, whatever comes back, and counts how they end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from .burst import Ask


class Caller(Protocol):
    """A program that wants an answer. Whatever it raises is its caller's error."""

    async def ask(self, ask: Ask) -> int: ...


class Tally:
    """How many of a crowd are where, now and in the end."""

    def __init__(self, asks: int) -> None:
        self.all = asks
        self.asked = 0
        self.waits: list[float] = []
        """Seconds from the question to the end of the answer, of each that was answered."""
        self.errors: list[str] = []
        """What the callers were told in place of an answer."""
        self.refused = 0
        """429s that the provider has told of so far."""
        self.seconds = 0.0
        """From the beginning to the last end."""

    @property
    def answered(self) -> int:
        return len(self.waits)

    @property
    def waiting(self) -> int:
        return self.asked - self.answered - len(self.errors)

    @property
    def done(self) -> bool:
        return self.answered + len(self.errors) == self.all


async def send_all(
    caller: Caller,
    asks: Sequence[Ask],
    tally: Tally,
    *,
    clock: Callable[[], float],
    failures: tuple[type[Exception], ...],
) -> None:
    """Send each of ``asks`` at its time, and return when all have ended."""
    begun = clock()

    async def one(ask: Ask) -> None:
        await asyncio.sleep(max(0.0, begun + ask.at - clock()))
        tally.asked += 1
        asked = clock()
        try:
            await caller.ask(ask)
        except failures as error:
            tally.errors.append(str(error))
        else:
            tally.waits.append(clock() - asked)
        tally.seconds = clock() - begun

    async with asyncio.TaskGroup() as group:
        for ask in asks:
            group.create_task(one(ask))
