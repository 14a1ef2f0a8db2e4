"""What processes share answers and flights by, over a real server: everything that one of them has."""

from __future__ import annotations

import itertools
import secrets

from pointsman.caching.envelope import Envelopes
from pointsman.caching.redis_answers import RedisAnswers
from pointsman.caching.redis_flights import RedisFlights
from pointsman.caching.redis_streams import RedisStreams
from pointsman.secret import Secret
from pointsman.storage.redis import RedisLine

_own = map("process-{}".format, itertools.count())


class Lines:
    """One process."""

    def __init__(
        self,
        url: str,
        prefix: str,
        *,
        timeout: float = 1.0,
        lease: float = 10.0,
        envelopes: Envelopes | None = None,
        most: int = 1 << 20,
    ) -> None:
        self.own = next(_own) + secrets.token_hex(2)
        self.envelopes = envelopes or Envelopes()
        self.asks, self.tells, self.reads = (RedisLine(Secret(url), timeout=timeout) for _ in range(3))
        self.streams = RedisStreams(self.reads, self.asks, f"{{{prefix}}}:wake:{self.own}")
        self.answers = RedisAnswers(
            self.asks, self.tells, self.streams, self.envelopes, prefix=prefix, own=self.own, most=most
        )

        self.flights = RedisFlights(
            self.asks,
            self.tells,
            self.streams,
            self.envelopes,
            prefix=prefix,
            lease=lease,
            fresh=lambda: secrets.token_hex(8),
        )

    async def die(self) -> None:
        """Without a word to anybody."""
        for line in (self.asks, self.tells, self.reads):
            await line.close()

    async def close(self) -> None:
        await self.flights.close()
        await self.answers.close()
        await self.streams.close()
        for line in (self.asks, self.tells, self.reads):
            await line.close()
