"""Keeps what the watch for drift has seen, off the path of requests, so that a restart loses little of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

import msgspec

from pointsman.errors import ServerBusy
from pointsman.routing.evidence.drift import DriftState

_log = logging.getLogger("pointsman.routing")


class Watch(Protocol):
    def states(self) -> Mapping[str, DriftState]:
        """By the ids of certificates in force."""
        ...


class DriftStore(Protocol):
    def keep_drift(self, states: Mapping[str, bytes]) -> None:
        """By the ids of certificates. May wait for a disk. Raises ServerBusy."""
        ...


class DriftKeeping:
    """Writes each ``interval`` seconds what has changed: one row of a few kilobytes for each certificate in
    force. A gateway that is killed loses so many seconds of the watch.

    Args:
        store: None where there is no database: then nothing is kept.
    """

    def __init__(
        self,
        watch: Watch,
        store: DriftStore | None,
        *,
        interval: float = 30.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._watch = watch
        self._store = store
        self._interval = interval
        self._sleep = sleep
        self._kept: dict[str, int] = {}
        """Observations that the store knows of, by certificate."""
        self._told = False

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._sleep(self._interval)
            await self.keep()

    async def keep(self) -> int:
        """What has changed since, if the store is there; how many states that were."""
        states = {
            certificate: state
            for certificate, state in self._watch.states().items()
            if state.labelled + state.seen != self._kept.get(certificate, 0)
        }
        if self._store is None or not states:
            return 0
        encoded = {certificate: msgspec.json.encode(state) for certificate, state in states.items()}
        try:
            await asyncio.to_thread(self._store.keep_drift, encoded)
        except ServerBusy as error:
            if not self._told:
                _log.warning("%s Until then the watch for drift is in memory alone.", error.message)
            self._told = True
            return 0
        self._told = False
        for certificate, state in states.items():
            self._kept[certificate] = state.labelled + state.seen
        return len(states)
