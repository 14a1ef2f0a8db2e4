"""The seam between the queue and the two kinds of store: one answers at once, one must be awaited."""

from __future__ import annotations

from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Literal, cast

import msgspec

from pointsman.limits.values.limit import NOTHING, Amounts, Level, Limit, Shortage
from pointsman.limits.values.port import LocalLimits, Reservation, SharedLimits
from pointsman.limits.values.ticket import Ticket

NowUs = Callable[[], int]

_JITTER = 0.05
"""Of the wait for a shared store: replicas that wait for the same limit should not all ask at once."""
_MOST_JITTER_US = 20_000
_SOON_US = 50_000
"""Until it is asked again where calls must end first: those of other replicas nobody tells us of."""
_LATEST_US = 500_000
"""Until it is asked again at the latest: others may give back what they reserved, or it may be back itself;
and who waits has to say so now and then (``port.SharedLimits.reserve``)."""
_MOST_LANES = 4_096


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

    def levels_now(self, limits: tuple[Limit, ...]) -> list[Level]:
        return self._store.levels(limits, self._now_us())

    async def levels(self, limits: tuple[Limit, ...]) -> list[Level]:
        return self.levels_now(limits)

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
    """A store that replicas share. ``random``: from 0 up to 1."""

    at_once: Literal[False] = False

    def __init__(self, store: SharedLimits, now_us: NowUs, random: Callable[[], float]) -> None:
        self._store = store
        self._now_us = now_us
        self._random = random
        self._told: dict[str, tuple[Shortage, int]] = {}

    async def ask(self, ticket: Ticket, *, waits: bool) -> Reservation | Shortage:
        """``waits``: it is going to ask again, after ``again``."""
        answer = await self._store.reserve(ticket.limits, ticket.amounts, waits=waits)
        if isinstance(answer, Shortage):
            self._tell(ticket.lane, answer)
        elif self._told:
            self._told.pop(ticket.lane, None)
        return answer

    def again(self, shortage: Shortage) -> Shortage:
        """When to ask again, as a shortage of so long."""
        wait_us = shortage.wait_us
        if wait_us is None:
            wait_us = round(_SOON_US * (0.5 + self._random()))
        else:
            wait_us += round(self._random() * min(_JITTER * wait_us, _MOST_JITTER_US))
        return Shortage(shortage.limit, min(wait_us, _LATEST_US))

    def told(self, lane: str) -> Shortage | None:
        """What the store last said to the first of a lane, as it is from now on. None: nothing."""
        found = self._told.get(lane)
        if found is None:
            return None
        shortage, at_us = found
        if shortage.wait_us is None:
            return shortage
        left_us = max(0, at_us + shortage.wait_us - self._now_us())
        return msgspec.structs.replace(shortage, wait_us=left_us)

    def soonest_us(self) -> int | None:
        """Microseconds until the first of any lane may start, as far as the store has said."""
        told = [each for lane in self._told if (each := self.told(lane)) is not None]
        return min((each.wait_us for each in told if each.wait_us is not None), default=None)

    def _tell(self, lane: str, shortage: Shortage) -> None:
        if len(self._told) >= _MOST_LANES:
            del self._told[next(iter(self._told))]
        self._told[lane] = (shortage, self._now_us())

    def give_back(self, reservation: Reservation, used: Amounts) -> None:
        self._store.settle(reservation, used)

    async def levels(self, limits: tuple[Limit, ...]) -> list[Level]:
        return await self._store.levels(limits)


def asking(
    store: LocalLimits | SharedLimits, now_us: NowUs, random: Callable[[], float] = lambda: 0.5
) -> AskLocal | AskShared:
    """The right one for a store."""
    if iscoroutinefunction(store.reserve):
        return AskShared(cast(SharedLimits, store), now_us, random)
    return AskLocal(cast(LocalLimits, store), now_us)
