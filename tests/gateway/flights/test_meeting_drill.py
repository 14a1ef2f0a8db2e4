"""What must hold for fifty at three gateways when Valkey or the gateway that makes the call is killed in the
midst of their flight: each is told all of the answer, or that it is not whole; nobody is told something else;
and the books sum to what was paid."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
import pytest

from pointsman.chat import Response, Text
from pointsman.http1 import HttpRequest
from pointsman.ledger.entry import Entry
from tests.support.asgi import AsgiCall
from tests.support.equal_requests import caching, cold, events, said
from tests.support.gateway import CHAT, MESSAGES
from tests.support.meeting_calls import held, start, until_all_ride, upstream_calls
from tests.support.provider_bytes import OPENAI_EVENTS, OPENAI_MODEL, OPENAI_WHOLE
from tests.support.redis_server import RedisServer, redis_server
from tests.support.shared_gateways import Replica, replicas
from tests.support.upstream import Scripted, Wait

MANY = 50
TEXT = "Because so."
WAYS = ((CHAT, True), (CHAT, False), (MESSAGES, True), (MESSAGES, False))


@pytest.fixture
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


def provider(request: HttpRequest) -> Scripted:
    if msgspec.json.decode(request.body).get("stream"):
        return Scripted(body=OPENAI_EVENTS)
    return Scripted(body=OPENAI_WHOLE.replace(b"Because.", TEXT.encode()))


def text_of(response: Response) -> str:
    return "".join(part.text for part in response.parts if isinstance(part, Text))


class Asked:
    """A request, and how it was meant."""

    def __init__(self, replica: Replica, way: tuple[str, bool]) -> None:
        self.replica = replica
        self.path, self.streams = way
        self.call = replica.call(self.path, cold(OPENAI_MODEL, stream=self.streams))

    @property
    def broken(self) -> bool:
        return b'"error"' in self.call.body

    def is_part_of(self, whole: str) -> bool:
        """What was told is the beginning of this."""
        told = self.call.body.partition(b'data: {"error"')[0].partition(b"event: error")[0]
        text = "".join(getattr(event, "text", "") for event in events(self.path, told))
        return whole.startswith(text)


def crowd(made: Sequence[Replica], dice: random.Random) -> list[Asked]:
    """The first streams, in the provider's dialect; the others as it comes."""
    first = Asked(made[0], WAYS[0])
    return [first, *(Asked(dice.choice(made), dice.choice(WAYS)) for _ in range(MANY - 1))]


def judge(asked: Sequence[Asked], made: Sequence[Replica], dead: Replica | None = None) -> None:
    bodies: dict[Any, set[bytes]] = {}
    for each in asked:
        if each.replica is dead:
            continue
        assert each.call.complete and each.call.status in (200, 502, 503), each.call.body
        if each.broken:
            assert each.is_part_of(TEXT) if each.streams else each.call.status != 200
        else:
            assert text_of(said(each.path, each.call.body, each.streams)) == TEXT
            form = (each.replica, each.path, each.streams)
            bodies.setdefault(form, set()).add(each.call.body)
    # in one gateway, those who share a call in a form have the same bytes: two calls at most were made there
    assert all(len(same) <= 2 for same in bodies.values())
    booked: list[Entry] = []
    for replica in made:
        attempts = [a for entry in replica.ledger.entries for a in entry.attempts]
        assert len(attempts) == len(replica.transport.requests)
        own = replica.ledger.entries
        assert sum(entry.cost or 0 for entry in own) == sum(attempt.cost or 0 for attempt in attempts)
        assert all(entry.cost is not None for entry in own)
        booked += own
    living = {each.call.headers["x-request-id"] for each in asked if each.replica is not dead}
    assert living <= {entry.request_id for entry in booked}, "each has its entry"


async def ride(
    made: Sequence[Replica], dice: random.Random
) -> tuple[list[Asked], list[asyncio.Task[AsgiCall]]]:
    """All of them, when they have met; the first gateway makes the call."""
    asked = crowd(made, dice)
    running = start([asked[0].call])
    await made[0].transport.asked.wait()
    running += start([each.call for each in asked[1:]])
    await until_all_ride(made, MANY)
    return asked, running


