"""A shared answer in each dialect and form."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from typing import Any

import pytest

from pointsman.chat import StreamEnd, Usage
from pointsman.dialects.base import Dialect
from pointsman.errors import StreamBroken, UpstreamMalformed, UpstreamTimeout
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Plan
from pointsman.gateway.edge.accept import ANTHROPIC, OPENAI
from pointsman.gateway.flights.retelling import Ending, gathered, retold, same_form, streamed
from tests.support.arrivals import an_arrival
from tests.support.equal_requests import events, said
from tests.support.gateway import CHAT, MESSAGES, a_route, ask
from tests.support.provider_bytes import ANTHROPIC_EVENTS, ANTHROPIC_WHOLE, OPENAI_EVENTS, OPENAI_WHOLE

USED = Ending(Usage(input=12, output=5))
STREAMS = {"openai_chat": OPENAI_EVENTS, "anthropic_messages": ANTHROPIC_EVENTS}
WHOLE = {"openai_chat": OPENAI_WHOLE, "anthropic_messages": ANTHROPIC_WHOLE}
PATHS = {"openai_chat": CHAT, "anthropic_messages": MESSAGES}
DIALECTS = (OPENAI, ANTHROPIC)


def a_call(face: Dialect, **fields: Any) -> Call:
    call = Call(an_arrival(ask("m", **fields), face))
    call.decide(face.peek(call.arrival.body), Plan(a_route(), {}))
    return call


async def pieces(of: Sequence[bytes]) -> AsyncGenerator[bytes, None]:
    for piece in of:
        yield piece


async def told(call: Call, source: Dialect, of: Sequence[bytes], ending: Ending | None = USED) -> bytes:
    return b"".join([piece async for piece in streamed(pieces(of), source, call, lambda: ending)])


async def whole(call: Call, source: Dialect, of: Sequence[bytes], ending: Ending | None = USED) -> bytes:
    body = await gathered(pieces(of), source, call, lambda: ending)
    assert body is not None
    return body


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("face", DIALECTS)
async def test_a_stream_is_told_byte_by_byte_and_whole_alike(source: Dialect, face: Dialect) -> None:
    given = b"".join(STREAMS[source.name])
    expected = said(PATHS[source.name], given, True)
    call = a_call(face, stream=True, stream_options={"include_usage": True})
    for of in ([given], [given[at : at + 1] for at in range(len(given))]):
        answer = said(PATHS[face.name], await told(call, source, of), True)
        assert (answer.parts, answer.stop) == (expected.parts, expected.stop)
        assert answer.usage is not None and (answer.usage.prompt, answer.usage.output) == (12, 5)
    body = await whole(a_call(face), source, [given])
    assert face.decode_response(body).parts == expected.parts


@pytest.mark.parametrize("source", DIALECTS)
@pytest.mark.parametrize("face", DIALECTS)
def test_a_whole_answer_is_told_as_a_stream(source: Dialect, face: Dialect) -> None:
    body = WHOLE[source.name]
    expected = source.decode_response(body)
    as_whole = retold(body, source, a_call(face))
    assert face.decode_response(as_whole).parts == expected.parts
    assert (as_whole == body) is (face is source)
    stream = retold(body, source, a_call(face, stream=True))
    assert said(PATHS[face.name], stream, True).parts == expected.parts


async def test_usage_is_told_only_to_who_asks_for_it() -> None:
    body = await told(a_call(OPENAI, stream=True), ANTHROPIC, ANTHROPIC_EVENTS)
    (end,) = [event for event in events(CHAT, body) if isinstance(event, StreamEnd)]
    assert end.usage is None and b"prompt_tokens" not in body


@pytest.mark.parametrize("face", DIALECTS)
async def test_what_breaks_off_ends_with_an_error_of_the_dialect(face: Dialect) -> None:
    timeout = UpstreamTimeout("silent for too long")
    for ending, error in ((Ending(None, timeout), timeout), (Ending(), None)):
        body = await told(a_call(face, stream=True), ANTHROPIC, ANTHROPIC_EVENTS[:4], ending)
        expected = face.encode_stream_error(
            error or StreamBroken("The answer ended before its end; what came is incomplete."), "req_1"
        )
        assert body.endswith(expected)
        with pytest.raises(type(error or StreamBroken("x"))):
            await whole(a_call(face), ANTHROPIC, ANTHROPIC_EVENTS[:4], ending)


async def test_an_error_event_is_told_in_the_other_dialect() -> None:
    broken = [*OPENAI_EVENTS[:2], OPENAI.encode_stream_error(StreamBroken("gone"), "req_0")]
    body = await told(a_call(ANTHROPIC, stream=True), OPENAI, broken)
    assert b"event: error" in body and b"gone" in body and b"message_stop" not in body


async def test_who_has_left_is_told_nothing_more() -> None:
    body = await told(a_call(OPENAI, stream=True), ANTHROPIC, ANTHROPIC_EVENTS[:4], None)
    assert b"error" not in body
    assert await gathered(pieces(ANTHROPIC_EVENTS[:4]), ANTHROPIC, a_call(OPENAI), lambda: None) is None


async def test_what_cannot_be_read_is_said_to_be_so() -> None:
    with pytest.raises(UpstreamMalformed):
        retold(b"{", ANTHROPIC, a_call(OPENAI))
    body = await told(a_call(ANTHROPIC, stream=True), OPENAI, [b'data: {"choices": "none"}\n\n'])
    assert b"event: error" in body


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (a_call(OPENAI), a_call(OPENAI), True),
        (a_call(OPENAI), a_call(ANTHROPIC), False),
        (a_call(OPENAI), a_call(OPENAI, stream=True), False),
        (
            a_call(OPENAI, stream=True),
            a_call(OPENAI, stream=True, stream_options={"include_usage": True}),
            False,
        ),
        (a_call(ANTHROPIC, stream=True), a_call(ANTHROPIC, stream=True), True),
    ],
)
def test_whose_bytes_will_do(one: Call, other: Call, same: bool) -> None:
    assert same_form(one, other) is same
