"""Streams after their first byte: how they may end, what the client sees of that, and what is booked."""

from __future__ import annotations

import asyncio

import pytest

from pointsman.errors import UpstreamMalformed, UpstreamTimeout, UpstreamUnreachable
from pointsman.http1 import iter_events
from tests.support.asgi import AsgiCall
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    ANTHROPIC_USAGE,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_USAGE,
)
from tests.support.stack import settings
from tests.support.upstream import Piece, Scripted, Wait

EVENTS = {OPENAI_MODEL: OPENAI_EVENTS, ANTHROPIC_MODEL: ANTHROPIC_EVENTS}
BEGUN = {OPENAI_MODEL: OPENAI_EVENTS[:3], ANTHROPIC_MODEL: ANTHROPIC_EVENTS[:4]}
"""Up to the midst of the text."""
REST = {OPENAI_MODEL: OPENAI_EVENTS[3:], ANTHROPIC_MODEL: ANTHROPIC_EVENTS[4:]}
WAYS = [(path, model) for path in (CHAT, MESSAGES) for model in EVENTS]
ORDERLY = UpstreamUnreachable("closed")
ORDERLY.seen_all = True
OVERLOADED = {
    OPENAI_MODEL: b'data: {"error":{"message":"Too much.","code":"server_is_overloaded"}}\n\n',
    ANTHROPIC_MODEL: b'event: error\ndata: {"type":"error","error":'
    b'{"type":"overloaded_error","message":"Too much."}}\n\n',
}


def errors_in(body: bytes) -> list[bytes]:
    """The error events of a stream, in either dialect; an error of OpenAI's has no name."""
    return [data for name, data in iter_events(body) if name == "error" or data.startswith(b'{"error"')]


def streaming(rig: Rig, path: str, model: str) -> AsgiCall:
    return rig.call(path, ask(model, stream=True))


ENDINGS: list[tuple[list[Piece], str]] = [
    ([], "stream_broken"),
    ([UpstreamUnreachable("reset")], "upstream_unreachable"),
    ([ORDERLY], "upstream_unreachable"),
    ([UpstreamTimeout("idle")], "upstream_timeout"),
    ([UpstreamMalformed("chunks")], "upstream_malformed"),
]


@pytest.mark.parametrize(("path", "model"), WAYS)
@pytest.mark.parametrize(("ending", "code"), ENDINGS)
async def test_a_stream_that_breaks_ends_with_one_error_event(
    path: str, model: str, ending: list[Piece], code: str
) -> None:
    begun = BEGUN[model]
    rig = Rig(Scripted(body=[*begun, *ending]))
    done = await streaming(rig, path, model).run()
    assert (done.status, done.complete) == (200, True)
    assert len(errors_in(done.body)) == 1
    assert list(iter_events(done.body))[-1][1] == errors_in(done.body)[0]
    if path == (CHAT if model == OPENAI_MODEL else MESSAGES):
        assert done.body.startswith(b"".join(begun)), "what had come is intact"
    entry = rig.entry
    assert (entry.status, entry.outcome, entry.error, entry.estimated) == (200, "broken", code, True)
    assert len(rig.transport.requests) == 1, "never again after the first byte"
    assert entry.usage is not None
    assert entry.usage.output >= 1


@pytest.mark.parametrize(("path", "model"), WAYS)
async def test_an_error_event_of_the_provider_passes_once(path: str, model: str) -> None:
    begun = BEGUN[model]
    rig = Rig(Scripted(body=[*begun, OVERLOADED[model], Wait.FOR_EVER]))
    done = await streaming(rig, path, model).run()
    (error,) = errors_in(done.body)
    assert b"Too much." in error
    assert rig.transport.responses[0].closed, "nobody reads on, so the connection must go"
    assert (rig.entry.outcome, rig.entry.estimated) == ("broken", True)
    assert len(rig.transport.requests) == 1


