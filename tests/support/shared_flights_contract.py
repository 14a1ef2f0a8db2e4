"""What every place where processes meet does. Subclass it, and say how two of them are opened."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing

import pytest

from pointsman.caching.shared.flights import (
    End,
    Failure,
    Head,
    Item,
    Lead,
    LeadLost,
    Payer,
    Queued,
    SharedFlights,
)
from pointsman.chat import Usage

HEAD = Head("openai_chat", 200, True, ((b"content-type", b"text/event-stream"), (b"x-empty", b"")), "req_1")
PIECES = [b"data: one\n\n", b"", b"\x00\xff" * 300, b"data: [DONE]\n\n"]
FAILURE = Failure(
    "It is too long.", 400, "context_length_exceeded", "invalid_request", False, 1.5, "messages"
)
END = End(None, False, 1_234_567_890_123, Usage(12, 5), 411_522_630_041, frozenset(["req_1", "req_2"]))


async def lead_of(flights: SharedFlights, key: bytes = b"k") -> Lead | None:
    """The right to make the call, if nobody has it."""
    met = await flights.meet(key)
    if met is not None and met.follow is not None:
        met.follow.drop()
    return None if met is None else met.lead


async def follow(flights: SharedFlights, key: bytes = b"k") -> AsyncGenerator[Item, None]:
    """What another one tells. Raises LeadLost, also where nobody leads."""
    met = await flights.meet(key)
    if met is not None and met.lead is not None:
        met.lead.give_up()
    if met is None or met.follow is None:
        raise LeadLost
    async with aclosing(met.follow.items()) as items:
        async for item in items:
            yield item


async def all_of(flights: SharedFlights, key: bytes = b"k") -> list[Item]:
    return [item async for item in follow(flights, key)]


def payer(number: int) -> Payer:
    return Payer(f"req_{number}", 1_700_000_000_000_000, "k", "a key", "acme", "openai_chat", "m", False)


async def paid_by(lead: Lead, requests: set[str]) -> None:
    """Wait until it is these who pay."""
    async with asyncio.timeout(10):
        while {each.request_id for each in await lead.payers()} != requests:
            continue


async def until(told: asyncio.Queue[int], ask: Callable[[], None], count: int) -> None:
    async with asyncio.timeout(10):
        ask()
        while await told.get() != count:
            ask()


class SharedFlightsContract(ABC):
    @abstractmethod
    async def open(self, count: int) -> list[SharedFlights]:
        """So many processes that meet each other and nobody else."""

    @pytest.fixture
    async def two(self) -> AsyncIterator[tuple[SharedFlights, SharedFlights]]:
        one, other = await self.open(2)
        yield one, other
        await one.close()
        await other.close()

    async def test_only_one_leads(self, two: tuple[SharedFlights, SharedFlights]) -> None:
        one, other = two
        leads = await asyncio.gather(*(lead_of(flights) for flights in (one, other) * 5))
        assert sum(lead is not None for lead in leads) == 1
        assert await lead_of(other, b"other") is not None
        assert not one.away and not other.away

    async def test_who_follows_gets_the_past_and_then_the_live_part(
        self, two: tuple[SharedFlights, SharedFlights]
    ) -> None:
        one, other = two
        lead = await lead_of(one)
        assert lead is not None
        lead.head(HEAD)
        lead.put(PIECES[0])
        following = follow(other)
        assert [await anext(following), await anext(following)] == [HEAD, PIECES[0]]
        for piece in PIECES[1:]:
            lead.put(piece)
        late = follow(one)  # in the same process
        assert [await anext(late) for _ in (HEAD, *PIECES)] == [HEAD, *PIECES]
        assert [await anext(following) for _ in PIECES[1:]] == PIECES[1:]
        assert not lead.lost
        lead.end(END)
        assert [item async for item in following] == [item async for item in late] == [END]

    async def test_a_lead_that_has_ended_is_free(self, two: tuple[SharedFlights, SharedFlights]) -> None:
        one, other = two
        lead = await lead_of(one)
        assert lead is not None
        lead.head(HEAD)
        following = follow(other)
        assert await anext(following) == HEAD
        lead.end(End(FAILURE))
        assert [item async for item in following] == [End(FAILURE)]
        assert await lead_of(other) is not None

    async def test_an_answer_that_is_kept_is_still_had_by_who_comes_a_moment_later(
        self, two: tuple[SharedFlights, SharedFlights]
    ) -> None:
        one, other = two
        lead = await lead_of(one)
        assert lead is not None
        lead.head(HEAD)
        lead.put(PIECES[0])
        lead.end(End(stored=True))
        assert await lead_of(other) is None
        assert await all_of(other) == [HEAD, PIECES[0], End(stored=True)]

    async def test_who_gives_up_is_followed_by_another(
        self, two: tuple[SharedFlights, SharedFlights]
    ) -> None:
        one, other = two
        lead = await lead_of(one)
        assert lead is not None
        lead.head(HEAD)
        following = follow(other)
        assert await anext(following) == HEAD
        lead.give_up()
        with pytest.raises(LeadLost):
            await anext(following)
        second = await lead_of(other)
        assert second is not None
        lead.put(b"late")
        second.head(HEAD)
        second.end(END)

    async def test_who_leads_is_told_how_many_follow(self, two: tuple[SharedFlights, SharedFlights]) -> None:
        one, other = two
        lead = await lead_of(one)
        assert lead is not None
        told: asyncio.Queue[int] = asyncio.Queue()
        lead.watch(told.put_nowait)
        lead.head(HEAD)
        following = follow(other)
        assert await anext(following) == HEAD
        await until(told, lead.beat, 1)
        await following.aclose()
        await until(told, lead.beat, 0)

    async def test_nobody_is_followed_where_nobody_leads(
        self, two: tuple[SharedFlights, SharedFlights]
    ) -> None:
        with pytest.raises(LeadLost):
            await all_of(two[0], b"nobody")

    async def test_who_stops_gives_up_what_it_leads(self, two: tuple[SharedFlights, SharedFlights]) -> None:
        one, other = two
        lead = await lead_of(one)
        assert lead is not None
        lead.head(HEAD)
        following = follow(other)
        assert await anext(following) == HEAD
        await one.close()
        with pytest.raises(LeadLost):
            await anext(following)
        assert await lead_of(other) is not None

    async def test_who_leads_is_told_who_pays_a_part(self, two: tuple[SharedFlights, SharedFlights]) -> None:
        one, other = two
        lead = await lead_of(one)
        assert lead is not None
        assert await lead.payers() == ()
        met = [await other.meet(b"k", [payer(number)]) for number in range(3)]
        follows = [each.follow for each in met if each is not None and each.follow is not None]
        assert {each.request_id for each in await lead.payers()} == {"req_0", "req_1", "req_2"}
        follows[0].pay([payer(0), payer(10)])
        follows[1].pay([])
        follows[2].drop()
        await paid_by(lead, {"req_0", "req_10"})
        following = follows[0].items()
        lead.head(HEAD)
        assert await anext(following) == HEAD
        await following.aclose()  # they have had something of it
        await paid_by(lead, {"req_0", "req_10"})
        assert payer(10) in await lead.payers()
        lead.give_up()

    async def test_one_that_leads_no_more_has_nobody_to_pay(
        self, two: tuple[SharedFlights, SharedFlights]
    ) -> None:
        one, other = two
        lead = await lead_of(one)
        assert lead is not None
        await other.meet(b"k", [payer(1)])
        lead.give_up()
        await paid_by(lead, set())

    async def test_the_place_in_the_queue_is_told_before_the_head(
        self, two: tuple[SharedFlights, SharedFlights]
    ) -> None:
        one, other = two
        lead = await lead_of(one)
        assert lead is not None
        met = await other.meet(b"k")
        assert met is not None and met.follow is not None
        told: list[Item] = [Queued(3, 4.5), Queued(), Queued(0), HEAD, END]
        for item in told[:3]:
            assert isinstance(item, Queued)
            lead.queued(item)
        lead.head(HEAD)
        lead.end(END)
        assert [item async for item in met.follow.items()] == told
