"""What is in memory of all answers together, and which of them has to make room. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Alone(Protocol):
    """An answer under way that nobody reads, and that somebody may come back to."""

    def outgrow(self) -> None:
        """There is no room for it: nobody can come back any more. It stands among them no longer."""
        ...


class Held:
    """How many bytes are held, and of which answers nobody reads.

    Args:
        evict: lets go of an answer that has ended; False where there is none.
    """

    def __init__(self, most: int, evict: Callable[[], bool] = lambda: False) -> None:
        self.most = most
        self.bytes = 0
        self.alone: dict[Alone, None] = {}
        """In the order in which their last readers left."""
        self._evict = evict

    def is_full(self) -> bool:
        """More is held than there is room for, though answers that have ended were let go of, and then those
        under way that nobody reads, the longest alone first."""
        while self.bytes > self.most and self._evict():
            pass
        while self.bytes > self.most and self.alone:
            next(iter(self.alone)).outgrow()
        return self.bytes > self.most

    def has_room(self, size: int) -> bool:
        """For so many bytes more, if answers that have ended are let go of: what is under way is paid for."""
        while self.bytes + size > self.most and self._evict():
            pass
        return self.bytes + size <= self.most
