"""Counters of labels and where they come from. Plain numbers; whoever exports them reads them."""

from __future__ import annotations

from collections import Counter
from typing import Literal, get_args

from pointsman.routing.labels.kept import Mark

Skipped = Literal[
    "tools", "media", "choices", "unreadable", "too_long", "busy", "no_answer", "fallback", "no_other",
    "unpriced", "budget", "failed", "unfinished", "ungraded", "closed", "broken",
]  # fmt: skip
"""Why a request that was drawn for shadows came to no labels.

tools, media, choices: what it asks for cannot be compared as text. unreadable, too_long: its prompt or its
answer. busy: as many shadows as may be are under way. no_answer: the client had none. fallback, no_other:
not the route's pool answered, or nobody else of it can. unpriced: what it could cost is not known. budget:
the day's is used up. failed: another model did not answer. unfinished: nor to its end. ungraded: the grader
could not say. closed: the gateway was stopped. broken: a bug of ours, in the log.
"""
REASONS: tuple[Skipped, ...] = get_args(Skipped)


class LabelMetrics:
    """By route, which are few: they stand in the settings."""

    def __init__(self) -> None:
        self.labels: Counter[tuple[str, str, str]] = Counter()
        """By route, model and source."""
        self.shadowed: Counter[str] = Counter()
        """Requests that were answered by others too, and graded."""
        self.skipped: Counter[tuple[str, str]] = Counter()
        """By route and reason."""

    def labelled(self, route: str, mark: Mark) -> None:
        self.labels[route, mark.model, mark.source] += 1

    def skip(self, route: str, reason: Skipped) -> None:
        self.skipped[route, reason] += 1
