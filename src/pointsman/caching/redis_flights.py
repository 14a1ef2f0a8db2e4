"""Where processes meet over one call, in Redis or Valkey: a ``SharedFlights``.

Who leads holds a key with a token of its own, which expires unless it is renewed; what it tells goes into a
stream that bears the token, so that a leader that was only thought dead disturbs nobody. All that the leaders
of a process have to tell goes together, so that a fast stream does not cost a round trip for each event.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from importlib import resources
from typing import Any

import msgspec

from pointsman.clock import Clock, SystemClock
from pointsman.storage.redis import RedisAway, RedisLine

from .envelope import Envelopes
from .redis_streams import RedisStreams
from .shared_flights import End, Head, Item, LeadLost
from .telling import Batch, GaveUp, Telling, Told, pack_batch, unpack_batch

_LEAD = """
local leads = redis.call('GET', KEYS[1])
if leads and not (leads:sub(-1) == '!' and redis.call('EXISTS', KEYS[2]) == 1) then return leads end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return ARGV[1]
"""
"""Who leads: this one, if nobody does, or one whose answer is kept and may have been purged since."""
_FOLLOW = """
local leads = ARGV[3] ~= '' and ARGV[3] or redis.call('GET', KEYS[1])
if not leads or (leads:sub(-1) == '!' and redis.call('EXISTS', KEYS[2]) == 1) then return false end
leads = leads:gsub('!', '')
local time = redis.call('TIME')
local followers = KEYS[1] .. ':' .. leads .. ':followers'
redis.call('ZADD', followers, time[1] * 1000 + math.floor(time[2] / 1000) + ARGV[2], ARGV[1])
redis.call('PEXPIRE', followers, 2 * ARGV[2])
return leads
"""
"""Who leads; and one more follows it, for a lease. With a third argument that one is followed for longer."""
_FREE = "return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0"
_TELL = resources.files(__package__).joinpath("tell.lua").read_text(encoding="utf-8")

_PACE = 0.005
"""Seconds between two tellings, at least: what comes meanwhile goes together."""
LINGER_MS = 2_000
"""For which an answer that is kept can still be followed: until it can be found where it is kept. Who leads
is then written with a "!"."""
_SHUT_BATCHES = 512
"""Batches that are kept of an answer that nobody may join any more; who is further behind has lost it."""
_STEPS = 10
"""In which a lease is waited for."""
_RENEWALS = 3
"""Times in a lease that a follower says that it is there still."""
_UNTOLD = 2
"""Of these steps, how many who has told its clients nothing yet waits for a store that is away."""


def purged_key(prefix: str) -> str:
    """What is there for a while after answers were purged."""
    return f"{{{prefix}}}:purged"


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


class RedisLead:
    """See ``shared_flights.Lead``."""

    def __init__(self, telling: Telling, wake: Callable[[], None], name: str, stream: str) -> None:
        self.telling = telling
        self.name = name
        self.stream = stream
        self._wake = wake
        self.followed: Callable[[int], None] = lambda count: None

    @property
    def lost(self) -> bool:
        return self.telling.lost

    @property
    def token(self) -> str:
        return self.stream.rpartition(":")[2]

    def watch(self, followed: Callable[[int], None]) -> None:
        self.followed = followed

    def beat(self) -> None:
        self.telling.hurry()
        self._wake()

    def head(self, head: Head) -> None:
        self._tell(head)

    def put(self, piece: bytes) -> None:
        self._tell(piece)

    def end(self, end: End) -> None:
        self._tell(end)

    def give_up(self) -> None:
        self._tell(GaveUp())

    def _tell(self, item: Item | GaveUp) -> None:
        self.telling.add(item)
        self._wake()


class RedisFlights:
    """
    Args:
        asks: for who leads, which clients wait for.
        tells: for what is told.
        lease: seconds after which a leader of which nothing is heard is taken for dead.
        fresh: tokens; no two are equal.
    """

    def __init__(
        self,
        asks: RedisLine,
        tells: RedisLine,
        streams: RedisStreams,
        envelopes: Envelopes,
        *,
        prefix: str,
        lease: float,
        fresh: Callable[[], str],
        clock: Clock | None = None,
    ) -> None:
        self.counts = FlightCounts()
        self._asks, self._tells, self._streams = asks, tells, streams
        self._envelopes = envelopes
        self._base = f"{{{prefix}}}:flight:"
        self._purged = purged_key(prefix)
        self._lease = lease
        self._lease_ms = round(lease * 1000)
        self._fresh = fresh
        self._now = (clock or SystemClock()).monotonic
        self._leads: set[RedisLead] = set()
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._besides: set[asyncio.Task[None]] = set()
        self._closing = False

    @property
    def away(self) -> bool:
        return self._closing or self._asks.away or self._tells.away

    async def lead(self, key: bytes) -> RedisLead | None:
        if self.away:
            return None
        name, token = self._base + key.hex(), self._fresh()
        try:
            said = await self._asks.ask("EVAL", _LEAD, 2, name, self._purged, token, self._lease_ms)
        except BaseException as failure:
            self._aside("EVAL", _FREE, 1, name, token)  # it may be ours
            if isinstance(failure, RedisAway):
                return None
            raise
        if bytes(said).decode() != token:
            return None
        telling = Telling(self._now(), self._lease)
        lead = RedisLead(telling, self._wake.set, name, f"{name}:{token}")
        self._leads.add(lead)
        self.counts.led += 1
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="pointsman-shared-flights")
        return lead

    async def follow(self, key: bytes) -> AsyncGenerator[Item, None]:
        name, ident = self._base + key.hex(), self._fresh()
        try:
            said = await self._asks.ask("EVAL", _FOLLOW, 2, name, self._purged, ident, self._lease_ms, "")
        except RedisAway:
            said = None
        if said is None:
            raise LeadLost
        self.counts.sought += 1
        inbox = _Inbox(name, bytes(said).decode(), ident, self._now())
        stop = self._streams.listen(inbox.stream, inbox.take, after="0")
        told = False
        try:
            for number in range(1, 1 << 53):
                for item in await self._batch(inbox, number, told=told):
                    if isinstance(item, GaveUp):
                        raise LeadLost
                    told = True
                    self.counts.followed += isinstance(item, End)
                    yield item
                    if isinstance(item, End):
                        return
        except LeadLost:
            self.counts.lapsed += 1
            raise
        finally:
            stop()
            self._aside("ZREM", f"{inbox.stream}:followers", ident)

    async def close(self) -> None:
        self._closing = True
        for lead in self._leads:
            lead.give_up()
        self._wake.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=1.0)
            self._task.cancel()
        tasks = [*self._besides, *([self._task] if self._task is not None else [])]
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- following

    async def _batch(self, inbox: _Inbox, number: int, *, told: bool) -> list[Told]:
        """Raises LeadLost: it does not come, or cannot be read."""
        step = self._lease / _STEPS
        steps = 0
        self._stay(inbox)
        while not inbox.entries:
            inbox.changed.clear()
            try:
                async with asyncio.timeout(step):
                    await inbox.changed.wait()
            except TimeoutError:
                steps += 1
                self._stay(inbox)
                if steps > _STEPS or (not told and self.away and steps >= _UNTOLD):
                    raise LeadLost from None
        ident, wrapped = inbox.entries.popleft()
        content = None
        if ident == f"{number}-0":  # else it is too far behind, and what it has not had is gone
            content = self._envelopes.unwrap(wrapped, _bound(inbox.stream, number))
        items = None if content is None else unpack_batch(content)
        if items is None:
            raise LeadLost
        return items

    def _stay(self, inbox: _Inbox) -> None:
        """Say now and then that it is followed still."""
        if self._now() - inbox.stayed > self._lease / _RENEWALS:
            inbox.stayed = self._now()
            words = (inbox.ident, self._lease_ms, inbox.token)
            self._aside("EVAL", _FOLLOW, 2, inbox.name, self._purged, *words)

    # -- telling

    async def _run(self) -> None:
        while not self._closing or any(not lead.telling.over for lead in self._leads):
            if not await self._rest():
                return
            now = self._now()
            due = [(lead, batch) for lead in self._leads if (batch := lead.telling.batch(now)) is not None]
            await asyncio.gather(*(self._tell(lead, batch) for lead, batch in due))
            for lead in [lead for lead in self._leads if lead.telling.over]:
                self._leads.remove(lead)
                if lead.lost:
                    self.counts.lost += 1
                    lead.followed(0)
            if due:
                await asyncio.sleep(_PACE)

    async def _rest(self) -> bool:
        """Until there is something to tell, or it is time to say that the leaders live; False when nothing
        can be told any more."""
        there = True
        try:
            async with asyncio.timeout(self._lease / _STEPS):
                if self._tells.away:
                    there = await self._tells.back()
                else:
                    await self._wake.wait()
        except TimeoutError:
            pass
        self._wake.clear()
        return there

    async def _tell(self, lead: RedisLead, batch: Batch) -> None:
        telling = lead.telling
        wrapped = self._envelopes.wrap(pack_batch(batch.items), _bound(lead.stream, batch.number))
        ends = not batch.joinable or (batch.last and not batch.lingers)
        lease_ms = 0 if ends else LINGER_MS if batch.last else self._lease_ms
        must_lead = batch.joinable or batch.first_shut
        try:
            followers = await self._tells.ask(
                *("EVAL", _TELL, 3, lead.name, lead.stream, f"{lead.stream}:followers"),
                *(lead.token, batch.number, wrapped),
                *(lease_ms, 2 * self._lease_ms, 0 if batch.joinable else _SHUT_BATCHES),
                *(int(must_lead), int(batch.last)),
            )
        except RedisAway:
            telling.unheard(self._now())
        else:
            if followers < 0:
                telling.lose()
                return
            telling.heard()
            lead.followed(int(followers))
            if telling.more:
                self._wake.set()

    def _aside(self, *words: Any) -> None:
        """Say it behind the caller's back; if it is not heard, it comes to pass by itself within a lease."""

        async def say() -> None:
            try:
                await self._tells.ask(*words)
            except RedisAway:
                return

        task = asyncio.create_task(say())
        self._besides.add(task)
        task.add_done_callback(self._besides.discard)


class _Inbox:
    """What has come of a leader's stream and was not taken yet.

    Args:
        ident: of this follower.
    """

    def __init__(self, name: str, token: str, ident: str, now: float) -> None:
        self.name = name
        self.token = token
        self.ident = ident
        self.stream = f"{name}:{token}"
        self.stayed = now
        """When it was last said that it is followed."""
        self.entries: deque[tuple[str, bytes]] = deque()
        self.changed = asyncio.Event()

    def take(self, ident: str, what: bytes) -> None:
        self.entries.append((ident, what))
        self.changed.set()


def _bound(stream: str, number: int) -> bytes:
    return f"{stream} {number}".encode()
