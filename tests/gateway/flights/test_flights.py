"""Equal requests at the same time: one call, and an answer for each."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.support.asgi import AsgiCall
from tests.support.equal_requests import caching, cold, events, flights_of, said
from tests.support.gateway import CHAT, MESSAGES, Rig
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    ANTHROPIC_WHOLE,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_WHOLE,
)
from tests.support.upstream import Scripted, Wait

MANY = 50


async def together(rig: Rig, *requests: tuple[str, dict[str, Any]]) -> list[AsgiCall]:
    """Their answers, where all come before the provider says anything."""
    calls = [rig.call(path, body) for path, body in requests]
    running = [asyncio.ensure_future(call.run()) for call in calls]
    await asyncio.wait_for(rig.transport.asked.wait(), 10)
    for _ in range(5):
        await asyncio.sleep(0)
    assert flights_of(rig).metrics.riding() == len(calls)
    rig.transport.answer_now()
    await asyncio.wait_for(asyncio.gather(*running), 10)
    return calls


def silent_first(body: Any) -> Scripted:
    return Scripted(body=body, before=Wait.UNTIL_LEFT)


@pytest.mark.parametrize(
    ("path", "model", "streams", "scripted"),
    [
        (CHAT, OPENAI_MODEL, True, OPENAI_EVENTS),
        (MESSAGES, ANTHROPIC_MODEL, True, ANTHROPIC_EVENTS),
        (CHAT, ANTHROPIC_MODEL, True, ANTHROPIC_EVENTS),
        (MESSAGES, OPENAI_MODEL, True, OPENAI_EVENTS),
        (CHAT, OPENAI_MODEL, False, OPENAI_WHOLE),
        (MESSAGES, ANTHROPIC_MODEL, False, ANTHROPIC_WHOLE),
    ],
)
async def test_many_equal_requests_make_one_call(path: str, model: str, streams: bool, scripted: Any) -> None:
    rig = Rig(silent_first(scripted), given=caching())
    calls = await together(rig, *[(path, cold(model, stream=streams))] * MANY)
    assert len(rig.transport.requests) == 1
    assert {call.status for call in calls} == {200} and all(call.complete for call in calls)
    assert len({call.body for call in calls}) == 1
    assert [call.headers["x-pointsman-cache"] for call in calls] == ["miss"] + ["coalesced"] * (MANY - 1)
    assert len({call.headers["x-request-id"] for call in calls}) == MANY
    assert len({(c.headers["x-pointsman-model"], c.headers["x-pointsman-provider"]) for c in calls}) == 1
    assert len(rig.ledger.entries) == MANY


@pytest.mark.parametrize(
    ("model", "whole", "streamed"),
    [(OPENAI_MODEL, OPENAI_WHOLE, OPENAI_EVENTS), (ANTHROPIC_MODEL, ANTHROPIC_WHOLE, ANTHROPIC_EVENTS)],
)
@pytest.mark.parametrize("first", range(4))
async def test_all_dialects_and_forms_share_one(
    model: str, whole: bytes, streamed: list[bytes], first: int
) -> None:
    ways = [(path, streams) for path in (CHAT, MESSAGES) for streams in (False, True)]
    ways = [*ways[first:], *ways[:first]]
    rig = Rig(silent_first(streamed if ways[0][1] else whole), given=caching())
    calls = await together(rig, *[(path, cold(model, stream=streams)) for path, streams in ways * 3])
    assert len(rig.transport.requests) == 1
    told = [said(path, call.body, streams) for (path, streams), call in zip(ways * 3, calls, strict=True)]
    assert len({one.parts for one in told}) == len({one.stop for one in told}) == 1
    for (path, streams), one in zip(ways * 3, told, strict=True):
        if path == MESSAGES or not streams:
            assert one.usage is not None and (one.usage.prompt, one.usage.output) == (12, 5), (path, streams)
    assert all(
        call.headers["content-type"].startswith("text/event-stream") == streams
        for (_, streams), call in zip(ways * 3, calls, strict=True)
    )


async def test_a_late_joiner_gets_the_past_then_the_live_part() -> None:
    rig = Rig(Scripted(body=[*ANTHROPIC_EVENTS[:4], Wait.UNTIL_LEFT, *ANTHROPIC_EVENTS[4:]]), given=caching())
    first = rig.call(MESSAGES, cold(ANTHROPIC_MODEL, stream=True))
    others = [
        rig.call(MESSAGES, cold(ANTHROPIC_MODEL, stream=True)),
        rig.call(CHAT, cold(ANTHROPIC_MODEL, stream=True)),
    ]
    running = [asyncio.ensure_future(first.run())]
    await asyncio.wait_for(first.first_chunk.wait(), 10)
    running += [asyncio.ensure_future(call.run()) for call in others]
    for call in others:
        await asyncio.wait_for(call.first_chunk.wait(), 10)
    rig.transport.answer_now()
    await asyncio.gather(*running)
    assert len(rig.transport.requests) == 1
    assert events(MESSAGES, others[0].body) == events(MESSAGES, first.body)
    assert said(CHAT, others[1].body, True).parts == said(MESSAGES, first.body, True).parts


# -- who leaves


@pytest.mark.parametrize("at", range(len(ANTHROPIC_EVENTS)))
@pytest.mark.parametrize("abruptly", [False, True])
async def test_the_first_may_leave_at_any_event(at: int, abruptly: bool) -> None:
    rig = Rig(
        Scripted(body=[*ANTHROPIC_EVENTS[:at], Wait.UNTIL_LEFT, *ANTHROPIC_EVENTS[at:]]), given=caching()
    )
    body = cold(ANTHROPIC_MODEL, stream=True)
    calls = [rig.call(MESSAGES, body) for _ in range(3)]
    running = [asyncio.ensure_future(call.run()) for call in calls]
    for call in calls if at else ():
        await asyncio.wait_for(call.first_chunk.wait(), 10)
    await rig.transport.asked.wait()
    if abruptly:
        running[0].cancel()
    else:
        calls[0].leave()
        await asyncio.wait_for(calls[0].waiting.wait(), 10)
    await asyncio.wait((running[0],))
    rig.transport.answer_now()
    await asyncio.gather(*running[1:])
    assert len(rig.transport.requests) == 1
    assert events(MESSAGES, calls[1].body) == events(MESSAGES, calls[2].body)
    assert said(MESSAGES, calls[1].body, True).stop
    by_id = {entry.request_id: entry for entry in rig.ledger.entries}
    first = next(entry for entry in rig.ledger.entries if entry.attempts)
    assert (first.outcome, first.attempts[0].outcome) == ("cut", "ok") and first.cost
    for call in calls[1:]:
        entry = by_id[call.headers["x-request-id"]]
        assert (entry.outcome, entry.cache, entry.source) == ("ok", "coalesced", first.request_id)
        assert (entry.cost, entry.saved, entry.attempts, entry.provider) == (0, first.cost, (), "cache")
    again = await rig.post(MESSAGES, body)
    assert again.headers["x-pointsman-cache"] == "hit"


async def test_when_all_have_left_the_provider_is_told_and_all_are_booked() -> None:
    rig = Rig(Scripted(body=[*ANTHROPIC_EVENTS[:3], Wait.UNTIL_LEFT]), given=caching())
    calls = [rig.call(MESSAGES, cold(ANTHROPIC_MODEL, stream=True)) for _ in range(3)]
    running = [asyncio.ensure_future(call.run()) for call in calls]
    for call in calls:
        await asyncio.wait_for(call.first_chunk.wait(), 10)
    for call in calls:
        call.leave()
    await asyncio.wait_for(asyncio.gather(*running), 10)
    await rig.ledger.has(3)
    entries = rig.ledger.entries
    assert {entry.outcome for entry in entries} == {"cut"}
    (paid,) = [entry for entry in entries if entry.attempts]
    assert paid.estimated and paid.cost and sum(entry.cost or 0 for entry in entries) == paid.attempts[0].cost
    assert not flights_of(rig).metrics.under_way()


async def test_whoever_comes_while_it_is_given_up_is_not_let_on_board() -> None:
    rig = Rig(Scripted(before=Wait.FOR_EVER), otherwise=Scripted(body=OPENAI_WHOLE), given=caching())
    left = rig.call(CHAT, cold(OPENAI_MODEL))
    running = asyncio.ensure_future(left.run())
    await rig.transport.asked.wait()
    running.cancel()
    await asyncio.wait((running,))
    assert flights_of(rig).metrics.under_way() == 1
    other = await rig.post(CHAT, cold(OPENAI_MODEL))
    assert (other.status, other.headers["x-pointsman-cache"]) == (200, "miss")
    flights_of(rig)._grace = 0.01
    await rig.gateway.close()
    assert flights_of(rig).metrics.under_way() == 0 and len(rig.ledger.entries) == 2
