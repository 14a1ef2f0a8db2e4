"""Streams that a client comes back to by the id of its last event: where they go on, and what is refused."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.gateway.build import FrontDoor
from pointsman.gateway.resume.resumable import named
from pointsman.keys import KeyDirectory
from tests.support.asgi import AsgiCall
from tests.support.event_ids import events_of, ids_of, without_ids
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_WHOLE,
)
from tests.support.some_keys import a_key, stored
from tests.support.stack import settings
from tests.support.upstream import Piece, Scripted, Wait

WISH = {"x-pointsman-resumable": "true"}
KEY = {"idempotency-key": "one"}
STREAM = ask(ANTHROPIC_MODEL, stream=True)
EVENTS = b"".join(ANTHROPIC_EVENTS)
COUNT = len(ANTHROPIC_EVENTS)


def behind(ident: str, more: dict[str, str] | None = None) -> dict[str, str]:
    return {"last-event-id": ident} | (more or {})


async def start(call: AsgiCall, events: int) -> asyncio.Task[AsgiCall]:
    """A call whose client has so many events."""
    task = asyncio.ensure_future(call.run())
    await asyncio.wait_for(call.events(events), 10)
    return task


async def leave(call: AsgiCall, task: asyncio.Task[AsgiCall]) -> None:
    await asyncio.wait_for(call.waiting.wait(), 10)
    call.leave()
    await task


def with_pause(cut: int) -> Scripted:
    script: list[Piece] = [*ANTHROPIC_EVENTS[:cut], Wait.UNTIL_LEFT, *ANTHROPIC_EVENTS[cut:]]
    return Scripted(body=script)


async def whole(rig: Rig, request_id: str) -> bytes:
    return (await rig.get(f"/v1/requests/{request_id}/stream")).body


# -- what is resumable


@pytest.mark.parametrize(
    ("always", "headers", "has_ids"),
    [
        (False, {}, False),
        (False, WISH, True),
        (False, {"x-pointsman-resumable": " TRUE "}, True),
        (False, {"x-pointsman-resumable": "false"}, False),
        (False, KEY, True),
        (True, {}, True),
        (True, {"x-pointsman-resumable": "false"}, False),
    ],
)
async def test_which_streams_have_ids(always: bool, headers: dict[str, str], has_ids: bool) -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS), given=settings(streams={"resumable": always}))
    done = await rig.post(MESSAGES, STREAM, headers)
    assert ("x-pointsman-resumable" in done.headers) is has_ids
    assert without_ids(done.body) == EVENTS
    request_id = done.headers["x-request-id"]
    assert ids_of(done.body) == ([f"{request_id}:{n}" for n in range(1, COUNT + 1)] if has_ids else [])
    assert rig.entry.request_id == request_id


@pytest.mark.parametrize(
    "body", [ask(OPENAI_MODEL), ask(OPENAI_MODEL, prompt="stream"), b'{"stream": 1}', b"{"]
)
async def test_what_is_no_stream_is_left_alone(body: Any) -> None:
    rig = Rig(otherwise=Scripted(body=OPENAI_WHOLE), given=settings(streams={"resumable": True}))
    done = await rig.post(CHAT, body)
    plain = await rig.post(CHAT, body, {"x-pointsman-resumable": "false"})
    assert (done.status, "x-pointsman-resumable" in done.headers) == (plain.status, False)
    assert rig.gateway.streams.metrics.begun == 0


async def test_a_wish_that_cannot_be_read_is_refused() -> None:
    rig = Rig()
    done = await rig.post(MESSAGES, STREAM, {"x-pointsman-resumable": "yes"})
    assert (done.status, "true or false" in done.json()["error"]["message"]) == (400, True)


async def test_an_error_instead_of_a_stream_is_an_error() -> None:
    rig = Rig(Scripted(400, b'{"error":{"message":"No."}}'))
    done = await rig.post(MESSAGES, STREAM, WISH)
    assert (done.status, rig.entry.outcome) == (400, "error")
    assert rig.gateway.streams.metrics.kept() == rig.gateway.streams.metrics.held() == 0


# -- the rest


@pytest.mark.parametrize("more", [WISH, KEY], ids=["wish", "key"])
@pytest.mark.parametrize("events", [ANTHROPIC_EVENTS, OPENAI_EVENTS], ids=["anthropic", "openai"])
@pytest.mark.parametrize("path", [MESSAGES, CHAT])
async def test_after_the_end_the_rest_of_each_event(
    more: dict[str, str], events: tuple[bytes, ...], path: str
) -> None:
    """In either dialect, same or translated, all at once and in one piece or many."""
    model = ANTHROPIC_MODEL if events is ANTHROPIC_EVENTS else OPENAI_MODEL
    rig = Rig(Scripted(body=events))
    first = await rig.post(path, ask(model, stream=True), more)
    had = events_of(first.body)
    for number, ident in enumerate(ids_of(first.body), start=1):
        back = await rig.post(path, ask(model, stream=True), behind(ident, more))
        assert b"".join(had[:number]) + back.body == first.body
        assert back.headers["x-request-id"] == first.headers["x-request-id"]
        assert back.headers["content-type"] == first.headers["content-type"]
    assert (len(rig.transport.requests), len(rig.ledger.entries)) == (1, 1)
    counted = rig.gateway.streams.metrics.resumed
    assert counted == {"ended": len(had)}


@pytest.mark.parametrize("more", [WISH, KEY], ids=["wish", "key"])
@pytest.mark.parametrize("cut", range(1, COUNT))
async def test_while_it_runs_the_rest_and_then_the_live_part(more: dict[str, str], cut: int) -> None:
    """Who is cut comes back at once, again and again, and two at a time."""
    rig = Rig(with_pause(cut))
    first = rig.call(MESSAGES, STREAM, headers=more)
    task = await start(first, cut)
    ids, had = ids_of(first.body), events_of(first.body)
    assert len(ids) == cut
    await leave(first, task)
    for number, ident in enumerate(ids, start=1):
        again = rig.call(MESSAGES, STREAM, headers=behind(ident, more))
        task = await start(again, cut - number)
        assert b"".join(had[:number]) + again.body == first.body
        if number < cut:
            await leave(again, task)
        else:
            await asyncio.wait_for(again.waiting.wait(), 10)
    other = rig.call(MESSAGES, STREAM, headers=behind(ids[0], more))
    other_task = await start(other, cut - 1)
    rig.transport.answer_now()
    await asyncio.gather(task, other_task)
    assert without_ids(first.body + again.body) == EVENTS
    assert had[0] + other.body == first.body + again.body
    assert (rig.entry.outcome, len(rig.transport.requests)) == ("ok", 1)
    assert rig.gateway.streams.metrics.resumed == {"live": cut + 1}


@pytest.mark.parametrize("size", [1, 7, 300])
async def test_however_the_provider_cuts_its_bytes(size: int) -> None:
    """And ends its lines: each event has one id, and nothing else of it is changed."""
    events = EVENTS.replace(b"\n", b"\r\n")
    rig = Rig(otherwise=Scripted(body=[events[at : at + size] for at in range(0, len(events), size)]))
    first = await rig.post(MESSAGES, STREAM, WISH)
    plain = await rig.post(MESSAGES, STREAM)
    assert without_ids(first.body) == plain.body
    assert plain.body.startswith(events[:-1])
    ids = ids_of(first.body)
    assert len(ids) == COUNT
    for number, ident in enumerate(ids):
        back = await rig.post(MESSAGES, STREAM, behind(ident))
        assert first.body.endswith(back.body)
        assert ids_of(back.body) == ids[number + 1 :]


async def test_comments_bear_no_ids_and_are_not_lost_behind_one() -> None:
    events = [b": queued\n\n", OPENAI_EVENTS[0], b": alive\n\n", *OPENAI_EVENTS[1:]]
    rig = Rig(Scripted(body=events))
    first = await rig.post(CHAT, ask(OPENAI_MODEL, stream=True), WISH)
    assert first.body.startswith(b": queued\n\nid: ")
    ids = ids_of(first.body)
    assert len(ids) == len(OPENAI_EVENTS) - 1  # that of the usage, which was not asked for
    back = await rig.post(CHAT, ask(OPENAI_MODEL, stream=True), behind(ids[0]))
    assert back.body.startswith(b": alive\nid: ")
    assert first.body.endswith(back.body)


async def test_a_stream_that_broke_is_resumed_to_its_error() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS[:4]))
    first = await rig.post(MESSAGES, STREAM, WISH)
    ids = ids_of(first.body)
    assert b"event: error" in events_of(first.body)[-1]
    for number, ident in enumerate(ids, start=1):
        back = await rig.post(MESSAGES, STREAM, behind(ident))
        assert b"".join(events_of(first.body)[:number]) + back.body == first.body
    assert len(rig.transport.requests) == 1


# -- by the request's id


async def test_a_browser_gets_the_rest_by_the_requests_id_and_is_told_when_there_is_no_more() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS))
    first = await rig.post(MESSAGES, STREAM, WISH)
    path = f"/v1/requests/{first.headers['x-request-id']}/stream"
    had, ids = events_of(first.body), ids_of(first.body)
    assert (await rig.get(path)).body == first.body
    for number, ident in enumerate(ids[:-1], start=1):
        back = await rig.get(f"{path}?starting_after={number}")
        assert b"".join(had[:number]) + back.body == first.body
        back = await rig.get(f"{path}?starting_after=1", behind(ident))
        assert b"".join(had[:number]) + back.body == first.body
        assert back.headers["content-type"].startswith("text/event-stream")
    end = await rig.get(path, behind(ids[-1]))
    assert (end.status, end.body, end.complete) == (204, b"", True)
    assert (await rig.get(f"{path}?starting_after={COUNT}")).status == 204
    assert (await rig.get(f"{path}?starting_after={COUNT + 1}")).status == 400
    assert "content-length" not in end.headers
    assert (await rig.get(path.removesuffix("/stream"))).json()["id"] == first.headers["x-request-id"]


async def test_a_stream_under_a_key_is_not_found_by_its_id_and_its_404_says_what_is() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS))
    first = await rig.post(MESSAGES, STREAM, KEY)
    last = ids_of(first.body)[0]
    done = await rig.get(f"/v1/requests/{first.headers['x-request-id']}/stream", behind(last))
    assert done.status == 404
    said = done.json()["error"]["message"]
    assert "with an Idempotency-Key, send that request again, with the same key and body and" in said
    back = await rig.post(MESSAGES, STREAM, behind(last, KEY))
    assert events_of(first.body)[0] + back.body == first.body


async def test_a_client_that_will_not_come_back_can_say_so() -> None:
    rig = Rig(with_pause(3), Scripted(body=ANTHROPIC_EVENTS))
    call = rig.call(MESSAGES, STREAM, headers=WISH)
    task = await start(call, 3)
    request_id = call.headers["x-request-id"]
    path = f"/v1/requests/{request_id}/stream"
    gone = await rig.call(path, method="DELETE").run()
    assert gone.status == 204
    await task
    assert [entry.outcome for entry in rig.ledger.entries] == ["cut"]
    assert (await rig.get(path)).status == 404
    done = await rig.post(MESSAGES, STREAM, WISH)
    path = f"/v1/requests/{done.headers['x-request-id']}/stream"
    assert [(await rig.call(path, method="DELETE").run()).status for _ in range(2)] == [204, 404]
    assert (await rig.call("/v1/requests/req_1", method="DELETE").run()).status == 405
    assert rig.gateway.streams.metrics.held() == 0


@pytest.mark.parametrize(
    ("path", "expected"),
    [("/v1/requests/req_1/stream", "req_1"), ("/v1/requests/req_1", ""), ("/v1/requests/stream", "")],
)
def test_which_request_a_path_names(path: str, expected: str) -> None:
    assert named(path) == expected


# -- refusals


@pytest.mark.parametrize("more", [{}, KEY], ids=["wish", "key"])
@pytest.mark.parametrize(
    ("ident", "status", "code"),
    [
        ("17", 400, "invalid_last_event_id"),
        ("{id}:1x", 400, "invalid_last_event_id"),
        ("{id}:é", 400, "invalid_last_event_id"),
        ("{id}:1" + 9_000 * "0", 400, "invalid_last_event_id"),
        ("{id}:99", 400, "invalid_last_event_id"),
        ("req_0:1", None, None),
    ],
)
async def test_an_id_that_cannot_be_resumed_behind(
    more: dict[str, str], ident: str, status: int | None, code: str | None
) -> None:
    rig = Rig(Scripted(body=OPENAI_EVENTS))
    body = ask(OPENAI_MODEL, stream=True)
    first = await rig.post(CHAT, body, more or WISH)
    back = await rig.post(CHAT, body, behind(ident.format(id=first.headers["x-request-id"]), more))
    if status is None:
        status, code = (409, "event_id_of_another_stream") if more else (404, "stream_not_found")
    assert (back.status, back.json()["error"]["code"]) == (status, code)
    assert back.headers["x-should-retry"] == "false"
    assert (len(rig.transport.requests), len(rig.ledger.entries)) == (1, 1)


async def test_another_body_is_refused_and_so_is_another_request_of_the_path() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS))
    first = await rig.post(MESSAGES, STREAM, WISH)
    ident = ids_of(first.body)[0]
    for path, body in ((MESSAGES, ask(ANTHROPIC_MODEL, "Else?", stream=True)), (CHAT, STREAM)):
        back = await rig.post(path, body, behind(ident))
        assert back.status == 409
        assert "or leave the header out" in str(back.json())
    other = await rig.get(f"/v1/requests/{first.headers['x-request-id']}/stream", behind("req_1:1"))
    assert other.status == 409
    assert rig.gateway.streams.metrics.resumed == {"other_stream": 3}


@pytest.mark.parametrize("more", [{}, KEY], ids=["wish", "key"])
@pytest.mark.parametrize("path", [MESSAGES, CHAT])
async def test_what_was_never_there_is_told_in_the_dialect_and_asks_nobody(
    more: dict[str, str], path: str
) -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS))
    back = await rig.post(path, STREAM, behind("req_1:3", more))
    said = back.json()
    assert back.status == 404
    assert ("type" in said) is (path == MESSAGES)
    assert "without Last-Event-ID" in said["error"]["message"]
    assert not rig.transport.requests
    assert (await rig.post(path, STREAM, more)).status == 200  # nothing is left of it
    assert rig.gateway.streams.metrics.resumed == {"gone": 1}


async def test_an_empty_id_is_as_none() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS))
    assert (await rig.post(MESSAGES, STREAM, behind(""))).body == EVENTS


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_somebody_elses_stream_is_as_unknown_as_none(method: str) -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS), door=FrontDoor(KeyDirectory([stored(1), stored(2)])))
    mine, theirs = ({"authorization": f"Bearer {a_key(number)}"} for number in (1, 2))
    first = await rig.post(MESSAGES, STREAM, WISH | mine)
    ident = ids_of(first.body)[0]
    path = MESSAGES if method == "POST" else f"/v1/requests/{first.headers['x-request-id']}/stream"
    body = STREAM if method == "POST" else None
    for who, status in ((theirs, 404), (mine, 204 if method == "DELETE" else 200)):
        done = await rig.call(path, body, method=method, headers=behind(ident, who)).run()
        assert done.status == status


# -- who does not come back


async def test_what_nobody_comes_back_for_is_given_up_and_booked() -> None:
    rig = Rig(with_pause(3), given=settings(streams={"linger": 0}))
    call = rig.call(MESSAGES, STREAM, headers=WISH)
    await leave(call, await start(call, 3))
    await rig.ledger.has(1)
    assert rig.entry.outcome == "cut"
    back = await rig.post(MESSAGES, STREAM, behind(ids_of(call.body)[0]))
    assert back.status == 404
    assert rig.gateway.streams.metrics.fates == {"given_up": 1}
    assert rig.gateway.streams.metrics.kept() == rig.gateway.streams.metrics.held() == 0


async def test_who_leaves_before_the_head_cannot_know_the_id_and_ends_it() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS, before=Wait.UNTIL_LEFT))
    call = rig.call(MESSAGES, STREAM, headers=WISH)
    task = asyncio.ensure_future(call.run())
    await rig.transport.asked.wait()
    await leave(call, task)
    await rig.ledger.has(1)
    assert rig.entry.outcome == "cut"


async def test_a_gateway_that_is_closed_gives_up_what_is_under_way() -> None:
    rig = Rig(with_pause(3))
    task = await start(rig.call(MESSAGES, STREAM, headers=WISH), 3)
    await rig.gateway.close()
    await task
    assert rig.entry.outcome == "cut"
    assert rig.gateway.streams.metrics.held() == 0
