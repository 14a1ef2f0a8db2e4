"""Equal requests on their way at several gateways, and when they have met."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from tests.support.asgi import AsgiCall
from tests.support.equal_requests import flights_of
from tests.support.shared_gateways import Replica
from tests.support.upstream import Piece, Scripted, Wait


def held(body: Sequence[Piece] | bytes, at: int | None = None) -> Scripted:
    """Silent before the head, or before the piece ``at``, until it is let go on."""
    if at is None or isinstance(body, bytes):
        return Scripted(body=body, before=Wait.UNTIL_LEFT)
    return Scripted(body=[*body[:at], Wait.UNTIL_LEFT, *body[at:]])


def start(calls: Sequence[AsgiCall]) -> list[asyncio.Task[AsgiCall]]:
    return [asyncio.ensure_future(call.run()) for call in calls]


async def until_all_ride(made: Sequence[Replica], count: int) -> Replica:
    """Wait until all requests have met, and one gateway has asked; which."""
    async with asyncio.timeout(10):
        while sum(flights_of(each).metrics.riding() for each in made) < count or not asking(made):
            await made[0].lines.tells.ask("PING")
        while any(flights_of(each).metrics.riding() == 0 for each in made):
            await made[0].lines.tells.ask("PING")
    (leader,) = asking(made)
    followers = [each for each in made if each is not leader]
    async with asyncio.timeout(10):
        while not all(each.lines.flights.counts.sought for each in followers):
            await made[0].lines.tells.ask("PING")
    return leader


def asking(made: Sequence[Replica]) -> list[Replica]:
    return [each for each in made if each.transport.requests]


def upstream_calls(made: Sequence[Replica]) -> int:
    return sum(len(each.transport.requests) for each in made)
