"""What the journey needs from the outside, so that it knows no store, clock or socket."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Protocol

from pointsman.clock import Clock
from pointsman.keys import KeyInfo
from pointsman.ledger.entry import Entry
from pointsman.ledger.open_call import OpenCall


class Door(Protocol):
    """Lets callers in."""

    def authenticate(self, token: str) -> KeyInfo:
        """Raises AuthenticationFailed. Called for each request: must be quick."""
        ...


class Meter(Protocol):
    """Takes note of settled requests, for metrics."""

    def observe(self, entry: Entry, route: str | None = None) -> None:
        """
        Args:
            route: NAME of the ``[auto.NAME]`` that chose its model.
        """
        ...


class OpenCalls(Protocol):
    """Keeps the calls under way where the death of the process cannot reach them. They are ended by the
    ledger, once their entry is committed; so a request that was begun must always be recorded."""

    def begin(self, call: OpenCall) -> None:
        """Keep an attempt. Done before each is sent: must be quick.

        Raises:
            ServerBusy: it cannot be kept, and so must not be sent.
        """
        ...

    def amend(self, call: OpenCall) -> None:
        """Keep how an attempt failed in the place of what was kept of it. Raises ServerBusy."""
        ...

    def close(self) -> None: ...


__all__ = ["Clock", "Door", "Meter", "NewId", "OpenCalls", "Random", "Sleep"]

Sleep = Callable[[float], Awaitable[None]]
Random = Callable[[], float]
"""A random number in [0, 1)."""
NewId = Callable[[], str]
