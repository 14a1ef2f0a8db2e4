from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from pointsman.chat import Text, TextDelta
from pointsman.dialects import get_dialect
from pointsman.gateway.cache.pacing import told_at_a_pace
from pointsman.http1 import Leave
from tests.support.equal_requests import caching, cold, events, said
from tests.support.gateway import CHAT, MESSAGES, Rig
from tests.support.provider_bytes import OPENAI_MODEL, OPENAI_WHOLE
from tests.support.stack import settings
from tests.support.upstream import Scripted
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual

EVENTS = [
    b'data: {"choices":[{"index":0,"delta":{"content":"%b"}}]}' % letter + end
    for letter, end in zip((b"a", b"b", b"c", b"d", b"e", b"f"), (b"\n\n", b"\r\n\r\n") * 3, strict=True)
]


def _told(leave: Leave, over: list[bool], per_second: float = 4.0) -> AsyncGenerator[bytes, None]:
    decoder = get_dialect("openai_chat").stream_decoder()
    return told_at_a_pace(b"".join(EVENTS), decoder, per_second, leave, over.append)


def test_each_event_comes_in_its_time_however_slowly_it_is_read() -> None:
    async def work() -> tuple[list[tuple[float, bytes]], list[bool]]:
        loop, over = asyncio.get_running_loop(), list[bool]()
        began, came = loop.time(), []
        async for piece in _told(Leave(), over):
            came.append((loop.time() - began, piece))
            if piece == EVENTS[1]:
                await asyncio.sleep(0.5)
        return came, over

    came, over = run_virtual(work)
    assert came[0] == (0.0, b"")
    # an event is told when the next one is waited for; who lags behind is told at once what is due
    assert b"".join(piece for _, piece in came) == b"".join(EVENTS)
    assert came[1:3] == [(0.0, EVENTS[0]), (0.25, EVENTS[1])]
    assert came[-1] == (1.25, EVENTS[5])
    assert over == [True]


def test_a_client_that_leaves_is_told_no_more() -> None:
    async def work() -> tuple[float, list[bytes], list[bool]]:
        loop, over, leave = asyncio.get_running_loop(), list[bool](), Leave()
        began = loop.time()
        loop.call_later(0.6, leave.now)
        pieces = [piece async for piece in _told(leave, over)]
        return loop.time() - began, pieces, over

    took, pieces, over = run_virtual(work)
    assert (round(took, 3), b"".join(pieces), over) == (0.6, b"".join(EVENTS[:3]), [False])


def test_one_that_nobody_reads_is_over_when_it_is_closed() -> None:
    async def work() -> list[bool]:
        over = list[bool]()
        told = _told(Leave(), over)
        await anext(told)
        await told.aclose()
        return over

    assert run_virtual(work) == [False]


def test_a_kept_stream_is_told_again_at_the_pace_that_was_asked_for() -> None:
    async def work() -> tuple[list[bytes], list[float], str]:
        given = settings(cache={"enabled": True})
        async with virtual_stack(given=given) as stack:
            loop, body = asyncio.get_running_loop(), cold("claude-haiku-4-5", stream=True)
            bodies, times = [], []
            for headers in ({}, {}, {"x-pointsman-cache": "pace=2"}):
                began = loop.time()
                answer = await stack.post(MESSAGES, body, headers)
                bodies.append(answer.body)
                times.append(loop.time() - began)
            entry = await stack.gateway.ledger.find(answer.headers["x-request-id"])
            assert entry is not None
            assert (entry.latency_us or 0) / 1e6 >= times[-1] - 0.01
            return bodies, times, f"{entry.cache} {entry.outcome}"

    bodies, (_, at_once, slowly), told = run_virtual(work)
    assert bodies[1] == bodies[2] and told == "hit ok"
    events = bodies[1].count(b"content_block_delta\n")
    assert events > 2
    assert at_once < 0.01 and abs(slowly - (events - 1) / 2) < 0.01


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_what_came_whole_is_told_some_words_at_a_time(path: str) -> None:
    async def work() -> list[tuple[float, int, str]]:
        told: list[tuple[float, int, str]] = []
        words = b"one two three four five six seven eight nine"
        rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE.replace(b"Because.", words)), given=caching())
        await rig.post(path, cold(OPENAI_MODEL))
        for headers in ({}, {"x-pointsman-cache": "pace=2"}, {}):
            began = asyncio.get_running_loop().time()
            answer = await rig.post(path, cold(OPENAI_MODEL, stream=True), headers)
            heard = said(path, answer.body, streams=True)
            texts = sum(isinstance(event, TextDelta) for event in events(path, answer.body))
            took = asyncio.get_running_loop().time() - began
            told.append(
                (round(took, 3), texts, "".join(part.text for part in heard.parts if isinstance(part, Text)))
            )
        return told

    words = "one two three four five six seven eight nine"
    assert run_virtual(work) == [(0.0, 1, words), (1.0, 3, words), (0.0, 1, words)]
