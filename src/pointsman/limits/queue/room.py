"""Who waits, by when each must have started, and how many places a key has taken. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import Generic, TypeVar

from pointsman.limits.turns.lane import drop_gone
from pointsman.limits.values.ticket import Ticket

Start = TypeVar("Start")
"""What a ticket waits for; a future, as a rule."""


class Room(Generic[Start]):
    """The places to wait in. ``most``: in all; a key may take as many as twice what would be left (dynamic
    thresholds, Choudhury and Hahne 1998), so that there is always one for another key."""

    def __init__(self, most: int) -> None:
        self.most = most
        self._starts: dict[Ticket, Start] = {}
        self._of_key: dict[str, int] = {}
        self._deadlines: list[tuple[int, int, Ticket]] = []

    def __len__(self) -> int:
        return len(self._starts)

    @property
    def empty(self) -> bool:
        """Whether nothing is kept of anybody."""
        return not (self._starts or self._of_key or self._deadlines)

    def has_place(self, key: str) -> bool:
        """Whether one more of this key may wait."""
        free = self.most - len(self._starts)
        return free > 0 and self._of_key.get(key, 0) < 2 * free

    def join(self, ticket: Ticket, start: Start) -> None:
        """It waits from now on."""
        self._starts[ticket] = start
        self._of_key[ticket.key] = self._of_key.get(ticket.key, 0) + 1
        heappush(self._deadlines, (ticket.deadline_us, id(ticket), ticket))
        drop_gone(self._deadlines, len(self._starts))

    def find(self, ticket: Ticket) -> Start | None:
        """What it waits for; None: it does not."""
        return self._starts.get(ticket)

    def leave(self, ticket: Ticket) -> Start | None:
        """It waits no more. None: it did not."""
        start = self._starts.pop(ticket, None)
        if start is not None:
            count = self._of_key[ticket.key] - 1
            if count:
                self._of_key[ticket.key] = count
            else:
                del self._of_key[ticket.key]
            if not self._starts:
                self._deadlines.clear()
        return start

    def next_deadline_us(self) -> int | None:
        """Of all who wait; None: nobody does."""
        deadlines = self._deadlines
        while deadlines and deadlines[0][2].gone:
            heappop(deadlines)
        return deadlines[0][0] if deadlines else None

    def overdue(self, now_us: int) -> Iterator[Ticket]:
        """Those whose deadline is past. They are to leave while this goes on."""
        deadlines = self._deadlines
        while deadlines and (deadlines[0][0] <= now_us or deadlines[0][2].gone):
            ticket = heappop(deadlines)[2]
            if not ticket.gone:
                yield ticket
