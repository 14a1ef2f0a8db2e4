"""Start-time fair queueing (Goyal, Vin and Cheng 1996), in whole numbers so that ties are ties.

Each key has a tag, its virtual time. The lowest goes first, and a start moves it on by what was taken, by
the key's weight. The virtual time of all is the tag of who started last: a key that was idle begins there,
with no credit for the past.
"""

from __future__ import annotations

from collections.abc import Sequence

from pointsman.limits.values.limit import MINUTE_US, Limit

ONE = 10**15
"""The whole of a limit for a minute, in units of virtual time."""
PARTS = 8
"""In so many parts, each of what is left, a key pays what it owes."""


class Fair:
    """The virtual time of one order, and each key's tag in it."""

    __slots__ = ("debts", "now", "tags")

    def __init__(self) -> None:
        self.now = 0
        self.tags: dict[str, int] = {}
        self.debts: dict[str, int] = {}
        """What keys took beyond what they were charged with (or less), and pay with their next starts."""

    def tag(self, key: str) -> int:
        """Where the key's next request stands."""
        return max(self.now, self.tags.get(key, 0))

    def charge(self, key: str, tag: int, cost: int) -> None:
        """A request has started, from ``tag``."""
        if tag > self.now:
            self.now = tag
        self.tags[key] = tag + cost

    def correct(self, key: str, by: int) -> None:
        """It took more, or less, than was thought."""
        if key in self.tags:
            self.tags[key] += by

    def owe(self, key: str, by: int) -> None:
        """As ``correct``, though not at once: one answer of twice the usual length would throw a key that
        has few of them in a minute back by as much as all others take meanwhile, and nobody could say when
        its next request starts."""
        self.debts[key] = self.debts.get(key, 0) + by

    def pay(self, key: str, cost: int) -> int:
        """What a start of that cost is charged with: a part of what the key owes is added."""
        debt = self.debts.get(key)
        if not debt:
            return cost
        part = due(debt, cost)
        self.debts[key] = debt - part
        return cost + part


def due(debt: int, cost: int) -> int:
    """What is paid of a debt with a start of that cost. Nobody moves backwards."""
    return max(debt // PARTS, -cost * 3 // 4)


def share(amount: int, limit: Limit, weight: float) -> int:
    """What an amount is of its limit, in virtual time of a key."""
    return round(amount * ONE / limit.amount / weight)


def dominant_share(limits: tuple[Limit, ...], amounts: Sequence[float], weight: float, hold_us: float) -> int:
    """The largest part that a request takes of any limit that it shares with others (Ghodsi et al., dominant
    resource fairness, 2011). At least 1.

    Args:
        hold_us: how long it is under way: calls at once count as slots times minutes, like all else.
    """
    most = 0.0
    for limit in limits:
        if limit.scope.kind != "key":
            amount = amounts[limit.place]
            part = amount * hold_us / MINUTE_US if limit.window == "slots" else amount
            part /= limit.amount
            if part > most:
                most = part
    return max(1, round(most * ONE / weight))
