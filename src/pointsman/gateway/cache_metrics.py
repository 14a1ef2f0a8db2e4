"""What the answer cache has done, for people and for metrics. Plain numbers."""

from __future__ import annotations

from collections import Counter

import msgspec

from pointsman.costs import PicoUsd


class CacheView(msgspec.Struct, frozen=True):
    """The cache of one process, since that began."""

    entries: int
    bytes: int
    """All of it: entries and tables."""
    max_bytes: int
    hits: int
    misses: int
    bypassed: dict[str, int]
    """Requests that passed by it, by reason."""
    stored: int
    not_stored: dict[str, int]
    """Answers to misses that may not be given again, by reason."""
    rejected: int
    """Not admitted, since what they would have pushed out was asked for more."""
    evicted: int
    expired: int
    saved_usd: str
    """What the answers that were given again had cost when they were made, as far as that is known."""


class CachePurge(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which answers are to be forgotten: those that all of it holds for. None: any."""

    model: str | None = None
    """The catalog's name of the one that answered."""
    tenant: str | None = None
    older_than: float | None = None
    """Seconds since it was stored."""


class CachePurged(msgspec.Struct, frozen=True):
    purged: int


class CacheMetrics:
    def __init__(self) -> None:
        self.hits = 0
        self.misses = 0
        self.bypassed: Counter[str] = Counter()
        self.not_stored: Counter[str] = Counter()
        self.saved: PicoUsd = 0
