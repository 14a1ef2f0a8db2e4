"""Counters of requests with an ``Idempotency-Key``. Plain numbers; whoever exports them reads them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Literal

Result = Literal[
    "first",
    "followed",
    "replayed",
    "other_request",
    "under_way",
    "unknown",
    "too_large",
    "bad_key",
    "not_resumed",
    "away",
]
"""first: nothing was known under the key, and it was asked. followed: it got the answer of one under way.
replayed: it got one that was kept. other_request, under_way, unknown, too_large: refused with 409. bad_key:
with 400. not_resumed: there is no such event, or no such stream any more. away: the store could not be
used."""


class IdempotencyMetrics:
    def __init__(self) -> None:
        self.requests: Counter[Result] = Counter()
        self.kept = 0
        """Answers that were."""
        self.lost = 0
        """Final answers that the store did not take."""
        self.evicted: Callable[[], int] = lambda: 0
        """Answers that had to go before their time, for want of room."""
