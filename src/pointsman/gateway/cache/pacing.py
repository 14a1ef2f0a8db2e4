"""A kept answer told as a stream at a pace, for clients that cannot take all of it at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterable

from pointsman.caching.replay import paced
from pointsman.chat import StreamEvent
from pointsman.http1 import Leave


async def told_at_a_pace(
    events: Iterable[StreamEvent],
    encode: Callable[[StreamEvent], bytes],
    per_second: float,
    leave: Leave,
    over: Callable[[bool], None],
) -> AsyncGenerator[bytes, None]:
    """The stream, behind an empty piece, until the client leaves.

    Args:
        per_second: events of content.
        over: called once at the end, with whether all of it was told; also where it is closed before that.
    """
    gone = asyncio.Event()
    leave.child().listen(gone.set)
    clock = asyncio.get_running_loop().time
    due, ready, whole = clock(), bytearray(), False
    try:
        yield b""
        for wait, event in paced(events, per_second):
            if wait:
                due += wait
                if ready:
                    yield bytes(ready)
                    ready.clear()
                if await _until(due, gone):
                    return
            ready += encode(event)
        yield bytes(ready)
        whole = True
    finally:
        over(whole)


async def _until(due: float, gone: asyncio.Event) -> bool:
    """Whether it was gone by then."""
    try:
        async with asyncio.timeout_at(due):
            await gone.wait()
    except TimeoutError:
        return False
    return True
