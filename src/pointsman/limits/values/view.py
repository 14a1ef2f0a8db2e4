"""Limits and queues as they stand, for people and dashboards to look at. Values only.

What the admin listener answers at ``GET /limits`` is a ``LimitsView`` as JSON, field by field.
"""

from __future__ import annotations

import msgspec

from .limit import Dimension, Level, ScopeKind, Source, Window


class LimitRow(msgspec.Struct, frozen=True):
    """One limit."""

    id: str
    kind: ScopeKind
    name: str
    """Whose it is, as people call it: a key by its name."""
    dimension: Dimension
    window: Window
    limit: int
    used: int
    """May exceed the limit after an estimate was low."""
    held: int
    """Of ``used``: for calls under way."""
    queued: int
    """Requests that wait for this limit before all others."""
    free_in_seconds: float
    """Until all of it is free again; 0 if it is, and for calls at once, which nobody can tell."""
    source: Source
    learned_from: str = ""
    """Where a learned limit comes from, as in "headers" or "429"; "" for configured ones."""
    learned_at_us: int | None = None
    """When it was last heard of; Unix time in microseconds."""


class LaneRow(msgspec.Struct, frozen=True):
    """Requests that wait for the same place."""

    name: str
    waiting: int
    oldest_seconds: float
    """How long the one that came first has waited."""
    clear_in_seconds: float | None = None
    """Until the last of them will have begun, as far as can be told; None where it cannot."""
    by_key: dict[str, int] = {}
    """How many of them by the name of the key, "" for requests without one."""


class LimitsView(msgspec.Struct, frozen=True):
    """Everything that is limited, and everybody who waits."""

    at_us: int
    """Unix time in microseconds."""
    limits: tuple[LimitRow, ...] = ()
    lanes: tuple[LaneRow, ...] = ()
    """Only those where somebody waits."""
    pauses: dict[str, float] = {}
    """By deployment: seconds for which nothing is sent there, since its provider wants to be left alone."""
    waiting: int = 0
    max_waiting: int = 0
    """How many may wait; 0 where nothing is queued at all."""
    late: int = 0
    """How many had to be refused after they had waited, since the start: their estimate was wrong."""
    store: str = "memory"
    """Where the counts are kept: "memory", or "redis", which replicas share."""
    trouble: str = ""
    """What is wrong with the store, if anything is."""


def limit_row(
    level: Level, *, name: str = "", queued: int = 0, learned_from: str = "", learned_at_us: int | None = None
) -> LimitRow:
    """A row of what a store says of a limit. ``name``: as people call its scope, unless by its own name."""
    limit = level.limit
    return LimitRow(
        id=limit.id,
        kind=limit.scope.kind,
        name=name or limit.scope.name,
        dimension=limit.dimension,
        window=limit.window,
        limit=limit.amount,
        used=level.used,
        held=level.reserved,
        queued=queued,
        free_in_seconds=level.free_at_us / 1e6,
        source=limit.source,
        learned_from=learned_from,
        learned_at_us=learned_at_us,
    )
