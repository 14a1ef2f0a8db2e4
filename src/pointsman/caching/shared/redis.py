"""What processes share of caching by one Redis or Valkey: answers that are kept, and calls under way."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Sequence

import msgspec

from pointsman.clock import Clock
from pointsman.secret import Secret
from pointsman.storage.redis import RedisAway, RedisLine

from .answers import Kept, SharedView
from .encryption import read_keys
from .envelope import Envelopes
from .flights import Met, Payer
from .redis_answers import RedisAnswers
from .redis_flights import RedisFlights
from .redis_streams import RedisStreams

_PROBE = b"Can answers be shared?"
_LEAST_TELLING = 1.0
"""Seconds for what no client waits for: large answers take their time."""


class Probe(msgspec.Struct, frozen=True):
    """What was found out about a server."""

    trouble: str
    """Why answers cannot be shared by it; "" if they can."""
    max_memory: int = 0
    """Bytes that it may take; 0: any number, or not known."""
    eviction: str = ""
    """What it does when that is full, in its words; "" if not known."""


class RedisSharing:
    """Three connections: for what clients wait for, for what they do not, and one that waits for others.

    Args:
        timeout: seconds for an answer that a client waits for.
        lease: seconds after which a process that leads and is not heard is taken for dead.
        most: bytes of all answers that are kept there.
        keys: Base64 of 32 bytes, several with commas between them; None: nothing is encrypted.

    Raises:
        ConfigurationError: a library is not installed, or the address or a key is none.
    """

    def __init__(
        self,
        url: Secret,
        *,
        timeout: float,
        lease: float,
        prefix: str,
        most: int,
        keys: Secret | None = None,
        clock: Clock | None = None,
    ) -> None:
        opened = None if keys is None else read_keys(keys, secrets.token_bytes, "cache.encryption_key")
        self.envelopes = envelopes = Envelopes(opened)
        self.own = own = secrets.token_hex(8)
        self.asks = RedisLine(url, timeout=timeout, clock=clock)
        self.tells = RedisLine(url, timeout=max(timeout, _LEAST_TELLING), clock=clock)
        self.reads = RedisLine(url, timeout=max(timeout, _LEAST_TELLING), clock=clock)
        self.streams = RedisStreams(self.reads, self.asks, f"{{{prefix}}}:wake:{own}")
        self.answers = RedisAnswers(
            self.asks, self.tells, self.streams, envelopes, prefix=prefix, own=own, most=most
        )
        self.flights = RedisFlights(
            self.asks,
            self.tells,
            self.streams,
            envelopes,
            prefix=prefix,
            lease=lease,
            fresh=lambda: secrets.token_hex(8),
            clock=clock,
        )

    def view(self) -> SharedView:
        counts = self.flights.counts
        return msgspec.structs.replace(
            self.answers.view(), led=counts.led, followed=counts.followed, lapsed=counts.lapsed
        )

    async def find_or_meet(
        self, answers: Sequence[bytes], flight: bytes, payers: Sequence[Payer] = ()
    ) -> Kept | Met | None:
        """See ``shared_answers.Sharing``. What is kept and cannot be read is passed by; where nobody can be
        met, answers are looked for all the same."""
        if self.flights.away:
            for which, key in enumerate(answers):
                if (kept := await self.answers.get(key)) is not None:
                    return Kept(which, kept)
            return None
        said = await self.flights.find_or_meet([*map(self.answers.name, answers)], flight, payers)
        if not isinstance(said, tuple):
            self.answers.missed(away=said is None)
            return said
        which, wrapped, left_ms = said
        found = self.answers.read(answers[which], wrapped, left_ms)
        return await self.flights.meet(flight, payers) if found is None else Kept(which, found)

    async def probe(self) -> Probe:
        """Whether answers can be shared: one is stored, found again, and gone within seconds."""
        key = secrets.token_bytes(32)
        self.answers.put(key, _PROBE, ttl=5.0, tenant="", model="")
        await self.answers.settled()
        found = await self.answers.get(key)
        view = self.view()
        trouble = view.trouble
        if not trouble and (found is None or found.body != _PROBE):
            trouble = "an answer that was stored was not found again"
        try:
            memory = await self.tells.ask("INFO", "memory")
        except RedisAway:
            return Probe(trouble)  # it need not be allowed
        return Probe(trouble, int(memory.get("maxmemory", 0)), str(memory.get("maxmemory_policy", "")))

    async def die(self) -> None:
        """Let go of all connections, without a word to anybody."""
        for line in (self.asks, self.tells, self.reads):
            await line.close()

    async def start(self) -> None:
        """Connect, so that the first client need not wait; a second or so, also where nobody answers."""
        await asyncio.gather(*(line.start() for line in (self.asks, self.tells)))

    async def close(self) -> None:
        """What waits is stored and told, for a moment; leads are given up."""
        await self.flights.close()
        await self.answers.close()
        await self.streams.close()
        await self.die()
