"""The journey where providers fail before a first byte: what is tried again, what is told, what is booked."""

from __future__ import annotations

import asyncio
import logging
from typing import Any

import anthropic
import httpx2
import openai
import pytest

from pointsman.dialects.openai_chat import OPENAI_CHAT
from pointsman.errors import InvalidRequest, UpstreamMalformed, UpstreamTimeout, UpstreamUnreachable
from tests.support.asgi import AsgiCall
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_WHOLE,
    anthropic_error,
    openai_error,
)
from tests.support.stack import settings
from tests.support.upstream import Scripted, Step, Wait

KEY = "hs_simulated_key_that_opens_nothing"
BUSY = openai_error(429, retry_after="3")
GOOD = Scripted(body=OPENAI_WHOLE)


def sdk_error(done: AsgiCall) -> openai.APIStatusError | anthropic.APIStatusError:
    """What the official SDK makes of an error answer."""
    face = OPENAI_CHAT.path if b'"type":"error"' not in done.body else "/v1/messages"
    request = httpx2.Request("POST", f"http://gateway{face}")
    response = httpx2.Response(done.status, headers=done.headers, content=done.body, request=request)
    maker: Any = (openai.OpenAI if face == OPENAI_CHAT.path else anthropic.Anthropic)(api_key="k")
    with maker:
        error: openai.APIStatusError | anthropic.APIStatusError = maker._make_status_error_from_response(
            response
        )
    return error


RETRIED: list[tuple[Step, int, str, bool]] = [
    (BUSY, 429, "rate_limit_exceeded", False),
    (openai_error(500), 500, "upstream_unavailable", False),
    (openai_error(503), 503, "upstream_unavailable", False),
    (Scripted(529, b"<html>"), 529, "upstream_unavailable", False),
    (UpstreamUnreachable("no way", sent=False), 0, "upstream_unreachable", False),
    (UpstreamUnreachable("reset", sent=True), 0, "upstream_unreachable", True),
    (UpstreamTimeout("slow", sent=True), 0, "upstream_timeout", True),
    (UpstreamTimeout("slow", sent=False), 0, "upstream_timeout", False),
]


@pytest.mark.parametrize(("step", "status", "code", "billed"), RETRIED)
async def test_what_may_pass_is_tried_again_and_both_calls_are_booked(
    step: Step, status: int, code: str, billed: bool
) -> None:
    rig = Rig(step, GOOD)
    done = await rig.post(CHAT, ask(OPENAI_MODEL))
    assert (done.status, done.body) == (200, OPENAI_WHOLE)
    assert done.headers["x-pointsman-attempts"] == "2"
    entry = rig.entry
    first, second = entry.attempts
    assert (first.number, first.status, first.outcome, first.error) == (1, status, "error", code)
    assert first.cost is not None
    assert (first.cost > 0, first.estimated) == (billed, billed)
    assert (second.number, second.status, second.outcome, second.estimated) == (2, 200, "ok", False)
    assert entry.cost == first.cost + (second.cost or 0)
    assert (entry.estimated, entry.outcome, entry.error) == (billed, "ok", "")
    ids = [dict(request.headers)["x-client-request-id"] for request in rig.transport.requests]
    assert ids == [f"{entry.request_id}-1", f"{entry.request_id}-2"]


NOT_RETRIED: list[tuple[Step, int, str]] = [
    (openai_error(400, "No.", "bad_value"), 400, "bad_value"),
    (openai_error(404, "No such model.", "model_not_found"), 404, "model_not_found"),
    (openai_error(422), 422, "upstream_rejected"),
    (openai_error(400, "maximum context length", "context_length_exceeded"), 400, "context_length_exceeded"),
    (openai_error(429, "Pay.", "insufficient_quota"), 429, "insufficient_quota"),
    (Scripted(body=b"<html>"), 502, "upstream_malformed"),
    (Scripted(body=b'{"a":' * 10_000), 502, "upstream_malformed"),
    (UpstreamMalformed("not HTTP"), 502, "upstream_malformed"),
]


