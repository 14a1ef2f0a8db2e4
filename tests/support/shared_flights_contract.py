"""What every place where processes meet does. Subclass it, and say how two of them are opened."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable

import pytest

from pointsman.caching.shared_flights import End, Failure, Head, Item, LeadLost, SharedFlights
from pointsman.chat import Usage

HEAD = Head("openai_chat", 200, True, ((b"content-type", b"text/event-stream"), (b"x-empty", b"")), "req_1")
PIECES = [b"data: one\n\n", b"", b"\x00\xff" * 300, b"data: [DONE]\n\n"]
FAILURE = Failure(
    "It is too long.", 400, "context_length_exceeded", "invalid_request", False, 1.5, "messages"
)
END = End(None, False, 1_234_567_890_123, Usage(12, 5))


async def all_of(flights: SharedFlights, key: bytes = b"k") -> list[Item]:
    return [item async for item in flights.follow(key)]


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
        leads = await asyncio.gather(*(flights.lead(b"k") for flights in (one, other) * 5))
        assert sum(lead is not None for lead in leads) == 1
        assert await other.lead(b"other") is not None
        assert not one.away and not other.away

    async def test_who_follows_gets_the_past_and_then_the_live_part(
        self, two: tuple[SharedFlights, SharedFlights]
    ) -> None:
        one, other = two
        lead = await one.lead(b"k")
        assert lead is not None
        lead.head(HEAD)
        lead.put(PIECES[0])
        following = other.follow(b"k")
        assert [await anext(following), await anext(following)] == [HEAD, PIECES[0]]
        for piece in PIECES[1:]:
            lead.put(piece)
        late = one.follow(b"k")  # in the same process
        assert [await anext(late) for _ in (HEAD, *PIECES)] == [HEAD, *PIECES]
        assert [await anext(following) for _ in PIECES[1:]] == PIECES[1:]
        assert not lead.lost
        lead.end(END)
        assert [item async for item in following] == [item async for item in late] == [END]

    async def test_a_lead_that_has_ended_is_free(self, two: tuple[SharedFlights, SharedFlights]) -> None:
        one, other = two
        lead = await one.lead(b"k")
        assert lead is not None
        lead.head(HEAD)
        following = other.follow(b"k")
        assert await anext(following) == HEAD
        lead.end(End(FAILURE))
        assert [item async for item in following] == [End(FAILURE)]
        assert await other.lead(b"k") is not None

    async def test_an_answer_that_is_kept_is_still_had_by_who_comes_a_moment_later(
        self, two: tuple[SharedFlights, SharedFlights]
    ) -> None:
        one, other = two
        lead = await one.lead(b"k")
        assert lead is not None
        lead.head(HEAD)
        lead.put(PIECES[0])
        lead.end(End(stored=True))
        assert await other.lead(b"k") is None
        assert await all_of(other) == [HEAD, PIECES[0], End(stored=True)]

    async def test_who_gives_up_is_followed_by_another(
        self, two: tuple[SharedFlights, SharedFlights]
    ) -> None:
        one, other = two
        lead = await one.lead(b"k")
        assert lead is not None
        lead.head(HEAD)
        following = other.follow(b"k")
        assert await anext(following) == HEAD
        lead.give_up()
        with pytest.raises(LeadLost):
            await anext(following)
        second = await other.lead(b"k")
        assert second is not None
        lead.put(b"late")
        second.head(HEAD)
        second.end(END)

    async def test_who_leads_is_told_how_many_follow(self, two: tuple[SharedFlights, SharedFlights]) -> None:
        one, other = two
        lead = await one.lead(b"k")
        assert lead is not None
        told: asyncio.Queue[int] = asyncio.Queue()
        lead.watch(told.put_nowait)
        lead.head(HEAD)
        following = other.follow(b"k")
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
        lead = await one.lead(b"k")
        assert lead is not None
        lead.head(HEAD)
        following = other.follow(b"k")
        assert await anext(following) == HEAD
        await one.close()
        with pytest.raises(LeadLost):
            await anext(following)
        assert await other.lead(b"k") is not None
