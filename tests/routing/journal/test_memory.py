from __future__ import annotations

import asyncio

from pointsman.routing.journal import MemoryJournal
from tests.support.decided import decided


def test_the_last_ones_are_kept() -> None:
    async def work() -> None:
        journal = MemoryJournal(keep=2)
        for number in range(3):
            journal.record(decided(f"r{number}"))
        assert await journal.find("r0") is None
        assert await journal.find("r2") == decided("r2")
        assert [each.request_id for each in journal.decided] == ["r1", "r2"]
        await journal.close()

    asyncio.run(work())
    assert MemoryJournal().dropped == 0