@pytest.mark.parametrize(("path", "model"), WAYS)
async def test_an_error_event_before_anything_else_is_an_error_with_a_status(path: str, model: str) -> None:
    """Nothing was sent yet, so another attempt can still take over, and here one does."""
    good = Scripted(body=list(EVENTS[model]))
    rig = Rig(Scripted(body=[OVERLOADED[model], Wait.FOR_EVER]), good)
    done = await streaming(rig, path, model).run()
    assert (done.status, errors_in(done.body)) == (200, [])
    assert [attempt.outcome for attempt in rig.entry.attempts] == ["error", "ok"]
    assert rig.transport.responses[0].closed


@pytest.mark.parametrize(("path", "model"), WAYS)
async def test_a_stream_is_whole_after_its_terminal_event_whatever_comes(path: str, model: str) -> None:
    rig = Rig(Scripted(body=[*EVENTS[model], UpstreamUnreachable("reset")]))
    done = await streaming(rig, path, model).run()
    assert errors_in(done.body) == []
    assert (rig.entry.outcome, rig.entry.estimated, rig.entry.error) == ("ok", False, "")


@pytest.mark.parametrize(("path", "model"), WAYS)
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
async def test_the_blank_line_behind_the_last_event_may_be_missing(path: str, model: str, end: bytes) -> None:
    *events, last = EVENTS[model]
    rig = Rig(Scripted(body=[*events, last.rstrip(b"\n") + end]))
    done = await streaming(rig, path, model).run()
    assert errors_in(done.body) == []
    assert done.body.endswith((b"\n\n", b"\n\r\n"))
    whole = await streaming(Rig(Scripted(body=list(EVENTS[model]))), path, model).run()
    assert len(list(iter_events(done.body))) == len(list(iter_events(whole.body)))
    assert (rig.entry.outcome, rig.entry.estimated, rig.entry.error) == ("ok", False, "")


@pytest.mark.parametrize(("path", "model"), WAYS)
async def test_a_last_event_that_was_cut_does_not_reach_the_client(path: str, model: str) -> None:
    last = EVENTS[model][-2].rstrip(b"\n")[:-1]
    rig = Rig(Scripted(body=[*BEGUN[model], last]))
    done = await streaming(rig, path, model).run()
    assert len(errors_in(done.body)) == 1
    assert last not in done.body
    assert (rig.entry.outcome, rig.entry.error) == ("broken", "stream_broken")


@pytest.mark.parametrize(("path", "model"), WAYS)
async def test_a_lone_error_without_its_blank_line_is_an_error_with_a_status(path: str, model: str) -> None:
    rig = Rig(*[Scripted(body=[OVERLOADED[model].rstrip(b"\n")]) for _ in range(3)])
    done = await streaming(rig, path, model).run()
    assert done.status in (503, 529)
    assert b"Too much." in done.body


# -- clients that leave


async def left_after_first_chunk(rig: Rig, path: str, model: str) -> AsgiCall:
    call = streaming(rig, path, model)
    running = asyncio.create_task(call.run())
    await call.first_chunk.wait()
    call.leave()
    await asyncio.wait_for(running, 10)
    return call


@pytest.mark.parametrize(("path", "model"), WAYS)
async def test_a_call_whose_end_was_in_flight_when_the_client_left_is_exact(path: str, model: str) -> None:
    rig = Rig(Scripted(body=[*BEGUN[model], Wait.UNTIL_LEFT, *REST[model]]))
    await left_after_first_chunk(rig, path, model)
    entry = rig.entry
    assert (entry.outcome, entry.estimated, entry.error) == ("cut", False, "")
    assert entry.usage == (OPENAI_USAGE if model == OPENAI_MODEL else ANTHROPIC_USAGE)


