"""The journal in memory: for programs without a database, and for tests."""

from __future__ import annotations

from collections import OrderedDict

from .kept import Decided


class MemoryJournal:
    """``Journal`` that keeps the last decisions."""

    def __init__(self, keep: int = 4096) -> None:
        self.dropped = 0
        self._keep = keep
        self._decided: OrderedDict[str, Decided] = OrderedDict()

    @property
    def decided(self) -> tuple[Decided, ...]:
        return tuple(self._decided.values())

    def record(self, decided: Decided) -> None:
        self._decided[decided.request_id] = decided
        if len(self._decided) > self._keep:
            self._decided.popitem(last=False)

    async def find(self, request_id: str) -> Decided | None:
        return self._decided.get(request_id)

    async def close(self) -> None:
        """Nothing is on its way."""
