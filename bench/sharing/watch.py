"""Looks at the provider and at the replicas once a second, and parts what was seen into phases."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.sharing.crowd import Crowd
from bench.sharing.fleet import Fleet, get
from bench.sharing.plan import HELD, Limits

EVERY = 1.0


@dataclass
class Phase:
    """What was measured between two moments."""

    name: str
    begun: float
    seconds: float = 0.0
    requests: int = 0
    """Accepted by the provider, by its count."""
    tokens: int = 0
    refused: int = 0
    """429s of the provider."""
    utilisation: float = 0.0
    """Of what runs out first: accepted, as a share of the limit."""
    peaks: dict[str, str] = field(default_factory=dict)
    """What the provider saw at most, of what it allows; since the beginning."""
    answered: int = 0
    slowest: float = 0.0
    """Seconds until a caller knew: the head of an answer, or a refusal."""
    open_longest: float = 0.0
    """Seconds for which the oldest request waited at the end."""
    refused_late: int = 0
    """Callers that were refused after they had waited."""
    statuses: dict[str, int] = field(default_factory=dict)
    errors: dict[str, int] = field(default_factory=dict)
    """What callers saw, without 429s, which at three times the limit are meant to be."""
    by_replica: dict[str, int] = field(default_factory=dict)
    troubles: dict[str, int] = field(default_factory=dict)
    """What replicas said of their store, and how often."""
    look: float = 0.0
    """Seconds for the slowest look at a replica's limits."""
    facts: dict[str, str] = field(default_factory=dict)


class Watch:
    """Phases one after the other. ``tell`` is called with the progress."""

    def __init__(self, fleet: Fleet, crowd: Crowd, limits: Limits, tell: Callable[[str], None]) -> None:
        self._fleet = fleet
        self._crowd = crowd
        self._limits = limits
        self._tell = tell
        self.phases: list[Phase] = []

    async def phase(self, name: str, seconds: float) -> Phase:
        """Let so much time pass, and measure."""
        phase = Phase(name, time.monotonic())
        before = await asyncio.to_thread(self._fleet.referee)
        while (left := phase.begun + seconds - time.monotonic()) > 0:
            self._tell(f"{name}: {seconds - left:.0f} of {seconds:.0f} seconds")
            await asyncio.gather(
                asyncio.sleep(min(EVERY, left)),
                *(self._look(phase, number) for number in self._fleet.alive()),
            )
        after = await asyncio.to_thread(self._fleet.referee)
        phase.seconds = time.monotonic() - phase.begun
        self._count(phase, before, after)
        self._hear(phase)
        self.phases.append(phase)
        return phase

    async def held_elsewhere(self, number: int) -> int:
        """Calls at once of the model that only one replica holds, as another one shows it."""
        view = await asyncio.to_thread(get, self._fleet.admins[number], "/limits")
        return sum(row["used"] for row in view["limits"] if row["id"] == f"model:{HELD}/concurrency")

    async def _look(self, phase: Phase, number: int) -> None:
        begun = time.monotonic()
        try:
            view = await asyncio.to_thread(get, self._fleet.admins[number], "/limits")
        except OSError:
            return  # it was killed just now
        phase.look = max(phase.look, time.monotonic() - begun)
        _add(phase.troubles, view["trouble"] or "none")

    def _count(self, phase: Phase, before: Any, after: Any) -> None:
        taken = {name: _total(after, name) - _total(before, name) for name in ("requests", "tokens")}
        phase.requests, phase.tokens = taken["requests"], taken["tokens"]
        phase.refused = _refused(after) - _refused(before)
        minutes = phase.seconds / 60
        limits = self._limits
        phase.utilisation = max(
            phase.requests / (limits.rpm * minutes), phase.tokens / (limits.tpm * minutes)
        )
        phase.peaks = {name: f"{level['peak']}/{level['limit']}" for name, level in after["limits"].items()}

    def _hear(self, phase: Phase) -> None:
        records = [record for record in self._crowd.records if record.ended >= phase.begun]
        phase.answered = sum(record.status == 200 and not record.error for record in records)
        phase.slowest = max((record.head - record.begun for record in records if record.status), default=0.0)
        now = time.monotonic()
        waiting = [begun for _, begun in self._crowd.under_way.values()]
        phase.open_longest = max((now - begun for begun in waiting), default=0.0)
        for record in records:
            refused = record.status == 429 or _refused_in_stream(record.error)
            phase.refused_late += refused and record.ended - record.begun > 1.0
            _add(phase.statuses, str(record.status or "broken off"))
            if record.error and not refused:
                _add(phase.errors, record.error)
            if record.status == 200 and not record.error:
                _add(phase.by_replica, str(record.replica))


def _total(told: Any, name: str) -> int:
    return 0 if told is None else int(told["limits"][name]["total"])


def _refused(told: Any) -> int:
    return 0 if told is None else sum(Counter(told["rejected_429"]).values())


def _refused_in_stream(error: str) -> bool:
    """A stream that was told its place before it was refused: that is a 429 too."""
    return error.startswith(("limit_reached", "queue_full"))


def _add(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
