"""What was counted, as it is kept over restarts: of a tenant at a deployment, and of all together. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import msgspec

from .odds import FIRST_GUESS, Tally
from .uses import Counts

Whose = tuple[str, str]
"""Deployment and tenant."""
EVERYONE: Whose = ("", "")
Habits = Mapping[Whose, bytes]

_Numbers = tuple[float, float, float, float]


class HabitStore(Protocol):
    """Both may wait for a disk, and raise ServerBusy."""

    def load(self) -> Habits: ...

    def save(self, habits: Habits) -> None:
        """In place of what was kept of these; of others it stays, for a while."""
        ...


def encode_counts(counts: Counts) -> bytes:
    named = [("all", counts.all), *counts.kinds.items()]
    return msgspec.json.encode({name: _numbers(tally) for name, tally in named})


def decode_counts(data: bytes) -> Counts:
    """What is not known here, or cannot be read, was never counted."""
    counts = Counts()
    try:
        found = _decoder.decode(data)
    except msgspec.DecodeError:
        return counts
    for kind in FIRST_GUESS:
        if kind in found:
            counts.kinds[kind] = _tally(found[kind])
    counts.all = _tally(found.get("all", (0.0, 0.0, 0.0, 0.0)))
    return counts


_decoder = msgspec.json.Decoder(dict[str, _Numbers])


def _numbers(tally: Tally) -> _Numbers:
    return (tally.soon_trials, tally.soon_hits, tally.late_trials, tally.late_hits)


def _tally(numbers: _Numbers) -> Tally:
    """Hits are no more than trials, whatever was written."""
    tally = Tally()
    tally.soon_trials, tally.late_trials = max(0.0, numbers[0]), max(0.0, numbers[2])
    tally.soon_hits = min(max(0.0, numbers[1]), tally.soon_trials)
    tally.late_hits = min(max(0.0, numbers[3]), tally.late_trials)
    return tally
