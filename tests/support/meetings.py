"""Crowds at several gateways, from seeds: clients come and leave, providers break, leaders are lost, gateways
are killed, and the place where they meet goes away. Every fourth is calm: nothing fails in it, and nobody
leaves."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator

import msgspec

from pointsman.caching.rules.charging import Charge
from pointsman.errors import UpstreamUnavailable
from pointsman.gateway.build import OPEN_DOOR, build_gateway
from pointsman.http1 import HttpRequest, Leave, Timeouts
from pointsman.ledger.entry import Attempt, Entry
from pointsman.providers import simulated_providers
from tests.support.asgi import AsgiCall
from tests.support.equal_requests import caching, cold, said
from tests.support.gateway import CHAT, MESSAGES, packaged_catalog
from tests.support.provider_bytes import OPENAI_EVENTS, OPENAI_MODEL, OPENAI_WHOLE
from tests.support.shared_flights import Sky
from tests.support.shared_memory import MemorySharing, Shelf
from tests.support.site import Disk, MortalCalls, MortalLedger
from tests.support.virtual_time import VirtualClock, run_virtual

_LONG = 600.0
_SOON = 2.0
"""Seconds within which a call that nobody waits for is over."""


class Paced:
    """A provider that takes its time, breaks off at a piece of its own choice, and keeps an invoice."""

    def __init__(self, dice: random.Random, breaks: float) -> None:
        self._dice = dice
        self._breaks = breaks
        self.asked: list[str] = []
        """The names of all calls."""
        self.whole: set[str] = set()
        """Of those that were told what they used."""

    async def send(self, request: HttpRequest, timeouts: Timeouts, leave: Leave | None = None) -> Stream:
        dice, name = self._dice, dict(request.headers)["x-client-request-id"]
        self.asked.append(name)
        await asyncio.sleep(dice.uniform(0.1, 0.4))
        pieces = OPENAI_EVENTS if msgspec.json.decode(request.body).get("stream") else (OPENAI_WHOLE,)
        broken_at = dice.randint(0, len(pieces)) if dice.random() < self._breaks else None
        if broken_at == 0:
            raise UpstreamUnavailable("It fell over.")
        return Stream(self, name, pieces, leave, broken_at, dice.uniform(0.01, 0.1))

    async def close(self) -> None:
        """There is nothing to close."""


class Stream:
    status = 200

    def __init__(
        self,
        paced: Paced,
        name: str,
        pieces: tuple[bytes, ...],
        leave: Leave | None,
        broken_at: int | None,
        gap: float,
    ) -> None:
        streams = len(pieces) > 1
        self.headers = {"content-type": "text/event-stream" if streams else "application/json"}
        self._paced, self._name, self._pieces = paced, name, pieces
        self._leave, self._broken_at, self._gap = leave, broken_at, gap

    async def read(self) -> bytes:
        return b"".join([piece async for piece in self.chunks()])

    async def chunks(self) -> AsyncIterator[bytes]:
        for number, piece in enumerate(self._pieces, 1):
            await asyncio.sleep(self._gap)
            if self._leave is not None and self._leave.gone:
                return
            if number == self._broken_at:
                raise UpstreamUnavailable("It fell over.")
            if b'"usage"' in piece:
                self._paced.whole.add(self._name)
            yield piece

    async def close(self, *, drain: float = 0.0) -> bytes:
        return b""


class Replica:
    """A gateway on a disk of its own, that may be killed."""

    def __init__(self, name: str, dice: random.Random, charge: Charge, paced: Paced, sharing: MemorySharing):
        self.disk, self.paced, self.sharing = Disk(), paced, sharing
        self.ledger, self.open_calls = MortalLedger(self.disk, dice), MortalCalls(self.disk)
        self.dead = False
        self.gateway = build_gateway(
            caching(charge=charge),
            simulated_providers("http://upstream"),
            ledger=self.ledger,
            open_calls=self.open_calls,
            sharing=sharing,
            door=OPEN_DOOR,
            environment={},
            transport=paced,
            clock=VirtualClock(),
            catalog=packaged_catalog(),
            rng=random.Random(name),
            sleep=asyncio.sleep,
        )

    def call(self, path: str, *, stream: bool) -> AsgiCall:
        body = msgspec.json.encode(cold(OPENAI_MODEL, stream=stream))
        return AsgiCall(self.gateway.app, "POST", path, [body])

    def kill(self) -> None:
        """From now on nothing that it does is heard. Its tasks are for the caller to cancel."""
        self.dead = self.ledger.dead = self.open_calls.dead = True
        self.sharing.flights.kill()

    def riding(self) -> tuple[int, int]:
        cache = self.gateway.cache
        assert cache is not None and cache.flights is not None
        return cache.flights.metrics.under_way(), cache.flights.metrics.riding()

    def flying(self) -> list[asyncio.Task[None]]:
        cache = self.gateway.cache
        assert cache is not None and cache.flights is not None
        return list(cache.flights._tasks)


class Crowd:
    def __init__(self, seed: int) -> None:
        self.dice = dice = random.Random(f"meeting {seed}")
        self.calm = seed % 4 == 0
        self.charge: Charge = dice.choice(("first", "split", "split"))
        self.sky, shelf = Sky(), Shelf()
        self.sky.delay = lambda: dice.choice((0.0, 0.001, 0.05)) * dice.random()
        self.replicas = []
        for number in range(dice.randint(2, 4)):
            paced = Paced(dice, 0.0 if self.calm else 0.3)
            sharing = MemorySharing(shelf, self.sky)
            self.replicas.append(Replica(f"{seed} {number}", dice, self.charge, paced, sharing))
        self.streams = dice.choice((0.0, 0.5, 1.0, 1.0))
        self.stayed: list[tuple[Replica, AsgiCall]] = []
        self._running: dict[asyncio.Future[AsgiCall], Replica] = {}

    async def client(self) -> None:
        dice = self.dice
        after, leaves = dice.uniform(0.0, 0.6), not self.calm and dice.random() < 0.4
        patience = dice.uniform(0.0, 1.0)
        path, stream = dice.choice((CHAT, CHAT, MESSAGES)), dice.random() < self.streams
        await asyncio.sleep(after)
        replica = dice.choice([each for each in self.replicas if not each.dead])
        call = replica.call(path, stream=stream)
        running = asyncio.ensure_future(call.run())
        self._running[running] = replica
        if leaves:
            await asyncio.sleep(patience)
            call.leave()
        else:
            self.stayed.append((replica, call))
        await asyncio.wait([running])
        if not replica.dead:
            running.result()

    async def losses(self) -> None:
        """Leaders that are taken for dead though they live: the hardest case, as they go on."""
        for _ in range(self.dice.randint(0, 2)):
            await asyncio.sleep(self.dice.uniform(0.0, 0.6))
            for lead in [lead for lead in self.sky.told.values() if not lead.over]:
                lead.die()

    async def deaths(self) -> None:
        for _ in range(self.dice.choice((0, 0, 1, 1, 2))):
            await asyncio.sleep(self.dice.uniform(0.0, 0.8))
            living = [each for each in self.replicas if not each.dead]
            leading = [each for each in living if any(not lead.over for lead in each.sharing.flights.mine)]
            if len(living) > 1:
                self._kill(self.dice.choice(leading or living) if self.dice.random() < 0.5 else living[0])

    def _kill(self, replica: Replica) -> None:
        replica.kill()
        for task in [task for task, on in self._running.items() if on is replica] + replica.flying():
            task.cancel()

    async def outage(self) -> None:
        """The place where they meet is gone, and comes back empty."""
        if self.dice.random() < 0.3:
            await asyncio.sleep(self.dice.uniform(0.0, 0.6))
            self.sky.go()
            await asyncio.sleep(self.dice.uniform(0.0, 0.6))
            self.sky.away = False

    async def play(self) -> None:
        troubles = () if self.calm else (self.losses(), self.deaths(), self.outage())
        async with asyncio.timeout(_LONG):
            await asyncio.gather(*troubles, *(self.client() for _ in range(self.dice.randint(4, 16))))
        await asyncio.sleep(_SOON)
        for replica in self.replicas:
            if not replica.dead:
                assert replica.riding() == (0, 0)
        for replica in self.replicas:
            await replica.gateway.close()
            if replica.dead:
                replica.disk.recover()  # as it does when it starts again


def _judge(crowd: Crowd) -> Counter[str]:
    living = [call for replica, call in crowd.stayed if not replica.dead]
    for call in living:
        assert call.complete
        failed = b'"error"' in call.body
        assert call.status == 200 if not failed else call.status == 200 or call.status >= 500
        assert failed or b'"stop"' in call.body or b'"end_turn"' in call.body
    entries = _books(crowd)
    _alike({entry.request_id: entry for entry in entries}, living)
    if crowd.calm:
        assert sum(len(replica.paced.asked) for replica in crowd.replicas) == 1
        assert {call.status for call in living} == {200}
        _equal_parts(crowd, entries)
    return Counter(f"{entry.cache} {entry.outcome}" for entry in entries)


def _books(crowd: Crowd) -> list[Entry]:
    """The entries of all gateways sum to the attempts, which are those that providers were asked for; what
    they told the usage of is booked by that, unless its gateway died."""
    entries: list[Entry] = []
    for replica in crowd.replicas:
        assert not replica.disk.twice
        own = list(replica.disk.entries.values())
        attempts: dict[str, Attempt] = {f"{e.request_id}-{a.number}": a for e in own for a in e.attempts}
        assert attempts.keys() == set(replica.paced.asked), "what a provider was asked is what is booked"
        assert sum(entry.cost or 0 for entry in own) == sum(each.cost or 0 for each in attempts.values())
        exact = {name for name, each in attempts.items() if each.cost and not each.estimated}
        assert exact <= replica.paced.whole
        assert replica.dead or exact == replica.paced.whole
        assert len({attempts[name].cost for name in exact}) <= 2, "one for streams, one for whole answers"
        entries += own
    assert all(entry.cost is not None for entry in entries)
    if crowd.charge == "first":
        assert all(entry.attempts or not entry.cost for entry in entries)
    known = {entry.request_id: entry for entry in entries}
    for part in entries:
        if part.cache == "part":
            rider, _, maker = part.request_id.rpartition(".")
            assert known[maker].attempts and part.source == maker
            own_entry = known.get(rider)  # none where its gateway died
            assert own_entry is None or own_entry.cost == 0 or own_entry.attempts
    return entries


def _equal_parts(crowd: Crowd, entries: list[Entry]) -> None:
    """All who rode to the end pay the same, wherever they are; who came later had it from the cache."""
    (made,) = [entry for entry in entries if entry.attempts]
    assert made.cost is not None
    parts = {e.request_id.partition(".")[0]: e for e in entries if e.cache == "part"}
    pays = {e.request_id: e.cost or 0 for e in entries if e.cache in ("miss", "coalesced")}
    for rider, part in parts.items():
        pays[rider] += part.cost or 0
    if crowd.charge == "first":
        assert {cost for name, cost in pays.items() if name != made.request_id} <= {0}
        return
    paying = [name for name, cost in pays.items() if cost]
    each = sum(pays.values()) // len(paying)
    assert {pays[name] for name in paying if name != made.request_id} <= {each}
    assert 0 <= made.cost - each < len(paying)
    for entry in entries:
        if entry.cache == "coalesced" and pays[entry.request_id]:
            assert entry.saved == sum(pays.values()) - each


def _alike(entries: dict[str, Entry], calls: list[AsgiCall]) -> None:
    """All who have all of a call's answer have the same; in the form that it was made in, to the byte."""
    groups: dict[str, list[AsgiCall]] = {}
    for call in calls:
        entry = entries[call.headers["x-request-id"]]
        if b'"error"' not in call.body and (not _streams(call) or call.body.rstrip().endswith(_LAST)):
            groups.setdefault(entry.source or entry.request_id, []).append(call)
    for made, group in groups.items():
        told = {str(said(_path(call), call.body, _streams(call)).parts) for call in group}
        assert len(told) == 1, told
        form = (entries[made].face, entries[made].stream) if made in entries else None
        same = [call for call in group if (_FACES[_path(call)], _streams(call)) == form]
        assert len({call.body for call in same if call.headers["x-pointsman-cache"] != "hit"}) <= 1


_LAST = (b"data: [DONE]", b'"type":"message_stop"}')
_FACES = {CHAT: "openai_chat", MESSAGES: "anthropic_messages"}


def _path(call: AsgiCall) -> str:
    return str(call.scope["path"])


def _streams(call: AsgiCall) -> bool:
    return call.headers["content-type"].startswith("text/event-stream")


def play_meeting(seed: int) -> Counter[str]:
    """What there was, by kind. Raises AssertionError, or whatever went wrong, with its seed."""

    async def world() -> Counter[str]:
        crowd = Crowd(seed)
        await crowd.play()
        return _judge(crowd)

    try:
        return run_virtual(world)
    except BaseException as error:
        error.add_note(f"seed {seed}")
        raise
