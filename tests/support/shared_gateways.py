"""Gateways that share answers, and calls for them, by a real server."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from pointsman.config import Settings
from pointsman.gateway.build import OPEN_DOOR
from pointsman.gateway.call.ports import Door
from tests.support.equal_requests import caching
from tests.support.gateway import Rig
from tests.support.redis_server import RedisServer
from tests.support.shared_lines import Lines
from tests.support.upstream import Step

_prefix = map("gateways {}".format, itertools.count())


class Replica(Rig):
    """One of them."""

    def __init__(self, lines: Lines, *steps: Step, given: Settings, **more: Any) -> None:
        super().__init__(*steps, given=given, sharing=lines, **more)
        self.lines = lines

    async def stored(self, count: int = 1) -> None:
        """Wait until its answers are where others find them; so many at least."""
        await self.lines.answers.settled()
        assert self.lines.answers.view().stored >= count


@asynccontextmanager
async def replicas(
    server: RedisServer,
    count: int,
    otherwise: Step,
    *,
    given: Settings | None = None,
    patience: float = 1.0,
    lease: float = 0.5,
    keys: tuple[str | None, ...] = (None,),
    door: Door = OPEN_DOOR,
    prefix: str | None = None,
) -> AsyncIterator[list[Replica]]:
    """
    Args:
        otherwise: what the provider says.
        patience: seconds for an answer of the server.
        keys: for encryption, of each in turn.
    """
    same = next(_prefix) if prefix is None else prefix
    made = []
    for key in itertools.islice(itertools.cycle(keys), count):
        lines = Lines(server.url, same, timeout=patience, lease=lease, keys=key)
        await lines.start()
        made.append(Replica(lines, given=given or caching(), otherwise=otherwise, door=door))
    try:
        yield made
    finally:
        for each in made:
            await each.gateway.close()
