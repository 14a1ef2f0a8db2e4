"""A ledger that lives as long as its process: for the client in-process, and for tests."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from .entry import Entry, UsageRow
from .report import GROUPINGS, UsageQuery, add, group_of, row_of, summarise

_HOUR_US = 3_600_000_000


class MemoryLedger:
    """Keeps the last ``keep`` entries, and of the older ones their sums per hour, so that memory stays flat.

    A report therefore takes an older entry into account if it takes the start of its hour.
    """

    def __init__(self, *, keep: int = 10_000) -> None:
        self._keep = keep
        self._entries: dict[str, Entry] = {}
        self._older: dict[tuple[object, ...], tuple[Entry, UsageRow]] = {}
        self.full = False

    def record(self, entry: Entry) -> None:
        """Take the entry, unless its request id is there already."""
        if self._entries.setdefault(entry.request_id, entry) is entry and len(self._entries) > self._keep:
            self._fold(self._entries.pop(next(iter(self._entries))))

    def record_all(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            self.record(entry)

    @property
    def entries(self) -> tuple[Entry, ...]:
        """Those still kept, oldest first."""
        return tuple(self._entries.values())

    async def find(self, request_id: str) -> Entry | None:
        return self._entries.get(request_id)

    async def report(self, query: UsageQuery) -> list[UsageRow]:
        """The sums that were asked for."""
        rows = [
            row_of(entry, group_of(entry, query.by)) for entry in self._entries.values() if query.takes(entry)
        ]
        rows += [
            msgspec.structs.replace(sums, group=group_of(sample, query.by))
            for sample, sums in self._older.values()
            if query.takes(sample)
        ]
        return summarise(rows, query.by)

    async def flush(self) -> None:
        pass

    async def close(self) -> None:
        pass

    def _fold(self, entry: Entry) -> None:
        hour_us = entry.at_us // _HOUR_US * _HOUR_US
        row = row_of(entry, group_of(entry, GROUPINGS))
        key = (hour_us, *row.group.values())
        if key in self._older:
            sample, sums = self._older[key]
            self._older[key] = (sample, add(sums, row))
        else:
            self._older[key] = (msgspec.structs.replace(entry, at_us=hour_us, attempts=()), row)
