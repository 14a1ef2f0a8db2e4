"""What is said of a router that was trained. Values only."""

from __future__ import annotations

import msgspec


class PairSummary(msgspec.Struct, frozen=True):
    """A model against the last, on prompts that were not learned from (cross-fitted)."""

    weak: str
    strong: str
    prompts: int
    """Scored for both."""
    gap: float | None
    gap_error: float | None
    apgr: float | None
    apgr_interval: tuple[float, float] | None
    ece: float | None
    """Of the chance that the weak one answers well."""
    length: float | None
    group_prior: float | None
    verdict: str


class Summary(msgspec.Struct, frozen=True):
    """What was learned, and from how much."""

    models: tuple[str, ...]
    prompts: int
    labels: int
    seconds: float
    bytes: int
    digest: str
    pairs: tuple[PairSummary, ...]
