"""The office of the act of the caches, at a gateway before simulated providers."""

from __future__ import annotations

import random

import msgspec

from pointsman.demo.caching.ask import Office, live_through
from pointsman.demo.caching.caching import Ask, Scale, agent, day
from pointsman.demo.caching.told import Billed, Lane, costs_by_part
from pointsman.simulator import Config
from tests.support.servers import serve
from tests.support.stack import running_stack, settings

_WHOLE_DAY = day(Scale(), random.Random(1).random)


def first(part: str, sdk: str = "openai") -> Ask:
    return next(ask for ask in _WHOLE_DAY if ask.part == part and ask.sdk == sdk)


DAY = [first("questions"), first("questions", "anthropic"), first("retries"), first("resumed")]


async def lived(*, careful: bool) -> tuple[Lane, Billed, list[float]]:
    """The day, and once more; its bill, and how long it waited."""
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async with running_stack(Config(seed=1), given=settings(cache={"enabled": careful})) as stack:
        lane = Lane("x", 10)
        office = Office(stack.transport, stack.gateway_url, careful=careful)
        try:
            for turns in (agent(Scale())[:1], ()):
                hours = {"hour": 2.0, "sleep": sleep, "now": lambda: 0.0}
                await live_through(office, lane, DAY, turns, **hours)  # type: ignore[arg-type]  # mixed values
        finally:
            await office.close()
        bill = msgspec.convert(await stack.invoice(), Billed)
    assert lane.errors == []
    return lane, bill, waited


async def test_who_is_careful_pays_once_for_what_others_pay_for_again() -> None:
    lane, bill, waited = await lived(careful=True)
    costs = costs_by_part(bill, lane.sent)
    assert {part: cost.calls for part, cost in costs.items()} == {
        "questions": 2,
        "boards": 0,
        "agent": 1,
        "retries": 1,
        "resumed": 2,
    }
    assert [each.cache for each in lane.sent if each.part == "questions"] == ["miss", "miss", "hit", "hit"]
    assert waited[0] == DAY[0].at * 2.0


async def test_who_is_not_pays_each_time() -> None:
    lane, bill, _ = await lived(careful=False)
    costs = costs_by_part(bill, lane.sent)
    assert {part: cost.calls for part, cost in costs.items()} == {
        "questions": 4,
        "boards": 0,
        "agent": 1,
        "retries": 4,
        "resumed": 4,
    }
    assert {each.cache for each in lane.sent} == {""}


async def test_a_refusal_is_an_error_of_the_day_and_no_end_of_it() -> None:
    async def refuse(scope: object, receive: object, send: object) -> None:
        await send({"type": "http.response.start", "status": 503, "headers": []})  # type: ignore[operator]
        await send({"type": "http.response.body", "body": b"no"})  # type: ignore[operator]

    async with serve(refuse) as url, running_stack(Config(seed=1)) as stack:
        lane, office = Lane("x", 4), Office(stack.transport, url, careful=True)

        async def sleep(seconds: float) -> None:
            pass

        try:
            await live_through(office, lane, DAY, (), hour=1.0, sleep=sleep, now=lambda: 0.0)
        finally:
            await office.close()
    assert (lane.sent, len(lane.errors), lane.done) == ([], 4, 4)
