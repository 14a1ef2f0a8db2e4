"""A limit that requests stand before, and who may take from it next."""

from __future__ import annotations

from typing import Generic, TypeVar

from pointsman.limits.values.limit import Limit

from .fair import Fair

Who = TypeVar("Who")

_WIDTH = {"key": 0, "deployment": 1, "model": 2, "provider": 3}


class Gate(Generic[Who]):
    """The waiting before one limit: of lanes for a shared one, of flows for a key's own.

    The first in its order claims it, so that nobody behind takes what a large request needs to gather. It
    keeps the claims on narrower limits while it waits for a wider one, and gives up those on wider limits
    while it waits for a narrower: a lane at its deployment's limit holds up no other of the same account.
    """

    __slots__ = ("behind", "fair", "limit", "owner", "until_us", "width")

    def __init__(self, limit: Limit) -> None:
        self.limit = limit
        self.width = _WIDTH[limit.scope.kind]
        self.fair = Fair()
        """Between keys in different lanes, by what they took of this limit while others waited for it."""
        self.owner: Who | None = None
        self.until_us: int | None = None
        """When the owner should ask again; None: when something is given back."""
        self.behind: dict[Who, None] = {}
        """Who waits for the owner; in the order in which they came, though that is not their order."""
