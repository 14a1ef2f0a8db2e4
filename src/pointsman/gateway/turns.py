"""Others get their turn on the event loop."""

from __future__ import annotations

import asyncio


async def let_others_run() -> None:
    await asyncio.sleep(0)