@pytest.mark.parametrize("model", [OPENAI_MODEL, "openai/unknown"])
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize(("step", "status", "code"), NOT_RETRIED)
async def test_what_cannot_pass_is_told_at_once(
    step: Step, status: int, code: str, path: str, model: str
) -> None:
    rig = Rig(step)
    done = await rig.post(path, ask(model))
    assert (done.status, len(rig.transport.requests)) == (status, 1)
    assert done.headers["x-should-retry"] == "false"
    assert done.headers["x-pointsman-attempts"] == "1"
    entry = rig.entry
    assert (entry.status, entry.outcome, entry.error) == (status, "error", code)
    (attempt,) = entry.attempts
    assert (attempt.outcome, attempt.error) == ("error", code)
    if isinstance(step, Scripted) and step.status >= 400:
        assert (attempt.status, attempt.cost, attempt.estimated) == (step.status, 0, False)
    assert sdk_error(done).status_code == status


async def test_the_wait_is_the_providers_or_grows() -> None:
    rig = Rig(BUSY, openai_error(500), GOOD, given=settings(retries={"base_delay": 1.0, "max_delay": 8.0}))
    await rig.post(CHAT, ask(OPENAI_MODEL))
    assert rig.waits == [3.5, 1.0]
    assert rig.entry.latency_us == 4_500_000


async def test_a_provider_that_asks_for_too_long_a_wait_is_not_waited_for() -> None:
    rig = Rig(openai_error(429, retry_after="600"))
    done = await rig.post(CHAT, ask(OPENAI_MODEL))
    assert (done.status, rig.waits, len(rig.transport.requests)) == (429, [], 1)
    assert int(done.headers["retry-after"]) >= 600
    assert "x-should-retry" not in done.headers, "a client may come back when the time is over"


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
async def test_after_the_last_attempt_the_last_error_is_told_in_the_callers_dialect(path: str) -> None:
    rig = Rig(*[anthropic_error(529)] * 3)
    done = await rig.post(path, ask(ANTHROPIC_MODEL))
    entry = rig.entry
    assert (done.status, len(entry.attempts), entry.cost) == (529, 3, 0)
    assert done.headers["x-pointsman-attempts"] == "3"
    assert done.headers["x-should-retry"] == "false", "ours are spent: the SDK's own would multiply them"
    assert done.headers["x-request-id"] == done.headers["request-id"] == entry.request_id
    error = sdk_error(done)
    assert error.request_id == entry.request_id
    assert isinstance(error, openai.InternalServerError if path == CHAT else anthropic.OverloadedError)
    if path == MESSAGES:
        assert done.json()["request_id"] == entry.request_id


@pytest.mark.parametrize(("path", "model"), [(CHAT, OPENAI_MODEL), (MESSAGES, ANTHROPIC_MODEL)])
@pytest.mark.parametrize("status", [401, 403])
async def test_a_refused_key_is_ours_to_mend_and_no_part_of_it_is_told(
    path: str, model: str, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    told = f"Incorrect API key provided: {KEY[:8]}*****{KEY[-4:]}; you sent {KEY}."
    step = (
        openai_error(status, told) if path == CHAT else anthropic_error(status, told, "authentication_error")
    )
    rig = Rig(step)
    with caplog.at_level(logging.DEBUG):
        done = await rig.post(path, ask(model))
    assert (done.status, rig.entry.error) == (502, "upstream_credentials")
    shown = f"{done.body!r}{done.headers}{caplog.text}{rig.entry}"
    assert not [part for part in (KEY, KEY[:8], KEY[-4:] + ".") if part in shown]


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("path", "model", "events"),
    [(CHAT, OPENAI_MODEL, OPENAI_EVENTS), (MESSAGES, ANTHROPIC_MODEL, ANTHROPIC_EVENTS)],
)
async def test_a_stream_that_fails_before_its_first_event_is_tried_again(
    path: str, model: str, events: tuple[bytes, ...], stream: bool
) -> None:
    """Nothing has reached the client: it need not know."""
    broken: list[Step] = [
        Scripted(body=[events[0][:20], UpstreamUnreachable("reset")]),
        Scripted(body=[UpstreamTimeout("slow")]),
    ]
    good = Scripted(body=list(events)) if stream else Scripted(body=OPENAI_WHOLE)
    rig = Rig(*broken, good)
    if not stream:
        path, model = CHAT, OPENAI_MODEL
    done = await rig.post(path, ask(model, stream=stream))
    assert (done.status, done.headers["x-pointsman-attempts"]) == (200, "3")
    assert [attempt.outcome for attempt in rig.entry.attempts] == ["error", "error", "ok"]
    assert [attempt.estimated for attempt in rig.entry.attempts] == [True, True, False]


