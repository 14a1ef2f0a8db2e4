from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from pointsman.ledger import MemoryLedger, UsageQuery, total
from tests.support.ledger_contract import LedgerContract, ReportingLedger
from tests.support.ledger_entries import HOUR_US, NOON_US, an_entry


class TestMemoryLedger(LedgerContract):
    @pytest.fixture
    async def ledger(self) -> AsyncIterator[ReportingLedger]:
        yield MemoryLedger()


async def test_memory_stays_flat_and_the_sums_stay_right() -> None:
    ledger = MemoryLedger(keep=3)
    for number in range(100):
        ledger.record(an_entry(f"req_{number}", at_us=NOON_US + number * HOUR_US // 10, cost=number))
    assert [entry.request_id for entry in ledger.entries] == ["req_97", "req_98", "req_99"]
    assert await ledger.find("req_0") is None
    assert total(await ledger.report(UsageQuery())).cost == sum(range(100))
    first_five_hours = UsageQuery(until_us=NOON_US + 5 * HOUR_US)
    assert total(await ledger.report(first_five_hours)).cost == sum(range(50))


async def test_older_entries_keep_their_groups() -> None:
    ledger = MemoryLedger(keep=1)
    for number in range(9):
        ledger.record(an_entry(str(number), model="ab"[number % 2], cost=1))
    rows = await ledger.report(UsageQuery(by=("model",)))
    assert [(row.group["model"], row.requests, row.attempts) for row in rows] == [("a", 5, 5), ("b", 4, 4)]
