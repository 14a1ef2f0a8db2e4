"""Safety refusals that are answers: with ``on_refusal = "next"`` another model is asked first."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from pointsman.chat import Refusal, Response, Stop, Text
from pointsman.errors import UpstreamUnreachable
from pointsman.gateway.call.refusal import body_refuses, moves_on, refuses
from pointsman.gateway.call.values import Plan
from pointsman.http1 import iter_events
from pointsman.resilience import RetryPolicy
from tests.support.gateway import CHAT, MESSAGES, Rig, a_route, ask
from tests.support.provider_bytes import (
    ANTHROPIC_EVENTS,
    ANTHROPIC_MODEL,
    ANTHROPIC_WHOLE,
    OPENAI_EVENTS,
    OPENAI_MODEL,
    OPENAI_WHOLE,
    anthropic_error,
    openai_error,
)
from tests.support.stack import settings
from tests.support.upstream import Scripted, Wait
from tests.support.virtual_time import run_virtual

OTHER = "claude-sonnet-4-5"
ANTHROPIC_REFUSAL = ANTHROPIC_WHOLE.replace(b'"Because."', b'"No."').replace(b"end_turn", b"refusal")
OPENAI_FILTERED = OPENAI_WHOLE.replace(b'"Because."', b"null").replace(b'"stop"', b'"content_filter"')
OPENAI_REFUSAL = OPENAI_WHOLE.replace(b'"content":"Because."', b'"content":null,"refusal":"No."')
REFUSED_STREAMS = {
    ANTHROPIC_MODEL: [
        ANTHROPIC_EVENTS[0],
        b'event: message_delta\ndata: {"type":"message_delta","delta":{"stop_reason":"refusal",'
        b'"stop_details":{"explanation":"No."}},"usage":{"output_tokens":5}}\n\n',
        ANTHROPIC_EVENTS[-1],
    ],
    OPENAI_MODEL: [
        OPENAI_EVENTS[0],
        OPENAI_EVENTS[1].replace(b'{"content":"Because"}', b'{"refusal":"No."}'),
        *OPENAI_EVENTS[3:],
    ],
}
WHOLE_REFUSALS = {ANTHROPIC_MODEL: ANTHROPIC_REFUSAL, OPENAI_MODEL: OPENAI_FILTERED}
GOOD = {ANTHROPIC_MODEL: ANTHROPIC_WHOLE, OPENAI_MODEL: OPENAI_WHOLE}
GOOD_STREAMS = {ANTHROPIC_MODEL: list(ANTHROPIC_EVENTS), OPENAI_MODEL: list(OPENAI_EVENTS)}


def rig(*steps: Any, models: tuple[str, ...], on_refusal: str = "next") -> Rig:
    first, *others = models
    route = {"fallbacks": others, "on_refusal": on_refusal}
    return Rig(*steps, given=settings(routes={first: route}))


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("first", "second"), [(ANTHROPIC_MODEL, OPENAI_MODEL), (OPENAI_MODEL, ANTHROPIC_MODEL)]
)
async def test_a_refusal_moves_on_and_is_booked_as_used(
    path: str, first: str, second: str, stream: bool
) -> None:
    refusals, good = (REFUSED_STREAMS, GOOD_STREAMS) if stream else (WHOLE_REFUSALS, GOOD)
    gateway = rig(Scripted(body=refusals[first]), Scripted(body=good[second]), models=(first, second))
    done = await gateway.post(path, ask(first, stream=stream))
    assert (done.status, done.headers["x-pointsman-model"]) == (200, second)
    assert b"Because" in done.body
    assert b"No." not in done.body
    entry = gateway.entry
    assert (entry.outcome, entry.model, entry.estimated) == ("ok", second, False)
    refused, answered = entry.attempts
    assert (refused.status, refused.outcome, refused.error) == (200, "error", "safety_refusal")
    assert refused.usage is not None
    assert (refused.usage.prompt, refused.usage.output) == (12, 5)
    assert refused.cost is not None and answered.cost is not None
    assert entry.cost == refused.cost + answered.cost > refused.cost > 0


@pytest.mark.parametrize("stream", [False, True])
async def test_if_all_refuse_the_last_refusal_is_the_answer_to_the_byte(stream: bool) -> None:
    body: Any = REFUSED_STREAMS[ANTHROPIC_MODEL] if stream else ANTHROPIC_REFUSAL
    last: Any = [piece.replace(b"msg_1", b"msg_2") for piece in body] if stream else body + b"\n"
    gateway = rig(Scripted(body=body), Scripted(body=last), models=(ANTHROPIC_MODEL, OTHER))
    done = await gateway.post(MESSAGES, ask(ANTHROPIC_MODEL, stream=stream))
    assert (done.status, done.body) == (200, b"".join(last) if stream else last)
    assert done.headers["x-pointsman-attempts"] == "2"
    assert done.headers["content-type"].startswith("text/event-stream" if stream else "application/json")
    assert "x-should-retry" not in done.headers
    entry = gateway.entry
    assert (entry.outcome, entry.error, entry.model) == ("ok", "", OTHER)
    assert [attempt.outcome for attempt in entry.attempts] == ["error", "ok"]


@pytest.mark.parametrize(
    "failure", [anthropic_error(400, "No.", "invalid_request_error"), anthropic_error(529)]
)
async def test_a_refusal_is_better_than_an_error_of_who_was_asked_next(failure: Scripted) -> None:
    gateway = rig(Scripted(body=ANTHROPIC_REFUSAL), failure, failure, models=(ANTHROPIC_MODEL, OTHER))
    done = await gateway.post(MESSAGES, ask(ANTHROPIC_MODEL))
    assert (done.status, done.body) == (200, ANTHROPIC_REFUSAL)
    entry = gateway.entry
    assert (entry.outcome, entry.model, entry.error) == ("ok", ANTHROPIC_MODEL, "")
    assert entry.attempts[0].outcome == "ok"


@pytest.mark.parametrize("on_refusal", ["stay", "next"])
@pytest.mark.parametrize("stream", [False, True])
async def test_without_another_model_nothing_changes(on_refusal: str, stream: bool) -> None:
    body: Any = REFUSED_STREAMS[ANTHROPIC_MODEL] if stream else ANTHROPIC_REFUSAL
    gateway = rig(Scripted(body=body), models=(ANTHROPIC_MODEL,), on_refusal=on_refusal)
    done = await gateway.post(MESSAGES, ask(ANTHROPIC_MODEL, stream=stream))
    assert (done.status, done.body) == (200, b"".join(body) if stream else body)
    assert (gateway.entry.outcome, gateway.entry.attempts[0].outcome) == ("ok", "ok")


async def test_a_refusal_stays_where_it_shall() -> None:
    gateway = rig(Scripted(body=ANTHROPIC_REFUSAL), models=(ANTHROPIC_MODEL, OTHER), on_refusal="stay")
    done = await gateway.post(MESSAGES, ask(ANTHROPIC_MODEL))
    assert (done.body, len(gateway.transport.requests)) == (ANTHROPIC_REFUSAL, 1)


async def test_what_the_provider_refuses_by_an_error_moves_on_too() -> None:
    filtered = openai_error(400, "The request was filtered.", "content_filter")
    gateway = rig(filtered, Scripted(body=ANTHROPIC_WHOLE), models=(OPENAI_MODEL, ANTHROPIC_MODEL))
    done = await gateway.post(CHAT, ask(OPENAI_MODEL))
    assert done.status == 200
    assert [attempt.cost == 0 for attempt in gateway.entry.attempts] == [True, False]


async def test_a_refusal_after_something_was_said_passes() -> None:
    events = [*ANTHROPIC_EVENTS[:4], *REFUSED_STREAMS[ANTHROPIC_MODEL][1:]]
    gateway = rig(Scripted(body=events), models=(ANTHROPIC_MODEL, OTHER))
    done = await gateway.post(MESSAGES, ask(ANTHROPIC_MODEL, stream=True))
    assert done.body == b"".join(events)
    assert len(gateway.transport.requests) == 1


async def test_a_stream_is_held_back_only_until_it_says_something() -> None:
    body = list(ANTHROPIC_EVENTS)
    gateway = rig(Scripted(body=body), models=(ANTHROPIC_MODEL, OTHER))
    done = await gateway.post(MESSAGES, ask(ANTHROPIC_MODEL, stream=True))
    assert done.body == b"".join(body), "and passes to the byte"
    assert done.chunks[0] == b"".join(body[:4])
    assert done.chunks[1:] == body[4:]


async def test_a_stream_that_ends_without_a_word_is_no_refusal() -> None:
    events = [OPENAI_EVENTS[0], *OPENAI_EVENTS[3:]]
    gateway = rig(Scripted(body=events), models=(OPENAI_MODEL, OTHER))
    done = await gateway.post(CHAT, ask(OPENAI_MODEL, stream=True))
    assert [data for _, data in iter_events(done.body)][-1] == b"[DONE]"
    assert (gateway.entry.outcome, len(gateway.transport.requests)) == ("ok", 1)


@pytest.mark.parametrize("end", [[], [UpstreamUnreachable("reset")]])
async def test_one_that_breaks_before_it_says_something_is_tried_again(end: list[Any]) -> None:
    begun = [*REFUSED_STREAMS[OPENAI_MODEL][:2], *end]
    gateway = rig(Scripted(body=begun), Scripted(body=list(ANTHROPIC_EVENTS)), models=(OPENAI_MODEL, OTHER))
    done = await gateway.post(CHAT, ask(OPENAI_MODEL, stream=True))
    assert b"Because" in done.body
    assert [attempt.outcome for attempt in gateway.entry.attempts] == ["error", "ok"]
    assert gateway.entry.attempts[0].estimated
    assert gateway.transport.responses[0].closed


async def test_refusals_do_not_speak_against_a_model() -> None:
    gateway = rig(
        *[Scripted(body=ANTHROPIC_REFUSAL), Scripted(body=ANTHROPIC_WHOLE)] * 30,
        models=(ANTHROPIC_MODEL, OTHER),
    )
    for _ in range(30):
        await gateway.post(MESSAGES, ask(ANTHROPIC_MODEL))
    health = gateway.gateway.flow.health
    now = gateway.clock.monotonic()
    refusing = health.deployment(f"anthropic/{ANTHROPIC_MODEL}", "anthropic", now)
    assert (refusing.healthy(now), refusing.in_flight, refusing.breaker.rate) == (True, 0, 0.0)


def test_what_a_refusal_is() -> None:
    def answer(stop: Stop, *parts: Any) -> Response:
        return Response("", "", parts, stop)

    assert refuses(answer(Stop.REFUSAL, Text("So far")))
    assert refuses(answer(Stop.END, Refusal("No.")))
    assert not refuses(answer(Stop.END, Text("Well,"), Refusal("no.")))
    assert not refuses(answer(Stop.END))
    dialect = a_route().dialect
    assert body_refuses(dialect, OPENAI_FILTERED)
    assert body_refuses(dialect, OPENAI_REFUSAL)
    assert not body_refuses(dialect, OPENAI_WHOLE)
    assert not body_refuses(dialect, b"[]"), "what cannot be read is not held against it"


def test_it_is_asked_for_by_a_route() -> None:
    assert not moves_on(None)
    assert not moves_on(Plan(a_route(), {}))
    for word, moves in (("stop", False), ("next", True)):
        policy = RetryPolicy(on_refusal=word)  # type: ignore[arg-type]  # both words of the table
        assert moves_on(Plan(a_route(), {}, "", (), policy)) is moves


def test_beside_a_slow_one_a_refusal_is_the_answer_only_if_it_must_be() -> None:
    """Hedged: the second refuses, and the first, which was slow, has an answer."""

    async def work() -> None:
        slow = Scripted(body=ANTHROPIC_WHOLE, before=Wait.UNTIL_LEFT)
        route = {"models": [ANTHROPIC_MODEL], "fallbacks": [OTHER], "on_refusal": "next", "hedge": True}
        gateway = Rig(slow, Scripted(body=ANTHROPIC_REFUSAL), given=settings(routes={"safe": route}))
        now = gateway.clock.monotonic()
        first = gateway.gateway.flow.health.deployment(f"anthropic/{ANTHROPIC_MODEL}", "anthropic", now)
        for _ in range(60):
            first.latency.observe(0.2, now)
            first.provider.hedges.deposit()  # type: ignore[union-attr]  # a route is hedged, so it has them
        asked = asyncio.create_task(gateway.post(MESSAGES, ask("safe")))
        await asyncio.sleep(1.0)
        assert len(gateway.transport.requests) == 2
        gateway.transport.answer_now()
        done = await asked
        assert (done.status, done.body) == (200, ANTHROPIC_WHOLE)
        assert [attempt.outcome for attempt in gateway.entry.attempts] == ["ok", "error"]
        assert gateway.entry.attempts[1].error == "safety_refusal"

    run_virtual(work)
