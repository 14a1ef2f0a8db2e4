"""What a route may spend in a day on labels. Held before it is spent, so that it is never more."""

from __future__ import annotations

import msgspec

from pointsman.costs import PicoUsd
from pointsman.gateway.aside import aside
from pointsman.gateway.call.ports import Clock
from pointsman.routing.labels.kept import Labels


class Held(msgspec.Struct, frozen=True):
    """Money that is put aside for a call."""

    day: str
    amount: PicoUsd


class Purse:
    """The day is that of UTC at which a call begins. What is held when the process dies stays spent.

    Args:
        daily: the most of a day.
    """

    def __init__(self, route: str, daily: PicoUsd, labels: Labels, clock: Clock) -> None:
        self._route = route
        self._daily = daily
        self._labels = labels
        self._clock = clock

    async def take(self, amount: PicoUsd) -> Held | None:
        """None: the day's money does not suffice."""
        day = self._clock.today().isoformat()
        taken = await aside(self._labels.hold, day, self._route, amount, self._daily)
        return Held(day, amount) if taken else None

    async def settle(self, held: Held, spent: PicoUsd) -> None:
        """Give back what was not spent."""
        rest = held.amount - spent
        if rest:
            await aside(self._labels.give_back, held.day, self._route, rest)