async def test_a_provider_that_closes_before_the_first_event_of_a_stream_is_an_error() -> None:
    rig = Rig(otherwise=Scripted(body=[]))
    done = await rig.post(CHAT, ask(OPENAI_MODEL, stream=True))
    assert (done.status, done.json()["error"]["code"]) == (502, "stream_broken")
    assert (rig.entry.outcome, len(rig.entry.attempts)) == ("error", 3), "nothing of it was seen, so it may"


async def test_a_stream_that_is_none_is_an_error() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE))
    done = await rig.post(CHAT, ask(OPENAI_MODEL, stream=True))
    assert (done.status, done.json()["error"]["code"]) == (502, "upstream_malformed")


async def test_no_attempt_follows_when_the_client_has_gone_meanwhile() -> None:
    rig = Rig(Scripted(before=Wait.UNTIL_LEFT, status=503), GOOD)
    call = rig.call(CHAT, ask(OPENAI_MODEL))
    running = asyncio.create_task(call.run())
    await rig.transport.asked.wait()
    call.leave()
    await running
    assert (len(rig.transport.requests), rig.entry.outcome) == (1, "cut")


# -- bugs and cancellation


class Bug(Exception):
    pass


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", [CHAT, MESSAGES])
async def test_a_bug_of_ours_is_a_clean_500_and_its_traceback_is_for_the_log(
    path: str, stream: bool, caplog: pytest.LogCaptureFixture
) -> None:
    rig = Rig(Bug("the secret inside"))
    done = await rig.post(path, ask(OPENAI_MODEL, stream=stream))
    entry = rig.entry
    assert (done.status, done.headers["x-request-id"]) == (500, entry.request_id)
    assert entry.request_id in sdk_error(done).message
    assert b"secret inside" not in done.body
    assert b"Traceback" not in done.body
    assert (entry.status, entry.outcome, entry.error) == (500, "error", "internal_error")
    assert (entry.attempts[0].outcome, entry.attempts[0].estimated) == ("error", True)
    assert [record.exc_info is not None for record in caplog.records] == [True]
    assert entry.request_id in caplog.text
    assert "the secret inside" in caplog.text


@pytest.mark.parametrize("stream", [False, True])
async def test_a_call_that_is_cancelled_is_booked_as_an_estimate(stream: bool) -> None:
    rig = Rig(Scripted(before=Wait.FOR_EVER))
    running = asyncio.create_task(rig.call(CHAT, ask(OPENAI_MODEL, stream=stream)).run())
    await rig.transport.asked.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    entry = rig.entry
    assert (entry.outcome, entry.status, entry.estimated) == ("cut", 499, True)
    assert entry.attempts[0].outcome == "cut"
    assert entry.usage is not None
    assert entry.usage.input > 0
    assert entry.usage.output == 100, "all that it could have answered"


async def test_a_call_that_is_cancelled_between_two_attempts_is_booked_too() -> None:
    rig = Rig(UpstreamTimeout("slow"), GOOD, waiting_for_ever=True)
    running = asyncio.create_task(rig.call(CHAT, ask(OPENAI_MODEL)).run())
    await rig.waits_now.wait()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    entry = rig.entry
    assert (entry.outcome, entry.status, len(entry.attempts)) == ("cut", 499, 1)
    assert entry.cost == entry.attempts[0].cost


async def test_a_request_that_cannot_be_sent_costs_nothing() -> None:
    rig = Rig(InvalidRequest("A header contains a line break."))
    done = await rig.post(CHAT, ask(OPENAI_MODEL))
    assert (done.status, rig.entry.cost, rig.entry.estimated) == (400, 0, False)
