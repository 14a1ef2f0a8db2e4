"""Sending and counting, against a transport that answers from a list; the whole way is in the act's test."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import msgspec
import pytest

from pointsman.demo.routing.ask import Counter, Room, Sender, send_all
from pointsman.demo.routing.routing import STRONG, WEAK, Sent
from pointsman.http1 import HttpRequest, HttpResponse, Leave, Timeouts
from pointsman.simulator.exercises import Exercise
from tests.support.virtual_time import run_virtual

SIX = Exercise("2 + 4?", "sums", 6, 5)


class Canned:
    """An answer of a gateway."""

    def __init__(self, said: str, model: str, cost: str | None, status: int = 200) -> None:
        self.status = status
        self.headers = {"x-pointsman-model": model} | ({"x-pointsman-cost-usd": cost} if cost else {})
        self._said = said

    async def read(self) -> bytes:
        return msgspec.json.encode({"choices": [{"message": {"content": self._said}}]})

    async def chunks(self) -> AsyncIterator[bytes]:
        yield await self.read()

    async def close(self, *, drain: float = 0.0) -> bytes:
        return b""


class CannedTransport:
    def __init__(self, answer: HttpResponse) -> None:
        self.asked: list[HttpRequest] = []
        self._answer = answer

    async def send(
        self, request: HttpRequest, timeouts: Timeouts, leave: Leave | None = None
    ) -> HttpResponse:
        self.asked.append(request)
        return self._answer

    async def close(self) -> None:
        """There is nothing to close."""


@pytest.mark.parametrize(
    ("answer", "sent"),
    [
        (Canned("2 and 4, so it is 6.", WEAK, "0.000001"), Sent("sums", True, True, 1_000_000)),
        (Canned("6? No: 5.", STRONG, "0.5"), Sent("sums", False, False, 500_000_000_000)),
        (Canned("I cannot say.", STRONG, "0.5"), Sent("sums", False, False, 500_000_000_000)),
        (Canned("6", STRONG, None), None),
        (Canned("6", STRONG, "0", status=503), None),
    ],
)
async def test_an_answer_is_right_by_its_last_number(answer: Canned, sent: Sent | None) -> None:
    transport = CannedTransport(answer)
    assert await Sender(transport, "http://gateway").ask("auto", SIX) == sent
    body = msgspec.json.decode(transport.asked[0].body)
    assert transport.asked[0].url == "http://gateway/v1/chat/completions"
    assert (body["model"], body["messages"][-1]["content"]) == ("auto", "2 + 4?")


def test_each_is_sent_once_and_counted_where_it_belongs() -> None:
    counters = [Counter(20), Counter(20)]
    most = under_way = 0

    async def ask(model: str, exercise: Exercise) -> Sent | None:
        nonlocal most, under_way
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(1)
        under_way -= 1
        return None if exercise.answer == 7 else Sent("sums", model == WEAK, exercise.answer % 2 == 0, 10)

    jobs = [
        (counter, at, model, Exercise("", "sums", at, 0))
        for at in range(20)
        for counter, model in zip(counters, (WEAK, STRONG), strict=True)
    ]
    run_virtual(lambda: send_all(ask, jobs, at_once=6))
    for counter, to_weak in zip(counters, (19, 0), strict=True):
        assert (len(counter.sent), counter.errors, counter.done) == (19, 1, counter.all)
        assert (counter.right, counter.cost, counter.to_weak) == (10, 190, to_weak)
    assert most == 6


def test_senders_wait_for_what_is_done_behind_their_backs() -> None:
    counter, room = Counter(10), Room(3)

    async def ask(model: str, exercise: Exercise) -> Sent | None:
        return Sent("sums", False, True, 1)

    async def work() -> list[int]:
        seen = []
        jobs = [(counter, at, STRONG, SIX) for at in range(10)]
        sending = asyncio.create_task(send_all(ask, jobs, room, at_once=4))
        for done in (0, 2, 2, 10):
            room.follow(done)
            await asyncio.sleep(1)
            seen.append(counter.done)
        await sending
        return seen

    assert run_virtual(work) == [3, 5, 5, 10]
