"""A leader in Redis or Valkey that is followed: a ``shared_flights.Follow``.

What it tells stands in a stream that bears its token, in numbered batches. Who follows is counted there for a
lease, and says now and then that it does still; a leader of which nothing is heard for a lease is lost.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Sequence
from importlib import resources

import msgspec

from pointsman.storage.redis import Script

from .envelope import Envelopes
from .flights import End, Item, LeadLost, Payer
from .redis_streams import RedisStreams
from .telling import GaveUp, Told, unpack_batch

_HERE = resources.files(__package__)
_STAY = Script(_HERE.joinpath("stay.lua").read_text(encoding="utf-8"))
_LEAVE = Script(_HERE.joinpath("leave.lua").read_text(encoding="utf-8"))
_DROP = Script("redis.call('ZREM', KEYS[1], ARGV[1]) return redis.call('HDEL', KEYS[2], ARGV[1])")
STEPS = 10
"""In which a lease is waited for."""
_RENEWALS = 3
"""Times in a lease that a follower says that it is there still."""
_UNTOLD = 2
"""Of these steps, how many who has told its clients nothing yet waits for a store that is away."""

_decode_payers = msgspec.msgpack.Decoder(tuple[Payer, ...]).decode


class FlightCounts(msgspec.Struct):
    led: int = 0
    """Calls that this process led."""
    sought: int = 0
    """Leads of others that it set out to follow."""
    followed: int = 0
    """Answers of others that it followed to their end."""
    lapsed: int = 0
    """Those whose leader was lost on the way."""
    lost: int = 0
    """Leads of this process that nobody could hear any more."""


class RedisFollow:
    """
    Args:
        name: of the flight.
        token: of its leader.
        ident: of this follower.
        lease: seconds.
        away: the store is.
        aside: runs a script in the store behind the caller's back.
        now: monotonic seconds.
    """

    def __init__(
        self,
        name: str,
        token: str,
        ident: str,
        *,
        lease: float,
        streams: RedisStreams,
        envelopes: Envelopes,
        counts: FlightCounts,
        away: Callable[[], bool],
        aside: Callable[..., None],
        now: Callable[[], float],
    ) -> None:
        self._name = name
        self.stream = f"{name}:{token}"
        self._followers, self._payers = f"{self.stream}:followers", f"{self.stream}:payers"
        self._ident = ident
        self._lease = lease
        self._streams = streams
        self._envelopes = envelopes
        self._counts = counts
        self._away = away
        self._aside = aside
        self._now = now
        self._stayed = now()
        """When it was last said that it is followed."""
        self._entries: deque[tuple[str, bytes]] = deque()
        """What has come and was not taken yet: the id of a batch, and the batch."""
        self._changed = asyncio.Event()

    def pay(self, payers: Sequence[Payer]) -> None:
        self._stay(pack_payers(payers, self._envelopes, self._name))

    def drop(self) -> None:
        self._aside(_DROP, 2, self._followers, self._payers, self._ident)

    async def items(self) -> AsyncGenerator[Item, None]:
        counts = self._counts
        counts.sought += 1
        stop = self._streams.listen(self.stream, self._take, after="0")
        told = ended = False
        try:
            for number in range(1, 1 << 53):
                for item in await self._batch(number, told=told):
                    if isinstance(item, GaveUp):
                        raise LeadLost
                    told = True
                    ended = isinstance(item, End)
                    counts.followed += ended
                    yield item
                    if ended:
                        return
        except LeadLost:
            counts.lapsed += 1
            raise
        finally:
            stop()
            if not ended:
                self._aside(_LEAVE, 2, self._followers, self._payers, self._ident)

    def _take(self, ident: str, what: bytes) -> None:
        self._entries.append((ident, what))
        self._changed.set()

    async def _batch(self, number: int, *, told: bool) -> list[Told]:
        """Raises LeadLost: it does not come, or cannot be read."""
        steps = 0
        self._stay_now_and_then()
        while not self._entries:
            self._changed.clear()
            try:
                async with asyncio.timeout(self._lease / STEPS):
                    await self._changed.wait()
            except TimeoutError:
                steps += 1
                self._stay_now_and_then()
                if steps > STEPS or (not told and self._away() and steps >= _UNTOLD):
                    raise LeadLost from None
        ident, wrapped = self._entries.popleft()
        content = None
        if ident == f"{number}-0":  # else it is too far behind, and what it has not had is gone
            content = self._envelopes.unwrap(wrapped, bound(self.stream, number))
        items = None if content is None else unpack_batch(content)
        if items is None:
            raise LeadLost
        return items

    def _stay_now_and_then(self) -> None:
        if self._now() - self._stayed > self._lease / _RENEWALS:
            self._stay(b"")

    def _stay(self, payers: bytes) -> None:
        self._stayed = self._now()
        lease_ms = round(self._lease * 1000)
        self._aside(_STAY, 2, self._followers, self._payers, self._ident, lease_ms, payers)


def bound(stream: str, number: int) -> bytes:
    """What a batch is bound to, where it is encrypted."""
    return f"{stream} {number}".encode()


def pack_payers(payers: Sequence[Payer], envelopes: Envelopes, name: str) -> bytes:
    """As they are named in the store, bound to the flight's name."""
    return envelopes.wrap(msgspec.msgpack.encode(tuple(payers)), f"{name} payers".encode())


def unpack_payers(wrapped: bytes, envelopes: Envelopes, name: str) -> tuple[Payer, ...]:
    """Nobody, where it cannot be read: it is of another version, or another key."""
    content = envelopes.unwrap(wrapped, f"{name} payers".encode())
    try:
        return () if content is None else _decode_payers(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return ()
