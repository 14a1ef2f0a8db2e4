"""Processes that share over one real server."""

from __future__ import annotations

import itertools

from tests.support.redis_server import RedisServer
from tests.support.shared_lines import Lines

LEASE = 0.5
SOON = 5.0
"""Seconds in which something must happen, on a slow machine."""
_prefix = map("processes {}".format, itertools.count())


class Processes:
    """Those that meet; call it for one more."""

    def __init__(self, server: RedisServer) -> None:
        self.server = server
        self.prefix = next(_prefix)
        self.all: list[Lines] = []

    def __call__(self, *, timeout: float = 1.0, keys: str | None = None) -> Lines:
        made = Lines(self.server.url, self.prefix, timeout=timeout, lease=LEASE, keys=keys)
        self.all.append(made)
        return made

    async def close(self) -> None:
        for lines in self.all:
            await lines.close()
