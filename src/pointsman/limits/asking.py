"""The seam between the queue and the two kinds of store: one answers at once, one must be awaited."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Literal, cast

from .limit import NOTHING, Amounts, Level, Limit, Shortage
from .port import LocalLimits, Reservation, SharedLimits
from .ticket import Ticket

NowUs = Callable[[], int]


class AskLocal:
    """A store in this process."""

    at_once: Literal[True] = True

    def __init__(self, store: LocalLimits, now_us: NowUs) -> None:
        self._store = store
        self._now_us = now_us

    def ask_now(self, ticket: Ticket) -> Reservation | Shortage:
        return self._store.reserve(ticket.limits, ticket.amounts, self._now_us())

    def take_now(self, limits: tuple[Limit, ...], amounts: Amounts) -> Reservation | Shortage:
        return self._store.reserve(limits, amounts, self._now_us())

    def give_back(self, reservation: Reservation, used: Amounts) -> None:
        self._store.settle(reservation, used, self._now_us())

    async def levels(self, limits: tuple[Limit, ...]) -> list[Level]:
        return self._store.levels(limits, self._now_us())

    def wait_for(self, limit: Limit, amount: int) -> int:
        """Asks for what is known not to fit, to be told how long it does not."""
        amounts = list(NOTHING)
        amounts[limit.place] = amount
        answer = self._store.reserve((limit,), cast(Amounts, tuple(amounts)), self._now_us())
        if isinstance(answer, Reservation):  # it came to fit in this very moment
            self._store.settle(answer, NOTHING, self._now_us())
            return 0
        return answer.wait_us or 0


class AskShared:
    """A store that replicas share."""

    at_once: Literal[False] = False

    def __init__(self, store: SharedLimits) -> None:
        self._store = store

    async def ask(self, ticket: Ticket) -> Reservation | Shortage:
        return await self._store.reserve(ticket.limits, ticket.amounts)

    def give_back(self, reservation: Reservation, used: Amounts) -> None:
        self._store.settle(reservation, used)

    async def levels(self, limits: tuple[Limit, ...]) -> list[Level]:
        return await self._store.levels(limits)


def asking(store: LocalLimits | SharedLimits, now_us: NowUs) -> AskLocal | AskShared:
    """The right one for a store."""
    if iscoroutinefunction(store.reserve):
        return AskShared(cast(SharedLimits, store))
    return AskLocal(cast(LocalLimits, store), now_us)
