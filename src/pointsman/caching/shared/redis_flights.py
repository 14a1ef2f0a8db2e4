"""Where processes meet over one call, in Redis or Valkey: a ``SharedFlights``.

Who leads holds a key with a token of its own, which expires unless it is renewed; what it tells goes into a
stream that bears the token, so that a leader that was only thought dead disturbs nobody. All that the leaders
of a process have to tell goes together, so that a fast stream does not cost a round trip for each event. How
a leader is followed is in ``redis_follow.py``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from importlib import resources
from typing import Any

from pointsman.clock import Clock, SystemClock
from pointsman.storage.redis import RedisAway, RedisLine, Script

from .envelope import Envelopes
from .flights import End, Head, Item, Met, Payer, Queued
from .redis_follow import STEPS, FlightCounts, RedisFollow, bound, pack_payers, unpack_payers
from .redis_streams import RedisStreams
from .telling import Batch, GaveUp, Telling, pack_batch

_FREE = Script("return redis.call('GET', KEYS[1]) == ARGV[1] and redis.call('DEL', KEYS[1]) or 0")
_HERE = resources.files(__package__)
_MEET = Script(_HERE.joinpath("meet.lua").read_text(encoding="utf-8"))
_TELL = Script(_HERE.joinpath("tell.lua").read_text(encoding="utf-8"))
_PAYERS = Script(_HERE.joinpath("payers.lua").read_text(encoding="utf-8"))

_PACE = 0.005
"""Seconds between two tellings, at least: what comes meanwhile goes together."""
LINGER_MS = 2_000
"""For which an answer that is kept can still be followed: until it can be found where it is kept. Who leads
is then written with a "!"."""
_SHUT_BATCHES = 512
"""Batches that are kept of an answer that nobody may join any more; who is further behind has lost it."""

Kept = tuple[int, bytes, int]
"""Which of the answers asked for is kept, as it is there, and for how many milliseconds still."""


def purged_key(prefix: str) -> str:
    """What is there for a while after answers were purged."""
    return f"{{{prefix}}}:purged"


class RedisLead:
    """See ``shared_flights.Lead``."""

    def __init__(self, flights: RedisFlights, telling: Telling, name: str, stream: str) -> None:
        self.telling = telling
        self.name = name
        self.stream = stream
        self._flights = flights
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
        self._flights.wake()

    def queued(self, queued: Queued) -> None:
        self._tell(queued)

    def head(self, head: Head) -> None:
        self._tell(head)

    def put(self, piece: bytes) -> None:
        self._tell(piece)

    def end(self, end: End) -> None:
        self._tell(end)

    def give_up(self) -> None:
        self._tell(GaveUp())

    async def payers(self) -> tuple[Payer, ...]:
        return () if self.lost else await self._flights.payers_of(self)

    def _tell(self, item: Item | GaveUp) -> None:
        self.telling.add(item)
        self._flights.wake()


class RedisFlights:
    """
    Args:
        asks: for what clients wait for.
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

    async def meet(self, key: bytes, payers: Sequence[Payer] = ()) -> Met | None:
        met = await self.find_or_meet((), key, payers)
        assert not isinstance(met, tuple), "no answer was asked for"
        return met

    async def find_or_meet(
        self, answers: Sequence[str], key: bytes, payers: Sequence[Payer]
    ) -> Kept | Met | None:
        """The same, but where one of the ``answers`` (keys in the store) is kept, that."""
        if self.away:
            return None
        name, token = self._base + key.hex(), self._fresh()
        named = pack_payers(payers, self._envelopes, name) if payers else b""
        words = (2 + len(answers), name, self._purged, *answers, token, self._lease_ms, named)
        try:
            said = await self._asks.run(_MEET, *words)
        except BaseException as failure:
            self._aside(_FREE, 1, name, token)  # it may be ours
            if isinstance(failure, RedisAway):
                return None
            raise
        if isinstance(said, list):
            return int(said[0]), bytes(said[1]), int(said[2])
        leads = bytes(said).decode()
        if leads == token:
            return Met(lead=self._lead(name, token))
        return Met(follow=self._follow(name, leads, token))

    async def payers_of(self, lead: RedisLead) -> tuple[Payer, ...]:
        stream, must_lead = lead.stream, int(not lead.telling.shut)
        keys = (lead.name, f"{stream}:followers", f"{stream}:payers")
        try:
            said = await self._tells.run(_PAYERS, 3, *keys, lead.token, must_lead)
        except RedisAway:
            return ()
        named = (unpack_payers(bytes(each), self._envelopes, lead.name) for each in said)
        return tuple({payer.request_id: payer for some in named for payer in some}.values())

    def wake(self) -> None:
        """There is something to tell."""
        self._wake.set()

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

    # -- within

    def _lead(self, name: str, token: str) -> RedisLead:
        lead = RedisLead(self, Telling(self._now(), self._lease), name, f"{name}:{token}")
        self._leads.add(lead)
        self.counts.led += 1
        if self._task is None:
            self._task = asyncio.create_task(self._run(), name="pointsman-shared-flights")
        return lead

    def _follow(self, name: str, token: str, ident: str) -> RedisFollow:
        return RedisFollow(
            name,
            token,
            ident,
            lease=self._lease,
            streams=self._streams,
            envelopes=self._envelopes,
            counts=self.counts,
            away=lambda: self.away,
            aside=self._aside,
            now=self._now,
        )

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
            async with asyncio.timeout(self._lease / STEPS):
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
        wrapped = self._envelopes.wrap(pack_batch(batch.items), bound(lead.stream, batch.number))
        ends = not batch.joinable or (batch.last and not batch.lingers)
        lease_ms = 0 if ends else LINGER_MS if batch.last else self._lease_ms
        must_lead = batch.joinable or batch.first_shut
        try:
            followers = await self._tells.run(
                *(_TELL, 3, lead.name, lead.stream, f"{lead.stream}:followers"),
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

    def _aside(self, script: Script, *words: Any) -> None:
        """Run it behind the caller's back; if it is not heard, it comes to pass by itself within a lease."""

        async def say() -> None:
            try:
                await self._tells.run(script, *words)
            except RedisAway:
                return

        task = asyncio.create_task(say())
        self._besides.add(task)
        task.add_done_callback(self._besides.discard)
