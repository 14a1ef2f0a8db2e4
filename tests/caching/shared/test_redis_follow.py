"""Leaders that are followed over a real Valkey."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator

import pytest

from pointsman.caching.shared.envelope import Envelopes
from pointsman.caching.shared.flights import End, Item, LeadLost
from pointsman.caching.shared.redis_flights import RedisLead
from pointsman.caching.shared.redis_follow import pack_payers, unpack_payers
from tests.support.redis_server import RedisServer, redis_server
from tests.support.shared_flights_contract import HEAD, all_of, follow, lead_of, paid_by, payer
from tests.support.shared_processes import SOON, Processes


@pytest.fixture(scope="module")
def server() -> Iterator[RedisServer]:
    with redis_server() as running:
        yield running


@pytest.fixture
async def process(server: RedisServer) -> AsyncIterator[Processes]:
    opened = Processes(server)
    yield opened
    await opened.close()


@pytest.mark.parametrize("told", [0, 1, 3])
async def test_a_dead_leader_is_noticed_within_the_lease_and_another_leads(
    process: Processes, told: int
) -> None:
    one, other, third = process(), process(), process()
    lead = await lead_of(one.flights)
    assert lead is not None
    pieces = [b"a", b"b"][: max(0, told - 1)]
    items: list[Item] = [HEAD, *pieces] if told else []
    if told:
        lead.head(HEAD)
    for piece in pieces:
        lead.put(piece)
    following = follow(other.flights)
    assert [await anext(following) for _ in items] == items
    assert await lead_of(third.flights) is None
    await one.die()
    async with asyncio.timeout(SOON):
        with pytest.raises(LeadLost):
            await anext(following)
    leads = await asyncio.gather(*(lead_of(each.flights) for each in (other, third) * 3))
    (second,) = [lead for lead in leads if lead is not None]
    second.head(HEAD)
    second.end(End())
    assert other.flights.counts.lapsed == 1


async def test_nobody_hangs_where_redis_is_frozen(process: Processes, server: RedisServer) -> None:
    one, other = process(timeout=0.25), process(timeout=0.25)
    for each in (one, other):
        await each.start()
    lead = await lead_of(one.flights)
    assert lead is not None
    lead.head(HEAD)
    following = follow(other.flights)
    untold = follow(other.flights)
    assert await anext(following) == HEAD
    await lead_of(one.flights, b"warm")
    server.freeze()
    try:
        async with asyncio.timeout(SOON):
            with pytest.raises(LeadLost):
                await anext(untold)
            assert await lead_of(other.flights) is None
            assert other.flights.away
            with pytest.raises(LeadLost):
                await anext(following)
            lead.put(b"a")
    finally:
        server.thaw()
    async with asyncio.timeout(SOON):
        await other.asks.back()
        await other.tells.back()
        while not lead.lost:
            await other.tells.ask("PING")
    assert not other.flights.away


async def test_pieces_are_encrypted_and_bound_to_their_flight(process: Processes) -> None:
    keys = b64encode(b"k" * 32).decode()
    one, other, foreign, plain = process(keys=keys), process(keys=keys), process(), process()
    lead = await lead_of(one.flights)
    assert lead is not None
    lead.head(HEAD)
    lead.put(b"the rain in Spain")
    following = follow(other.flights)
    assert [await anext(following), await anext(following)] == [HEAD, b"the rain in Spain"]
    for name in await one.tells.ask("KEYS", "*flights*"):
        assert b"Spain" not in await one.tells.ask("DUMP", name)
    with pytest.raises(LeadLost):
        await all_of(foreign.flights)
    assert foreign.envelopes.unreadable["encrypted"] == 1
    moved = await lead_of(plain.flights, b"elsewhere")
    assert isinstance(lead, RedisLead) and isinstance(moved, RedisLead)
    await one.tells.ask("COPY", lead.stream, moved.stream, "REPLACE")
    with pytest.raises(LeadLost):
        await all_of(other.flights, b"elsewhere")
    assert other.envelopes.unreadable["corrupt"] == 1
    lead.end(End())


async def test_nobody_new_joins_what_is_too_long_and_who_follows_gets_all(process: Processes) -> None:
    one, other, third = process(), process(), process()
    lead = await lead_of(one.flights)
    assert lead is not None
    lead.head(HEAD)
    following = follow(other.flights)
    assert await anext(following) == HEAD
    piece = bytes(1 << 20)
    for _ in range(18):
        lead.put(piece)
        assert await anext(following) == piece
    lead.put(b"more")
    assert await anext(following) == b"more"
    second = await lead_of(third.flights)
    assert second is not None
    second.give_up()
    lead.end(End())
    assert [item async for item in following] == [End()]
    assert not lead.lost


async def test_a_follower_that_was_not_heard_for_a_lease_pays_nothing(process: Processes) -> None:
    one, other, third = process(), process(), process()
    lead = await lead_of(one.flights)
    assert lead is not None
    lead.head(HEAD)
    for number, lines in ((1, other), (2, third)):
        met = await lines.flights.meet(b"k", [payer(number)])
        assert met is not None and met.follow is not None
        if lines is third:
            following = met.follow.items()
            assert await anext(following) == HEAD
            reading = asyncio.ensure_future(anext(following))
    await paid_by(lead, {"req_1", "req_2"})
    await other.die()
    await paid_by(lead, {"req_2"})  # after a lease
    lead.end(End())
    assert await reading == End()


async def test_who_follows_what_nobody_may_join_any_more_pays_still(process: Processes) -> None:
    one, other = process(), process()
    lead = await lead_of(one.flights)
    assert isinstance(lead, RedisLead)
    lead.head(HEAD)
    met = await other.flights.meet(b"k", [payer(1)])
    assert met is not None and met.follow is not None
    following = met.follow.items()
    assert await anext(following) == HEAD
    piece = bytes(1 << 20)
    for _ in range(18):
        lead.put(piece)
        assert await anext(following) == piece
    assert lead.telling.shut
    await paid_by(lead, {"req_1"})
    await following.aclose()


async def test_who_pays_is_not_asked_in_vain_where_redis_is_gone(process: Processes) -> None:
    one = process()
    lead = await lead_of(one.flights)
    assert lead is not None
    await one.die()
    assert await lead.payers() == ()


async def test_names_are_nobodys_business_in_the_store(process: Processes) -> None:
    keys = b64encode(b"k" * 32).decode()
    one, other = process(keys=keys), process(keys=keys)
    lead = await lead_of(one.flights)
    assert isinstance(lead, RedisLead)
    await other.flights.meet(b"k", [payer(1)])
    assert await lead.payers() == (payer(1),)
    (kept,) = await one.tells.ask("HVALS", f"{lead.stream}:payers")
    assert b"acme" not in kept and b"a key" not in kept
    assert unpack_payers(kept, other.envelopes, "another flight") == ()


def test_what_another_version_says_of_who_pays_is_not_read() -> None:
    plain = Envelopes(None)
    assert unpack_payers(pack_payers([payer(1)], plain, "n"), plain, "n") == (payer(1),)
    assert unpack_payers(plain.wrap(b"\xff", b"n payers"), plain, "n") == ()