async def until_told(asked: Sequence[Asked], at: int) -> None:
    """Until all who stream in the provider's dialect have so many events."""
    await asyncio.gather(
        *(each.call.events(at) for each in asked if at and each.streams and each.path == CHAT)
    )


@pytest.mark.parametrize("seed", [0, 1, 5])
async def test_the_gateway_that_makes_the_call_is_killed_at_any_event(server: RedisServer, seed: int) -> None:
    dice = random.Random(f"drill {seed}")
    at = dice.randint(0, len(OPENAI_EVENTS) - 2)  # the last two come without a client's noticing
    given = caching(charge=dice.choice(("first", "split")))
    async with replicas(server, 3, provider, given=given, lease=0.3) as made:
        made[0].transport.then(held(OPENAI_EVENTS, at))
        asked, running = await ride(made, dice)
        await until_told(asked, at)
        victim = made[0]
        await victim.lines.die()
        mine = [task for each, task in zip(asked, running, strict=True) if each.replica is victim]
        for task in mine:
            task.cancel()
        async with asyncio.timeout(20):
            await asyncio.gather(*running, return_exceptions=True)
            while flying(victim):
                await made[1].lines.tells.ask("PING")
        living = [each for each in asked if each.replica is not victim]
        assert all(each.broken for each in living if each.streams) is bool(at)
        assert not any(each.broken for each in living if not each.streams)
        judge(asked, made, victim)
        assert upstream_calls(made) <= 2, "one more for those who were told nothing, at all gateways"


@pytest.mark.parametrize("at", [0, 2])
async def test_valkey_is_killed_and_comes_back_empty(server: RedisServer, at: int) -> None:
    dice = random.Random(f"outage {at}")
    async with replicas(server, 3, provider, given=caching(charge="split"), lease=0.5, patience=0.25) as made:
        made[0].transport.then(held(OPENAI_EVENTS, at))
        asked, running = await ride(made, dice)
        await until_told(asked, at)
        server.kill()
        elsewhere = [task for each, task in zip(asked, running, strict=True) if each.replica is not made[0]]
        async with asyncio.timeout(20):
            await asyncio.gather(*elsewhere)
            late = [Asked(each, dice.choice(WAYS)) for each in made]  # while it is away
            for other in late[1:]:
                assert not (await other.call.run()).body.count(b'"error"')
            made[0].transport.answer_now()
            await asyncio.gather(*running)
        here = [each for each in asked if each.replica is made[0]]
        assert not any(each.broken for each in here), "it goes on for its own clients"
        judge([*asked, *late[1:]], made)
        server.start()
        async with asyncio.timeout(20):
            for replica in made:
                await replica.lines.asks.back()
                await replica.lines.tells.back()
        await they_share_again(made)


async def they_share_again(made: Sequence[Replica]) -> None:
    for each in made:
        each.transport.then(Scripted(body=[Wait.UNTIL_LEFT, *OPENAI_EVENTS]))
    before = [len(each.transport.requests) for each in made]
    calls = [each.call(CHAT, cold(OPENAI_MODEL, "another question", stream=True)) for each in made]
    running = start(calls[:1])
    async with asyncio.timeout(20):
        while len(made[0].transport.requests) == before[0]:
            await made[0].lines.tells.ask("PING")
        sought = [each.lines.flights.counts.sought for each in made]
        running += start(calls[1:])
        while any(
            each.lines.flights.counts.sought == was for each, was in zip(made[1:], sought[1:], strict=True)
        ):
            await made[0].lines.tells.ask("PING")
        made[0].transport.answer_now()
        await asyncio.gather(*running)
    assert [len(each.transport.requests) for each in made] == [before[0] + 1, *before[1:]]
    assert len({call.body for call in calls}) == 1 and calls[0].complete


def flying(replica: Replica) -> bool:
    cache = replica.gateway.cache
    assert cache is not None and cache.flights is not None
    for task in cache.flights._tasks:
        task.cancel()
    return bool(cache.flights._tasks)
