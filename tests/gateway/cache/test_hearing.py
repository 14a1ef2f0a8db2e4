from __future__ import annotations

import asyncio
from itertools import count

import pytest

from pointsman.caching.kept.stored import Form
from pointsman.dialects import get_dialect
from pointsman.gateway.cache.forms import read, whole_of
from pointsman.gateway.cache.hearing import heard
from tests.support.provider_bytes import OPENAI_EVENTS, OPENAI_WHOLE

CHAT = get_dialect("openai_chat")
STREAM, WHOLE = Form(CHAT.name, streams=True), Form(CHAT.name)
LONG = b"".join([*OPENAI_EVENTS[:2], *[OPENAI_EVENTS[1]] * 5_000, *OPENAI_EVENTS[2:]])


@pytest.mark.parametrize("pieces", [OPENAI_EVENTS, [b"".join(OPENAI_EVENTS)], [LONG], OPENAI_EVENTS[:-2]])
async def test_it_is_what_reading_all_at_once_says(pieces: list[bytes]) -> None:
    assert await heard(CHAT, STREAM, pieces) == whole_of(read(CHAT, STREAM, pieces))


async def test_a_whole_answer() -> None:
    assert await heard(CHAT, WHOLE, [OPENAI_WHOLE]) == read(CHAT, WHOLE, [OPENAI_WHOLE])


async def test_others_run_while_a_long_stream_is_read() -> None:
    turns = count()

    async def others() -> None:
        while True:
            next(turns)
            await asyncio.sleep(0)

    task = asyncio.ensure_future(others())
    assert await heard(CHAT, STREAM, [LONG]) is not None
    task.cancel()
    assert next(turns) >= 5_000 // 500
