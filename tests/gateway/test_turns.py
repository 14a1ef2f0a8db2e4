from __future__ import annotations

import asyncio

from pointsman.gateway.turns import let_others_run


async def test_others_run_in_between() -> None:
    seen: list[str] = []

    async def other() -> None:
        seen.append("other")

    task = asyncio.ensure_future(other())
    await let_others_run()
    seen.append("self")
    await task
    assert seen == ["other", "self"]
