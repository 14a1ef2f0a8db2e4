"""Counters of routing. Plain numbers; whoever exports them reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from pointsman.routing.decision import Decision


class RoutingMetrics:
    """By route, model of its pool and reason, which are few: they stand in the settings and the code."""

    def __init__(self) -> None:
        self.decisions: Counter[tuple[str, str, str]] = Counter()
        """By route, chosen model and reason."""
        self.moves: Counter[tuple[str, str]] = Counter()
        """Conversations that left their model, by route and direction."""
        self.alarms: Counter[str] = Counter()
        """Of drift, by route; each withdraws a certificate."""
        self.dropped: Callable[[], int] = lambda: 0
        """Decisions that the journal did not keep."""

    def decided(self, decision: Decision) -> None:
        self.decisions[decision.route, decision.model, decision.reason] += 1
        if decision.moved:
            self.moves[decision.route, decision.moved] += 1

    def alarmed(self, route: str) -> None:
        self.alarms[route] += 1
