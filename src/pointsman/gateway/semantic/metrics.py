"""What the semantic cache has done, for people and for metrics. Plain numbers."""

from __future__ import annotations

from collections import Counter

import msgspec


class Match(msgspec.Struct, frozen=True):
    """Why a request was given the answer to another one."""

    source: str
    """Id of the request that the answer was made for."""
    similarity: float
    threshold: float
    certificate: str
    """Its id."""
    vectors: str
    guards: tuple[str, ...]
    """That the two questions agreed on."""


class SemanticView(msgspec.Struct, frozen=True):
    """One route of it, since the process began."""

    vectors: str
    on: bool
    why_off: str
    """As half a sentence; "" where it is on."""
    certificate: str
    """Its id; "" where there is none."""
    threshold: float | None
    hits: int
    misses: dict[str, int]
    """Questions that were looked for in vain, by reason: nothing near, refused by a guard, gone, no
    vector."""
    refused: dict[str, int]
    """By guard: questions that were close enough to one that was answered, and of which it refused the
    closest."""
    unfit: dict[str, int]
    """Requests that are no questions for it, by reason."""
    questions: int
    """That are kept."""
    bytes: int
    max_bytes: int
    evicted: int


class SemanticMetrics:
    def __init__(self) -> None:
        self.hits = 0
        self.misses: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        self.unfit: Counter[str] = Counter()
