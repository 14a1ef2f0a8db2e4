"""One request that wants to start, and where it stands. Values of the queue."""

from __future__ import annotations

import msgspec

from .limit import Amounts, Limit


class Ticket:
    """One request that wants to start. Made for each request, so a plain slotted class.

    What lies behind the blank line is the scheduler's own.
    """

    __slots__ = (
        "amounts",
        "at_us",
        "cost",
        "deadline_us",
        "gone",
        "guess_us",
        "index",
        "key",
        "lane",
        "likely",
        "limits",
        "priority",
        "seq",
        "weight",
    )

    def __init__(
        self,
        limits: tuple[Limit, ...],
        amounts: Amounts,
        *,
        key: str,
        lane: str,
        at_us: int,
        deadline_us: int,
        weight: float = 1.0,
        priority: int = 0,
    ) -> None:
        """
        Args:
            limits: all that it must fit in. Those of its key differ from key to key; all others are the same
                for everybody in its lane.
            amounts: what it takes from them.
            key: whose request it is. Between keys there is fair order.
            lane: what it waits for, as a rule a deployment.
            at_us: when it came; monotonic microseconds, by the clock of the queue.
            deadline_us: when it must have started. ``at_us`` means that it does not wait at all.
            weight: of its key: twice the weight gets twice as much where keys compete. Above 0.
            priority: within its key; the lowest number goes first.
        """
        self.limits = limits
        self.amounts = amounts
        self.key = key
        self.lane = lane
        self.at_us = at_us
        self.deadline_us = deadline_us
        self.weight = weight
        self.priority = priority

        self.seq = 0
        self.index = 0
        self.cost = 0
        self.likely: tuple[float, ...] = amounts
        """What it will come to have used, by place."""
        self.gone = False
        self.guess_us = 0
        """How long it was first thought to wait if nobody waited elsewhere; where the store is shared."""

    def again(self, at_us: int) -> Ticket:
        """The same, if it came at that time."""
        made = Ticket(
            self.limits,
            self.amounts,
            key=self.key,
            lane=self.lane,
            at_us=at_us,
            deadline_us=at_us + self.deadline_us - self.at_us,
            weight=self.weight,
            priority=self.priority,
        )
        made.cost, made.likely = self.cost, self.likely
        return made


class Place(msgspec.Struct, frozen=True):
    """Where a waiting request stands."""

    position: int
    """1 is next in its lane, as far as can be told: who comes later can still be put before it."""
    starts_in: float | None
    """Seconds, estimated. None where nobody can tell: a limit on calls at once, none of which has ended."""
    at: float = 0.0
    """When that was so: monotonic seconds."""
