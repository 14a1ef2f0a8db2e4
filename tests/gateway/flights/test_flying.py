"""Shared calls that fail, break, are read slowly or are given up: what each of their clients is told."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from pointsman.gateway.resume.following import BEHIND
from pointsman.keys import KeyInfo
from tests.support.asgi import AsgiCall
from tests.support.equal_requests import caching, cold, flights_of
from tests.support.gateway import CHAT, MESSAGES, Rig
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    ANTHROPIC_WHOLE,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_WHOLE,
)
from tests.support.stack import settings
from tests.support.upstream import Scripted, Wait

WAYS = [(path, streams) for path in (CHAT, MESSAGES) for streams in (False, True)]
DOWN = Scripted(status=503, body=b'{"error": {"message": "down"}}')


async def all_at_once(rig: Rig, model: str, ways: list[tuple[str, bool]]) -> list[AsgiCall]:
    return await asyncio.gather(*[rig.post(path, cold(model, stream=streams)) for path, streams in ways])


def message(call: AsgiCall) -> str:
    told: str = call.json()["error"]["message"]
    return told


# -- errors


async def test_nobody_fails_before_the_policy_of_retries_is_through() -> None:
    rig = Rig(DOWN, Scripted(body=OPENAI_WHOLE), given=caching())
    calls = await all_at_once(rig, OPENAI_MODEL, WAYS)
    assert [call.status for call in calls] == [200] * 4
    assert len(rig.transport.requests) == 2
    (made,) = [entry for entry in rig.ledger.entries if entry.attempts]
    assert [attempt.outcome for attempt in made.attempts] == ["error", "ok"]


async def test_then_all_get_the_same_error_each_in_its_dialect() -> None:
    rig = Rig(otherwise=DOWN, given=settings(cache={"enabled": True}, retries={"attempts": 2, "budget": 1.0}))
    calls = await all_at_once(rig, OPENAI_MODEL, WAYS * 2)
    assert len(rig.transport.requests) == 2
    assert {call.status for call in calls} == {503} and len({message(call) for call in calls}) == 1
    assert all(
        ("type" in call.json()) is (path == MESSAGES) for (path, _), call in zip(WAYS * 2, calls, strict=True)
    )
    assert {call.headers["x-should-retry"] for call in calls} == {"false"}
    assert len({call.headers["x-request-id"] for call in calls}) == 8
    assert {(entry.status, entry.outcome) for entry in rig.ledger.entries} == {(503, "error")}
    assert sum(len(entry.attempts) for entry in rig.ledger.entries) == 2


async def test_a_bug_of_ours_leaves_nobody_waiting() -> None:
    rig = Rig(ZeroDivisionError(), given=caching())
    calls = await all_at_once(rig, OPENAI_MODEL, WAYS)
    assert {call.status for call in calls} == {500} and len(rig.ledger.entries) == 4
    assert not flights_of(rig).metrics.under_way()


async def break_off(rig: Rig, ways: list[tuple[str, bool]]) -> list[AsgiCall]:
    """All ride in one stream, which breaks."""
    calls = [rig.call(path, cold(ANTHROPIC_MODEL, stream=streams)) for path, streams in ways]
    running = [asyncio.ensure_future(call.run()) for call in calls]
    await rig.transport.asked.wait()
    for _ in range(5):
        await asyncio.sleep(0)
    rig.transport.answer_now()
    await asyncio.gather(*running)
    return calls


def streaming_first(first: int) -> list[tuple[str, bool]]:
    ways = [*WAYS[first:], *WAYS[:first]]
    return [(ways[0][0], True), *ways[1:]]


def is_broken(path: str, call: AsgiCall) -> bool:
    assert call.status == 200 and b"error" in call.body and call.complete
    assert (b"event: error" in call.body) is (path == MESSAGES)
    return b"message_stop" not in call.body and b"[DONE]" not in call.body


@pytest.mark.parametrize("first", range(4))
@pytest.mark.parametrize("at", [1, 3, 5])
async def test_a_stream_that_breaks_ends_for_each_in_its_own_way(first: int, at: int) -> None:
    ways = streaming_first(first)
    given = settings(cache={"enabled": True}, retries={"attempts": 1})
    rig = Rig(Scripted(body=[*ANTHROPIC_EVENTS[:at], Wait.UNTIL_LEFT]), given=given)
    calls = await break_off(rig, ways)
    for (path, streams), call in zip(ways, calls, strict=True):
        assert is_broken(path, call) if streams else call.status == 502 and "before its end" in message(call)
    told = {entry.request_id: (entry.status, entry.outcome, entry.error) for entry in rig.ledger.entries}
    for (_, streams), call in zip(ways, calls, strict=True):
        expected = (200, "broken", "stream_broken") if streams else (502, "error", "stream_broken")
        assert told[call.headers["x-request-id"]] == expected
    (made,) = [entry for entry in rig.ledger.entries if entry.attempts]
    assert made.cost and sum(entry.cost or 0 for entry in rig.ledger.entries) == made.attempts[0].cost


@pytest.mark.parametrize("first", range(4))
async def test_who_was_told_nothing_of_it_shares_another_call(first: int) -> None:
    ways = streaming_first(first)
    rig = Rig(
        Scripted(body=[*ANTHROPIC_EVENTS[:3], Wait.UNTIL_LEFT]),
        Scripted(body=ANTHROPIC_WHOLE),
        given=caching(charge="split"),
    )
    calls = await break_off(rig, ways)
    entries = {entry.request_id: entry for entry in rig.ledger.entries}
    whole = []
    for (path, streams), call in zip(ways, calls, strict=True):
        if streams:
            assert is_broken(path, call)
        else:
            assert call.status == 200
            whole.append(entries[call.headers["x-request-id"]])
    assert len(entries) == 4 and len(rig.transport.requests) == 2
    assert flights_of(rig).metrics.asked_again == len(whole)
    assert {entry.outcome for entry in whole} == {"ok"}
    assert [entry.cache for entry in whole].count("miss") == 1
    (answered,) = [entry for entry in whole if entry.attempts]
    assert {entry.source for entry in whole if entry is not answered} <= {answered.request_id}
    assert sum(entry.cost or 0 for entry in whole) == answered.attempts[0].cost
    attempts = [attempt.cost or 0 for entry in entries.values() for attempt in entry.attempts]
    assert sum(entry.cost or 0 for entry in entries.values()) == sum(attempts)


async def test_whose_second_call_breaks_too_fails() -> None:
    broken = Scripted(body=[*ANTHROPIC_EVENTS[:3], Wait.UNTIL_LEFT])
    rig = Rig(broken, otherwise=DOWN, given=settings(cache={"enabled": True}, retries={"attempts": 2}))
    stream, whole = await break_off(rig, [(MESSAGES, True), (CHAT, False)])
    assert is_broken(MESSAGES, stream) and whole.status == 503
    assert len(rig.transport.requests) == 3 and len(rig.ledger.entries) == 2


async def test_who_has_left_when_it_breaks_asks_for_nothing_more() -> None:
    rig = Rig(Scripted(body=[*ANTHROPIC_EVENTS[:3], Wait.UNTIL_LEFT]), given=caching())
    stream, whole = [rig.call(CHAT, cold(ANTHROPIC_MODEL, stream=streams)) for streams in (True, False)]
    running = [asyncio.ensure_future(call.run()) for call in (stream, whole)]
    await rig.transport.asked.wait()
    for _ in range(9):
        await asyncio.sleep(0)
    assert flights_of(rig).metrics.riding() == 2
    whole.leave()
    await asyncio.wait_for(running[1], 10)
    rig.transport.answer_now()
    await running[0]
    assert is_broken(CHAT, stream)
    assert len(rig.transport.requests) == 1
    assert sorted(entry.outcome for entry in rig.ledger.entries) == ["broken", "cut"]


# -- slow readers


class Slow(AsgiCall):
    """Takes nothing more once it has its first piece, until it is told to."""

    def __init__(self, *args: Any, **named: Any) -> None:
        super().__init__(*args, **named)
        self.go_on = asyncio.Event()

    async def _send(self, message: dict[str, Any]) -> None:
        await super()._send(message)
        if self.chunks:
            await self.go_on.wait()


def long_answer(chunks: int) -> list[bytes]:
    large = OPENAI_EVENTS[1].replace(b'"content":"', b'"content":"' + b"x" * 60_000)
    assert len(large) > 60_000
    return [OPENAI_EVENTS[0], *[large] * chunks, *OPENAI_EVENTS[1:]]


def slow(rig: Rig) -> Slow:
    model = rig.call(CHAT, cold(OPENAI_MODEL, stream=True))
    return Slow(rig.gateway.app, "POST", CHAT, list(model._pieces))


async def test_a_slow_reader_stops_nobody_and_is_cut_off_where_the_past_is_not_kept() -> None:
    rig = Rig(Scripted(body=long_answer(80)), given=caching(max_bytes=1 << 20))
    late, quick = slow(rig), rig.call(CHAT, cold(OPENAI_MODEL, stream=True))
    running = [asyncio.ensure_future(late.run()), asyncio.ensure_future(quick.run())]
    await asyncio.wait_for(running[1], 10)
    assert quick.body.endswith(b"data: [DONE]\n\n") and len(quick.body) > 4 * BEHIND
    assert flights_of(rig)._held.bytes <= BEHIND + 200_000
    late.go_on.set()
    await running[0]
    assert late.complete and b"fell_behind" in late.body and b"[DONE]" not in late.body
    told = {entry.request_id: (entry.outcome, entry.error) for entry in rig.ledger.entries}
    assert told[quick.headers["x-request-id"]][0] == "ok"
    assert told[late.headers["x-request-id"]][0] == "broken"
    assert flights_of(rig)._held.bytes == 0


async def test_a_slow_reader_that_is_alone_holds_up_its_provider_instead() -> None:
    rig = Rig(Scripted(body=long_answer(80)), given=caching(max_bytes=1 << 20))
    alone = slow(rig)
    running = asyncio.ensure_future(alone.run())
    await asyncio.wait_for(alone.first_chunk.wait(), 10)
    for _ in range(200):
        await asyncio.sleep(0)
    assert rig.transport.responses[0].unread > 40
    assert flights_of(rig)._held.bytes <= BEHIND + 200_000
    alone.go_on.set()
    await asyncio.wait_for(running, 10)
    assert alone.body.endswith(b"data: [DONE]\n\n") and rig.entry.outcome == "ok"


async def test_over_the_bound_nobody_new_joins() -> None:
    script = long_answer(4)
    rig = Rig(
        Scripted(body=[*script[:4], Wait.UNTIL_LEFT, *script[4:]]),
        Scripted(body=OPENAI_EVENTS),
        given=caching(max_bytes=1 << 20),
    )
    first = rig.call(CHAT, cold(OPENAI_MODEL, stream=True))
    running = asyncio.ensure_future(first.run())
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(first.body) > 180_000
    other = await rig.post(CHAT, cold(OPENAI_MODEL, stream=True))
    assert (other.headers["x-pointsman-cache"], other.complete) == ("miss", True)
    rig.transport.answer_now()
    await running
    assert first.body.endswith(b"data: [DONE]\n\n") and len(rig.transport.requests) == 2


# -- who does not share, and the end of it all


class Tenants:
    """Lets in KEY@TENANT."""

    def authenticate(self, token: str) -> KeyInfo:
        name, _, tenant = token.partition("@")
        return KeyInfo(id=name, name=name, tenant=tenant)


async def test_tenants_never_share_and_keys_of_one_tenant_do() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=caching(), door=Tenants())
    keys = ["a@one", "b@one", "a@other", "a@", "b@"]
    calls = await asyncio.gather(
        *[rig.post(CHAT, cold(OPENAI_MODEL), {"authorization": f"Bearer {key}"}) for key in keys]
    )
    told = [call.headers["x-pointsman-cache"] for call in calls]
    assert told == ["miss", "coalesced", "miss", "miss", "miss"]


@pytest.mark.parametrize(
    ("headers", "more"),
    [
        ({"cache-control": "no-cache"}, {}),
        ({"cache-control": "no-store"}, {}),
        ({}, {"temperature": 1}),
        ({}, {"seed": 1}),
    ],
)
async def test_who_does_not_want_another_ones_answer_gets_its_own(
    headers: dict[str, str], more: dict[str, Any]
) -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=caching())
    body = cold(OPENAI_MODEL)
    calls = await asyncio.gather(rig.post(CHAT, body), rig.post(CHAT, body | more, headers))
    assert "coalesced" not in {call.headers["x-pointsman-cache"] for call in calls}
    assert len(rig.transport.requests) == 2


async def test_it_can_be_turned_off() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE, before=Wait.UNTIL_LEFT), given=caching(coalesce=False))
    running = [asyncio.ensure_future(rig.post(CHAT, cold(OPENAI_MODEL))) for _ in range(3)]
    for _ in range(5):
        await asyncio.sleep(0)
    rig.transport.answer_now()
    assert {call.headers["x-pointsman-cache"] for call in await asyncio.gather(*running)} == {"miss"}
    assert len(rig.transport.requests) == 3


async def test_equal_parts_are_told_and_booked() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=caching(charge="split"))
    calls = await all_at_once(rig, OPENAI_MODEL, [(CHAT, False)] * 3)
    (made,) = [entry for entry in rig.ledger.entries if entry.attempts]
    whole = made.attempts[0].cost
    assert whole and sum(entry.cost or 0 for entry in rig.ledger.entries) == whole
    for call in calls:
        view = json.loads((await rig.get(f"/v1/requests/{call.headers['x-request-id']}")).body)
        assert view["cost_usd"] == call.headers["x-pointsman-cost-usd"]
        if call is not calls[0]:
            assert (view["cache"], view["source"], view["attempts"]) == ("coalesced", made.request_id, [])


@pytest.mark.parametrize("said", [0, 3])
async def test_a_gateway_that_stops_ends_what_is_shared_and_books_it(said: int) -> None:
    rig = Rig(Scripted(body=[*ANTHROPIC_EVENTS[:said], Wait.UNTIL_LEFT]), given=caching())
    calls = [rig.call(path, cold(ANTHROPIC_MODEL, stream=True)) for path in (MESSAGES, CHAT)]
    running = [asyncio.ensure_future(call.run()) for call in calls]
    await rig.transport.asked.wait()
    for call in calls if said else ():
        await asyncio.wait_for(call.first_chunk.wait(), 10)
    await rig.gateway.close()
    await asyncio.wait_for(asyncio.gather(*running), 10)
    assert all(call.complete and b"error" in call.body for call in calls)
    assert len(rig.ledger.entries) == 2 and not flights_of(rig).metrics.under_way()
    assert {entry.outcome for entry in rig.ledger.entries} <= {"cut", "broken", "error"}


async def test_an_idempotency_key_holds_around_it() -> None:
    rig = Rig(Scripted(body=OPENAI_EVENTS), given=caching(ttl=0.001))
    body = cold(OPENAI_MODEL, stream=True)
    keyed = [{"idempotency-key": name} for name in ("one", "one", "two")]
    calls = await asyncio.gather(*[rig.post(CHAT, body, headers) for headers in keyed])
    assert len(rig.transport.requests) == 1
    rig.clock.advance(10)
    again = [await rig.post(CHAT, body, headers) for headers in keyed]
    assert [call.headers["idempotent-replayed"] for call in again] == ["true"] * 3
    assert [call.body for call in again] == [calls[0].body, calls[0].body, calls[2].body]
    assert sorted(entry.cache for entry in rig.ledger.entries) == ["coalesced", "miss", *["replay"] * 3]
