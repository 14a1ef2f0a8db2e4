"""Many clients, one call; whoever leaves or breaks."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import aclosing

import pytest

from pointsman.caching.flight import Seat
from pointsman.caching.riding import OwnFailure, Riding, Work


class Upstream:
    """A provider whose stream goes on when it is told to."""

    def __init__(self) -> None:
        self.calls = 0
        self.cancelled = 0
        self.items: asyncio.Queue[int | BaseException | None] = asyncio.Queue()

    async def call(self, add: Callable[[int], None]) -> str:
        self.calls += 1
        try:
            while (item := await self.items.get()) is not None:
                if isinstance(item, BaseException):
                    raise item
                add(item)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return "whole"


async def read(
    riding: Riding[int, str], seat: Seat[int, str], work: Work[int, str], most: int = 1000
) -> tuple[list[int], str | None]:
    """What a client had, and how it ended for it; it leaves after ``most`` items."""
    had: list[int] = []
    async with aclosing(riding.follow(seat, work)) as items:
        try:
            async for item in items:
                had.append(item)
                if len(had) >= most:
                    return had, "left"
        except RuntimeError as error:
            return had, str(error)
    return had, seat.flight.result


async def settle() -> None:
    """Let every task run that can."""
    for _ in range(5):
        await asyncio.sleep(0)


async def test_fifty_streams_are_one_call() -> None:
    riding: Riding[int, str] = Riding()
    upstream = Upstream()
    clients = [asyncio.create_task(read(riding, riding.board("k"), upstream.call)) for _ in range(25)]
    for item in range(3):
        upstream.items.put_nowait(item)
    await settle()
    clients += [asyncio.create_task(read(riding, riding.board("k"), upstream.call)) for _ in range(25)]
    await settle()
    for last in (3, None):
        upstream.items.put_nowait(last)
    assert await asyncio.gather(*clients) == [([0, 1, 2, 3], "whole")] * 50
    assert (upstream.calls, riding.calls) == (1, 0)


async def test_with_the_last_client_the_call_ends() -> None:
    riding: Riding[int, str] = Riding()
    upstream = Upstream()
    clients = [asyncio.create_task(read(riding, riding.board("k"), upstream.call, most)) for most in (1, 2)]
    for item in (1, 2):
        upstream.items.put_nowait(item)
    assert await asyncio.gather(*clients) == [([1], "left"), ([1, 2], "left")]
    await settle()
    assert (upstream.cancelled, riding.calls) == (1, 0)


async def test_a_client_that_is_cancelled_breaks_nobody() -> None:
    riding: Riding[int, str] = Riding()
    upstream = Upstream()
    clients = [asyncio.create_task(read(riding, riding.board("k"), upstream.call)) for _ in range(3)]
    await settle()
    clients[0].cancel()
    for item in (1, None):
        upstream.items.put_nowait(item)
    assert await asyncio.gather(*clients[1:]) == [([1], "whole")] * 2
    with pytest.raises(asyncio.CancelledError):
        await clients[0]
    assert upstream.calls == 1


async def test_who_may_not_call_leaves_the_call_to_the_next() -> None:
    riding: Riding[int, str] = Riding()
    upstream = Upstream()

    async def broke(_: Callable[[int], None]) -> str:
        raise OwnFailure(RuntimeError("no money left"))

    works: list[Work[int, str]] = [broke, broke, upstream.call, upstream.call]
    clients = [asyncio.create_task(read(riding, riding.board("k"), work)) for work in works]
    for item in (1, None):
        upstream.items.put_nowait(item)
    assert await asyncio.gather(*clients) == [
        ([], "no money left"),
        ([], "no money left"),
        ([1], "whole"),
        ([1], "whole"),
    ]
    assert upstream.calls == 1


async def test_to_close_is_to_cancel() -> None:
    riding: Riding[int, str] = Riding()
    upstream = Upstream()
    client = asyncio.create_task(read(riding, riding.board("k"), upstream.call))
    await settle()
    await riding.close()
    assert (upstream.cancelled, riding.calls) == (1, 0)
    with pytest.raises(asyncio.CancelledError):
        await client


@pytest.mark.parametrize("block", range(0, 1000, 100))
async def test_whatever_happens_each_has_what_was_stated(block: int) -> None:
    """Fifty clients; any leaves at any item, the first one too; the call lands, or breaks at any item."""
    for seed in range(block, block + 100):
        await _play(seed)


async def _play(seed: int) -> None:
    dice = random.Random(seed)
    riding: Riding[int, str] = Riding()
    upstream = Upstream()
    length, breaks = 8, dice.choice([None, dice.randrange(8)])
    leaves = [dice.randrange(1, length + 1) if dice.random() < 0.3 else 1000 for _ in range(49)] + [1000]
    waves = sorted(dice.randrange(length) for _ in leaves[1:-1])
    leaves[0] = dice.randrange(1, length + 1)
    clients = [
        asyncio.create_task(read(riding, riding.board("k"), upstream.call, most))
        for most in (leaves[0], 1000)
    ]
    rest = leaves[1:-1]
    for item in range(length):
        while waves and waves[0] == item:
            waves.pop(0)
            clients.append(asyncio.create_task(read(riding, riding.board("k"), upstream.call, rest.pop(0))))
        if item == breaks:
            break
        upstream.items.put_nowait(item)
        await asyncio.sleep(0)
    upstream.items.put_nowait(None if breaks is None else RuntimeError("broke off"))
    ends = await asyncio.gather(*clients)
    came = list(range(length if breaks is None else breaks))
    for had, end in ends:
        assert had == came[: len(had)]
        if end == "left":
            continue
        assert (had, end) == (came, "whole" if breaks is None else "broke off")
    assert (upstream.calls, riding.calls) == (1, 0), "one call for all of them"
