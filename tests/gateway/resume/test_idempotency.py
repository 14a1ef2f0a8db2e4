"""One key, one answer: whole and streamed, alone and in a crowd, with clients that leave."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from pointsman.caching.idempotency.memory import MemoryIdempotency
from pointsman.config import Settings
from pointsman.errors import ServerBusy
from pointsman.gateway.build import FrontDoor
from pointsman.keys import KeyDirectory
from tests.support.asgi import AsgiCall
from tests.support.event_ids import without_ids
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    ANTHROPIC_WHOLE,
    OPENAI_MODEL,
    OPENAI_WHOLE,
)
from tests.support.stack import settings
from tests.support.upstream import Piece, Scripted, Wait

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
STREAM = ask(ANTHROPIC_MODEL, stream=True)
WHOLE = ask(OPENAI_MODEL)
EVENTS = b"".join(ANTHROPIC_EVENTS)


def impatient(**more: Any) -> Settings:
    return settings(idempotency={"linger": 0.0} | more)


def same(first: AsgiCall, again: AsgiCall) -> bool:
    """Byte for byte, but for what says that it is a replay."""
    replayed = dict(again.headers)
    assert replayed.pop("x-pointsman-replay-id").startswith("req_")
    return replayed.pop("idempotent-replayed") == "true" and (first.status, first.headers, first.body) == (
        again.status,
        replayed,
        again.body,
    )


async def start(call: AsgiCall) -> asyncio.Task[AsgiCall]:
    """A call whose client has its first bytes."""
    task = asyncio.ensure_future(call.run())
    await asyncio.wait_for(call.first_chunk.wait(), 10)
    return task


async def turns(count: int = 20) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


# -- replays


async def test_a_whole_answer_is_replayed_to_the_byte() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE))
    first = await rig.post(CHAT, WHOLE, KEY)
    assert "idempotent-replayed" not in first.headers
    again = await rig.post(CHAT, WHOLE, KEY)
    assert same(first, again)
    assert again.body == OPENAI_WHOLE
    assert (len(rig.transport.requests), len(rig.ledger.entries)) == (1, 1)
    assert again.headers["x-request-id"] == rig.entry.request_id
    assert rig.gateway.idempotency.metrics.requests == {"first": 1, "replayed": 1}


async def test_a_stream_is_replayed_to_the_byte() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS))
    first = await rig.post(MESSAGES, STREAM, KEY)
    assert without_ids(first.body) == EVENTS
    assert same(first, await rig.post(MESSAGES, STREAM, KEY))
    assert (len(rig.transport.requests), len(rig.ledger.entries)) == (1, 1)


@pytest.mark.parametrize("path", ["/v1/messages/count_tokens", "/v1/feedback"])
async def test_every_post_takes_a_key(path: str) -> None:
    rig = Rig(otherwise=Scripted(body=b'{"input_tokens":7}'))
    first = await rig.post(path, ask(ANTHROPIC_MODEL), KEY)
    again = await rig.post(path, ask(ANTHROPIC_MODEL), KEY)
    if first.status == 200:
        assert same(first, again)
    else:
        assert "idempotent-replayed" not in again.headers
    assert (await rig.post(path, ask(ANTHROPIC_MODEL, prompt="No?"), KEY)).status in (first.status, 409)


async def test_without_a_key_each_is_asked() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE))
    for _ in range(2):
        assert "idempotent-replayed" not in (await rig.post(CHAT, WHOLE)).headers
    assert len(rig.transport.requests) == 2


async def test_a_final_refusal_of_the_provider_is_kept() -> None:
    refusal = Scripted(400, b'{"error":{"message":"No such field.","type":"invalid_request_error"}}')
    rig = Rig(refusal)
    first = await rig.post(CHAT, WHOLE, KEY)
    assert first.status == 400
    assert same(first, await rig.post(CHAT, WHOLE, KEY))


async def test_what_was_refused_before_it_was_sent_is_not_kept() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE))
    assert (await rig.post(CHAT, ask("no-such-model"), KEY)).status == 404
    assert (await rig.post(CHAT, WHOLE, KEY)).status == 200


@pytest.mark.parametrize("status", [500, 503, 529])
async def test_a_failure_that_may_pass_is_not_kept(status: int) -> None:
    rig = Rig(Scripted(status, b"{}"), given=settings(retries={"attempts": 1}))
    assert (await rig.post(CHAT, WHOLE, KEY)).status >= 500
    rig.transport.then(Scripted(body=OPENAI_WHOLE))
    done = await rig.post(CHAT, WHOLE, KEY)
    assert (done.status, done.body) == (200, OPENAI_WHOLE)
    assert "idempotent-replayed" not in done.headers


@pytest.mark.parametrize("after", range(1, len(ANTHROPIC_EVENTS)))
async def test_a_stream_that_broke_is_not_kept(after: int) -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS[:after]), Scripted(body=ANTHROPIC_EVENTS))
    first = await rig.post(MESSAGES, STREAM, KEY)
    again = await rig.post(MESSAGES, STREAM, KEY)
    assert without_ids(again.body) == EVENTS
    whole = rig.ledger.entries[0].outcome == "ok"  # only what follows the terminal event was missing
    assert ("idempotent-replayed" in again.headers) is whole is (without_ids(first.body) == EVENTS)


# -- misuse


@pytest.mark.parametrize(
    ("path", "body"),
    [(CHAT, ask(OPENAI_MODEL, prompt="Why not?")), (f"{CHAT}?a=1", WHOLE), (MESSAGES, WHOLE)],
)
async def test_another_request_under_the_key_is_refused(path: str, body: Any) -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE))
    await rig.post(CHAT, WHOLE, KEY)
    done = await rig.post(path, body, KEY)
    assert done.status == 409
    assert done.headers["x-should-retry"] == "false"
    assert "Take a new key" in done.json()["error"]["message"]
    assert rig.entry.request_id in done.json()["error"]["message"]
    if path == MESSAGES:
        assert done.json()["type"] == "error"
    else:
        assert done.json()["error"]["code"] == "idempotency_key_reused"
    assert len(rig.transport.requests) == 1


async def test_another_request_is_refused_at_once_while_the_first_is_under_way() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE, before=Wait.UNTIL_LEFT))
    first = asyncio.ensure_future(rig.post(CHAT, WHOLE, KEY))
    await rig.transport.asked.wait()
    assert (await rig.post(CHAT, ask(OPENAI_MODEL, prompt="Why not?"), KEY)).status == 409
    rig.transport.answer_now()
    assert (await first).status == 200


@pytest.mark.parametrize("key", ["", "   ", "k" * 256, "caf\xe9", "a\tb"])
async def test_a_bad_key_is_refused(key: str) -> None:
    rig = Rig()
    done = await rig.post(CHAT, WHOLE, {"Idempotency-Key": key})
    assert (done.status, done.json()["error"]["code"]) == (400, "invalid_idempotency_key")
    assert rig.gateway.idempotency.metrics.requests == {"bad_key": 1}


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize("name", ["idempotency-key", "last-event-id"])
async def test_of_two_different_keys_or_ids_none_wins(path: str, name: str) -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE))
    for values in (("req_1:1", "req_1:2"), ("req_1:2", "req_1:1")):
        call = rig.call(path, WHOLE)
        call.scope["headers"] = [(name.encode(), value.encode()) for value in values]
        said = (await call.run()).json()
        assert (call.status, "type" in said) == (400, path == MESSAGES)
        assert "Send one" in said["error"]["message"]
    assert not rig.transport.requests
    call = rig.call(path, WHOLE)
    call.scope["headers"] = [(b"idempotency-key", b"one")] * 2
    assert (await call.run()).status == 200


async def test_virtual_keys_never_share() -> None:
    from tests.support.some_keys import a_key, stored

    directory = KeyDirectory([stored(1), stored(2)])
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), door=FrontDoor(directory))
    for number in (1, 2):
        done = await rig.post(CHAT, WHOLE, KEY | {"authorization": f"Bearer {a_key(number)}"})
        assert (done.status, "idempotent-replayed" in done.headers) == (200, False)
    assert len(rig.transport.requests) == 2


# -- in a crowd, and with clients that leave


@pytest.mark.parametrize("streamed", [True, False])
async def test_fifty_at_once_are_one_call(streamed: bool) -> None:
    script = Scripted(body=ANTHROPIC_EVENTS if streamed else ANTHROPIC_WHOLE, before=Wait.UNTIL_LEFT)
    rig = Rig(script)
    body = STREAM if streamed else ask(ANTHROPIC_MODEL)
    calls = [asyncio.ensure_future(rig.post(MESSAGES, body, KEY)) for _ in range(50)]
    await rig.transport.asked.wait()
    rig.transport.answer_now()
    first, *others = await asyncio.gather(*calls)
    assert first.status == 200
    assert all(same(first, other) for other in others)
    assert (len(rig.transport.requests), len(rig.ledger.entries)) == (1, 50)
    assert sum(entry.cost or 0 for entry in rig.ledger.entries) == rig.entry.cost
    assert rig.gateway.idempotency.metrics.requests == {"first": 1, "followed": 49}


@pytest.mark.parametrize("cut", range(1, len(ANTHROPIC_EVENTS) + 1))
async def test_who_comes_later_gets_the_past_and_the_live_part(cut: int) -> None:
    script: list[Piece] = [*ANTHROPIC_EVENTS[:cut], Wait.UNTIL_LEFT, *ANTHROPIC_EVENTS[cut:]]
    rig = Rig(Scripted(body=script))
    first = rig.call(MESSAGES, STREAM, headers=KEY)
    one = await start(first)
    await turns()
    second = rig.call(MESSAGES, STREAM, headers=KEY)
    two = await start(second)
    await turns()
    assert without_ids(second.body) == b"".join(ANTHROPIC_EVENTS[:cut])
    assert second.body == first.body
    rig.transport.answer_now()
    assert (await one).body == (await two).body
    assert without_ids(first.body) == EVENTS
    assert len(rig.transport.requests) == 1


@pytest.mark.parametrize("cut", range(1, len(ANTHROPIC_EVENTS) + 1))
async def test_the_first_leaves_at_each_event_and_the_second_has_it_all(cut: int) -> None:
    script: list[Piece] = [*ANTHROPIC_EVENTS[:cut], Wait.UNTIL_LEFT, *ANTHROPIC_EVENTS[cut:]]
    rig = Rig(Scripted(body=script), given=impatient())
    first = rig.call(MESSAGES, STREAM, headers=KEY)
    one = await start(first)
    two = await start(rig.call(MESSAGES, STREAM, headers=KEY))
    await asyncio.wait_for(first.waiting.wait(), 10)
    first.leave()
    await one
    rig.transport.answer_now()
    assert without_ids((await two).body) == EVENTS
    assert rig.entry.outcome == "ok"
    assert without_ids((await rig.post(MESSAGES, STREAM, KEY)).body) == EVENTS
    assert len(rig.transport.requests) == 1


@pytest.mark.parametrize("cut", range(1, len(ANTHROPIC_EVENTS) - 1))
async def test_a_client_that_comes_back_in_time_has_it_all_and_pays_once(cut: int) -> None:
    script: list[Piece] = [*ANTHROPIC_EVENTS[:cut], Wait.UNTIL_LEFT, *ANTHROPIC_EVENTS[cut:]]
    rig = Rig(Scripted(body=script))
    first = rig.call(MESSAGES, STREAM, headers=KEY)
    one = await start(first)
    await asyncio.wait_for(first.waiting.wait(), 10)
    first.leave()
    await one
    two = await start(rig.call(MESSAGES, STREAM, headers=KEY))
    rig.transport.answer_now()
    done = await two
    assert (without_ids(done.body), done.headers["idempotent-replayed"]) == (EVENTS, "true")
    assert (rig.entry.outcome, len(rig.transport.requests)) == ("ok", 1)


@pytest.mark.parametrize("cut", range(1, len(ANTHROPIC_EVENTS) - 2))
async def test_what_nobody_waits_for_is_cut_where_there_is_no_lingering_and_not_kept(cut: int) -> None:
    script: list[Piece] = [*ANTHROPIC_EVENTS[:cut], Wait.UNTIL_LEFT]
    rig = Rig(Scripted(body=script), Scripted(body=ANTHROPIC_EVENTS), given=impatient())
    first = rig.call(MESSAGES, STREAM, headers=KEY)
    one = await start(first)
    await asyncio.wait_for(first.waiting.wait(), 10)
    first.leave()
    await one
    again = await rig.post(MESSAGES, STREAM, KEY)
    assert (without_ids(again.body), "idempotent-replayed" in again.headers) == (EVENTS, False)
    assert [entry.outcome for entry in rig.ledger.entries] == ["cut", "ok"]


async def test_a_whole_answer_is_there_for_who_comes_back() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE, before=Wait.UNTIL_LEFT))
    first = rig.call(CHAT, WHOLE, headers=KEY)
    one = asyncio.ensure_future(first.run())
    await rig.transport.asked.wait()
    one.cancel()
    await asyncio.gather(one, return_exceptions=True)
    two = asyncio.ensure_future(rig.post(CHAT, WHOLE, KEY))
    await turns()
    rig.transport.answer_now()
    assert (await two).body == OPENAI_WHOLE
    assert (rig.entry.outcome, len(rig.transport.requests)) == ("ok", 1)


async def test_the_clients_of_a_failed_first_one_all_get_its_error() -> None:
    rig = Rig(Scripted(503, b"{}", before=Wait.UNTIL_LEFT), given=settings(retries={"attempts": 1}))
    calls = [asyncio.ensure_future(rig.post(CHAT, WHOLE, KEY)) for _ in range(3)]
    await rig.transport.asked.wait()
    rig.transport.answer_now()
    first, *others = await asyncio.gather(*calls)
    assert first.status == 503
    assert all(same(first, other) for other in others)


# -- what is too large, and a store that is away


async def test_an_answer_too_large_to_keep_goes_to_who_is_there_and_says_so_later() -> None:
    many = [*ANTHROPIC_EVENTS[:3], *[b": " + b"x" * 300_000 + b"\n\n"] * 8, *ANTHROPIC_EVENTS[3:]]
    rig = Rig(Scripted(body=many), given=settings(idempotency={"max_answer_mb": 1}))
    first = await rig.post(MESSAGES, STREAM, KEY)
    assert len(first.body) > len(b"".join(many))
    later = await rig.post(MESSAGES, STREAM, KEY)
    assert later.status == 409
    assert "max_answer_mb" in later.json()["error"]["message"]
    assert len(rig.transport.requests) == 1


class _Away(MemoryIdempotency):
    async def claim(self, asked: Any, instead_of: str = "") -> Any:
        raise ServerBusy("The store is away.")


async def test_a_store_that_is_away_refuses_what_bears_a_key_and_nothing_else() -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE))
    rig.gateway.idempotency._store = _Away(rig.gateway.idempotency._policy)
    assert (await rig.post(CHAT, WHOLE, KEY)).status == 503
    assert (await rig.post(CHAT, WHOLE)).status == 200


async def test_a_gateway_that_is_closed_keeps_what_is_final_and_forgets_what_was_cut() -> None:
    rig = Rig(Scripted(body=[*ANTHROPIC_EVENTS[:2], Wait.UNTIL_LEFT]))
    task = await start(rig.call(MESSAGES, STREAM, headers=KEY))
    await rig.gateway.close()
    await task
    store = rig.gateway.idempotency._store
    assert isinstance(store, MemoryIdempotency)
    assert len(store) == 0
    assert [entry.outcome for entry in rig.ledger.entries] == ["cut"]


async def test_a_gateway_that_has_patience_lets_what_is_under_way_come_to_its_end() -> None:
    """Though its client is away: it is paid for, and the client may come back to the next process."""
    rig = Rig(Scripted(body=[*ANTHROPIC_EVENTS[:2], Wait.UNTIL_LEFT, *ANTHROPIC_EVENTS[2:]]))
    call = rig.call(MESSAGES, STREAM, headers=KEY)
    task = await start(call)
    await asyncio.wait_for(call.waiting.wait(), 10)
    call.leave()
    await task
    closing = asyncio.ensure_future(rig.gateway.close(patience=30.0))
    await turns()
    assert not closing.done()
    rig.transport.answer_now()
    await closing
    assert (rig.entry.outcome, rig.gateway.idempotency.metrics.kept) == ("ok", 1)


async def test_what_does_not_end_in_time_is_ended() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE, before=Wait.FOR_EVER))
    rig.gateway.idempotency._grace = 0.01
    task = asyncio.ensure_future(rig.post(CHAT, WHOLE, KEY))
    await rig.transport.asked.wait()
    await rig.gateway.close()
    assert (await task).status == 500
    assert [entry.outcome for entry in rig.ledger.entries] == ["cut"]


def test_a_body_is_what_it_is_to_the_byte() -> None:
    assert msgspec.json.encode(WHOLE) != msgspec.json.encode(dict(reversed(WHOLE.items())))
