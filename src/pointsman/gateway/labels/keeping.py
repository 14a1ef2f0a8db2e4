"""Keeps labels without keeping the event loop waiting, and no prompt's features longer than is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from pointsman.costs.pricer import DAY_US
from pointsman.gateway.aside import aside
from pointsman.gateway.call.ports import Clock
from pointsman.routing.labels.kept import Labels, Mark, Prompt

from .metrics import LabelMetrics


class LabelKeeper:
    """
    Args:
        keep_days: of each route, by its name.
    """

    def __init__(
        self, labels: Labels, metrics: LabelMetrics, clock: Clock, keep_days: Mapping[str, int]
    ) -> None:
        self._labels = labels
        self._metrics = metrics
        self._clock = clock
        self._keep_days = keep_days
        self._pruned: date | None = None

    async def put(self, prompt: Prompt, marks: Sequence[Mark]) -> None:
        """Raises ServerBusy: they cannot be kept just now."""
        today = self._clock.today()
        old_us: dict[str, int] = {}
        if today != self._pruned:
            self._pruned, now_us = today, self._clock.now_us()
            old_us = {route: now_us - days * DAY_US for route, days in self._keep_days.items()}
        await aside(self._put, prompt, marks, old_us)
        for mark in marks:
            self._metrics.labelled(prompt.route, mark)

    def _put(self, prompt: Prompt, marks: Sequence[Mark], old_us: Mapping[str, int]) -> None:
        self._labels.put(prompt, marks)
        for route, before_us in old_us.items():
            self._labels.prune(route, before_us)
