"""Where limits are short, clients come before shadows."""

from __future__ import annotations

import asyncio
from statistics import mean
from typing import Any

import pytest

from pointsman.config import Settings
from tests.support.shadowed import HAIKU, OPUS, answers, shadowed_stack
from tests.support.stack import settings
from tests.support.virtual_time import run_virtual

EVERY = 1.05
"""Seconds between two requests, where an account allows one each second: clients alone use 95 % of it."""


def limited(share: float) -> Settings:
    shadow = {"share": share, "daily_usd": 100, "max_wait": 20}
    auto = {"policy": "fixed", "pool": [HAIKU, OPUS], "shadow": shadow, "grader": {"kind": "number"}}
    account: dict[str, Any] = {"anthropic": {"api_key": "x", "limits": {"rpm": 60}}}
    return settings(auto={"default": auto}, providers=account)


async def waits(share: float) -> tuple[list[float], int]:
    """How long each of 200 requests took, and how many were shadowed."""
    async with shadowed_stack(limited(share), replay=answers(q={HAIKU: "4", OPUS: "4"})) as world:
        clock = world.stack.clock

        async def ask(number: int) -> float:
            await asyncio.sleep(number * EVERY)
            started = clock.monotonic()
            call = await world.ask("q")
            assert call.status == 200, call.body
            return clock.monotonic() - started

        took = await asyncio.gather(*map(ask, range(200)))
        return took, len(await world.settled())


@pytest.mark.parametrize(("share", "most"), [(0.0, 0.0), (0.05, 0.1), (1.0, 1.5)])
def test_clients_come_before_shadows(share: float, most: float) -> None:
    async def work() -> None:
        took, shadowed = await waits(share)
        assert mean(took) <= most
        assert (shadowed > 0) == (share > 0)

    run_virtual(work)
