"""A kept answer told as a stream at a pace, for clients that cannot take all of it at once."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Iterator
from itertools import chain

from pointsman.caching.kept.replay import paced
from pointsman.chat import PartEnd, StreamEnd, StreamStart
from pointsman.dialects.base import StreamDecoder
from pointsman.http1 import Leave, iter_events

_GAP = re.compile(rb"(?:\r\n|\n|\r){2}")
"""Between two events."""


async def told_at_a_pace(
    said: bytes,
    decoder: StreamDecoder,
    per_second: float,
    leave: Leave,
    over: Callable[[bool], None],
) -> AsyncGenerator[bytes, None]:
    """The stream, behind an empty piece, until the client leaves.

    Args:
        decoder: of its dialect.
        per_second: events of content.
        over: called once at the end, with whether all of it was told; also where it is closed before that.
    """
    gone = asyncio.Event()
    leave.child().listen(gone.set)
    clock = asyncio.get_running_loop().time
    due, ready, whole = clock(), bytearray(), False
    try:
        yield b""
        for wait, event in paced(_events(said, decoder), per_second):
            if wait:
                due += wait
                if ready:
                    yield bytes(ready)
                    ready.clear()
                if await _until(due, gone):
                    return
            ready += event
        yield bytes(ready)
        whole = True
    finally:
        over(whole)


def _events(said: bytes, decoder: StreamDecoder) -> Iterator[tuple[bytes, bool]]:
    """Each with whether it says something of the answer, and not only that something begins or ends. Looked
    for when its turn comes: all of a long stream at once would take some milliseconds."""
    begin = 0
    for end in chain((gap.end() for gap in _GAP.finditer(said)), (len(said),)):
        event, begin = said[begin:end], end
        told = [each for name, data in iter_events(event) for each in decoder.feed(name, data)]
        yield event, any(not isinstance(each, StreamStart | PartEnd | StreamEnd) for each in told)


async def _until(due: float, gone: asyncio.Event) -> bool:
    """Whether it was gone by then."""
    try:
        async with asyncio.timeout_at(due):
            await gone.wait()
    except TimeoutError:
        return False
    return True
