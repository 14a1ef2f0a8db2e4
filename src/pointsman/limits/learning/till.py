"""How the learner charges a store, whether it is of this process or shared."""

from __future__ import annotations

from inspect import iscoroutinefunction
from typing import cast

from pointsman.limits.values.limit import Limit
from pointsman.limits.values.port import LocalLimits, SharedLimits


class LocalTill:
    """Of a store in this process, whose count can be compared with the provider's."""

    def __init__(self, store: LocalLimits) -> None:
        self._store = store

    def charge(self, limit: Limit, amount: int, now_us: int) -> None:
        self._store.charge(limit, amount, now_us)

    def used(self, limit: Limit, now_us: int) -> int:
        """What is taken of a limit."""
        return self._store.levels([limit], now_us)[0].used


class SharedTill:
    """Of a store that replicas share. What one replica sent says nothing of what the provider should have
    left, so there is nothing to compare."""

    def __init__(self, store: SharedLimits) -> None:
        self._store = store

    def charge(self, limit: Limit, amount: int, now_us: int) -> None:
        self._store.charge(limit, amount)


def till_of(store: LocalLimits | SharedLimits) -> LocalTill | SharedTill:
    """The right one for a store."""
    if iscoroutinefunction(store.reserve):
        return SharedTill(cast(SharedLimits, store))
    return LocalTill(cast(LocalLimits, store))
