"""What the journey needs from the outside, so that it knows no store, clock or socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from pointsman.clock import Clock
from pointsman.keys import KeyInfo
from pointsman.ledger.entry import Entry


class Door(Protocol):
    """Lets callers in."""

    def authenticate(self, token: str) -> KeyInfo:
        """Raises AuthenticationFailed. Called for each request: must be quick."""
        ...


class Meter(Protocol):
    """Takes note of settled requests, for metrics."""

    def observe(self, entry: Entry) -> None: ...


__all__ = ["Clock", "Door", "Meter", "NewId", "Random", "Sleep"]

Sleep = Callable[[float], Awaitable[None]]
Random = Callable[[], float]
"""A random number in [0, 1)."""
NewId = Callable[[], str]
