"""Start-time fair queueing (Goyal, Vin and Cheng 1996), in whole numbers so that ties are ties.

Each key has a tag, its virtual time. The lowest goes first, and a start moves it on by what was taken, by
the key's weight. The virtual time of all is the tag of who started last: a key that was idle begins there,
with no credit for the past.
"""

from __future__ import annotations

from .limit import MINUTE_US, Amounts, Limit

ONE = 10**15
"""The whole of a limit for a minute, in units of virtual time."""


class Fair:
    """The virtual time of one order, and each key's tag in it."""

    __slots__ = ("now", "tags")

    def __init__(self) -> None:
        self.now = 0
        self.tags: dict[str, int] = {}

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


def share(amount: int, limit: Limit, weight: float) -> int:
    """What an amount is of its limit, in virtual time of a key."""
    return round(amount * ONE / limit.amount / weight)


def dominant_share(limits: tuple[Limit, ...], amounts: Amounts, weight: float, hold_us: float) -> int:
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