@pytest.mark.parametrize("cached", [False, True])
@pytest.mark.parametrize(("path", "model"), WAYS)
async def test_a_client_that_hangs_up_behind_the_last_event_has_the_answer(
    path: str, model: str, cached: bool
) -> None:
    """OpenAI's SDK closes the connection at ``[DONE]``, before the provider's body has ended."""
    body: list[Piece] = [b"".join([*BEGUN[model], *REST[model]]), Wait.UNTIL_LEFT]
    rig = Rig(Scripted(body=body), given=settings(cache={"enabled": cached, "sampled": True}))
    call = await left_after_first_chunk(rig, path, model)
    assert not errors_in(call.body)
    entry = rig.entry
    assert (entry.outcome, entry.estimated, entry.error) == ("ok", False, "")
    if cached:
        again = await streaming(rig, path, model).run()
        assert (again.headers["x-pointsman-cache"], again.body) == ("hit", call.body)


@pytest.mark.parametrize(("path", "model"), WAYS)
async def test_a_call_that_was_cut_is_estimated_from_what_went_by(path: str, model: str) -> None:
    rig = Rig(Scripted(body=[*BEGUN[model], Wait.UNTIL_LEFT, ORDERLY]))
    done = await left_after_first_chunk(rig, path, model)
    entry = rig.entry
    assert (entry.outcome, entry.estimated) == ("cut", True)
    assert errors_in(done.body) == [], "nobody is there to read it"
    assert entry.usage is not None
    if model == ANTHROPIC_MODEL:
        assert (entry.usage.input, entry.usage.cache_read) == (9, 3), "the provider had told the prompt"
    seen = 2 if model == OPENAI_MODEL else 1
    assert 1 <= entry.usage.output <= seen + 1, "nothing is added where all that was sent has been seen"


async def test_where_the_connection_had_to_be_closed_what_was_in_flight_is_added() -> None:
    rig = Rig(Scripted(body=[*BEGUN[ANTHROPIC_MODEL], Wait.UNTIL_LEFT, UpstreamUnreachable("closed by us")]))
    await left_after_first_chunk(rig, MESSAGES, ANTHROPIC_MODEL)
    assert rig.entry.usage is not None
    assert 8 < rig.entry.usage.output <= 100


@pytest.mark.parametrize(("path", "model"), WAYS)
async def test_a_stream_that_is_cancelled_is_booked_and_its_connection_closed(path: str, model: str) -> None:
    rig = Rig(Scripted(body=[*BEGUN[model], Wait.FOR_EVER]))
    call = streaming(rig, path, model)
    running = asyncio.create_task(call.run())
    await call.first_chunk.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert rig.transport.responses[0].closed
    assert (rig.entry.outcome, rig.entry.estimated) == ("cut", True)


@pytest.mark.parametrize("sends", [0, 1, 2])
async def test_a_server_that_cannot_send_loses_no_call(sends: int) -> None:
    """Some servers raise where the client has gone, even before the stream's first byte."""
    rig = Rig(Scripted(body=[*ANTHROPIC_EVENTS]))
    call = streaming(rig, MESSAGES, ANTHROPIC_MODEL)
    scope, receive, left = call.scope, call.receive, sends

    async def send(_: object) -> None:
        nonlocal left
        if not left:
            raise OSError("gone")
        left -= 1

    with pytest.raises(OSError, match="gone"):
        await rig.gateway.app(scope, receive, send)
    assert rig.transport.responses[0].closed
    assert (rig.entry.outcome, rig.entry.estimated) == ("cut", True)
    assert len(rig.ledger.entries) == 1


async def test_a_bug_in_the_midst_of_a_stream_is_told_without_details(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rig = Rig(Scripted(body=[*OPENAI_EVENTS[:2], ZeroDivisionError("the secret inside")]))
    done = await streaming(rig, CHAT, OPENAI_MODEL).run()
    (error,) = errors_in(done.body)
    assert rig.entry.request_id.encode() in error
    assert b"secret" not in error
    assert "the secret inside" in caplog.text
    assert (rig.entry.outcome, rig.entry.error) == ("broken", "internal_error")
    assert rig.transport.responses[0].closed
