"""A stream that is translated: what comes out, what is counted, what happens to errors."""

from __future__ import annotations

import json

import pytest

from pointsman.chat import Request
from pointsman.dialects.base import Dialect
from pointsman.errors import UpstreamUnavailable
from pointsman.gateway.edge.accept import ANTHROPIC, OPENAI
from pointsman.gateway.stream.pipes import Crossing
from pointsman.http1 import iter_events
from tests.support.anthropic_sdk import accumulate
from tests.support.openai_sdk import accumulate_openai
from tests.support.provider_bytes import ANTHROPIC_EVENTS, ANTHROPIC_USAGE, OPENAI_EVENTS, OPENAI_USAGE

REQUEST = Request(model="m", messages=(), stream=True, stream_usage=True)


def words(text: str) -> int:
    return len(text.split())


def crossing(provider: Dialect, face: Dialect) -> Crossing:
    decoder, encoder = provider.stream_decoder(), face.stream_encoder(REQUEST)
    return Crossing(decoder, encoder, face, "req_1", words, created=1_700_000_000)


def test_to_openai_with_a_time_that_anthropic_does_not_tell() -> None:
    pipe = crossing(ANTHROPIC, OPENAI)
    out = b"".join(map(pipe.feed, ANTHROPIC_EVENTS))
    assert accumulate_openai(out).choices[0].message.content == "Because so."
    chunks = [json.loads(data) for _, data in iter_events(out) if data != b"[DONE]"]
    assert {chunk["created"] for chunk in chunks} == {1_700_000_000}
    assert (pipe.usage, pipe.ended, pipe.upstream_id) == (ANTHROPIC_USAGE, True, "msg_1")


def test_to_anthropic() -> None:
    pipe = crossing(OPENAI, ANTHROPIC)
    out = b"".join(map(pipe.feed, OPENAI_EVENTS))
    assert accumulate(out)["content"] == [{"type": "text", "text": "Because so."}]
    assert (pipe.usage, pipe.ended, pipe.model) == (OPENAI_USAGE, True, "gpt-6-luna")


def test_many_events_at_once_are_the_same_as_one_by_one() -> None:
    one, many = crossing(ANTHROPIC, OPENAI), crossing(ANTHROPIC, OPENAI)
    assert many.feed(b"".join(ANTHROPIC_EVENTS)) == b"".join(map(one.feed, ANTHROPIC_EVENTS))
    assert many.delivered() == one.delivered()


def test_what_was_delivered_can_be_counted_at_any_moment() -> None:
    pipe = crossing(ANTHROPIC, OPENAI)
    assert pipe.delivered().output_tokens == 0
    counts = []
    for event in ANTHROPIC_EVENTS[:6]:
        pipe.feed(event)
        counts.append(pipe.delivered().output_tokens)
    assert counts == [0, 0, 0, 1, 1, 2]
    early = pipe.delivered().usage
    assert early is not None
    assert (early.input, early.cache_read) == (9, 3)


def test_much_text_is_counted_as_it_goes_so_that_what_waits_is_bounded() -> None:
    counted: list[str] = []

    def count(text: str) -> int:
        counted.append(text)
        return 1

    decoder, encoder = ANTHROPIC.stream_decoder(), OPENAI.stream_encoder(REQUEST)
    pipe = Crossing(decoder, encoder, OPENAI, "req_1", count, created=0)
    pipe.feed(b"".join(ANTHROPIC_EVENTS[:2]))
    for _ in range(5000):
        pipe.feed(ANTHROPIC_EVENTS[3])
    assert len(counted) >= 4096
    assert pipe.delivered().output_tokens == 5000


@pytest.mark.parametrize("face", [OPENAI, ANTHROPIC])
def test_an_error_of_the_provider_is_told_once_and_ends_it(face: Dialect) -> None:
    provider = ANTHROPIC if face is OPENAI else OPENAI
    error = {"type": "overloaded_error", "message": "Too much.", "code": "server_is_overloaded"}
    event = b"event: error\ndata: " + json.dumps({"type": "error", "error": error}).encode() + b"\n\n"
    pipe = crossing(provider, face)
    out = pipe.feed(event + event)
    assert isinstance(pipe.error, UpstreamUnavailable)
    assert out.count(b"Too much.") == 1
    assert not pipe.ended


def test_what_is_no_event_of_the_dialect_is_an_error_too() -> None:
    pipe = crossing(OPENAI, ANTHROPIC)
    out = pipe.feed(b"data: {not json\n\n")
    assert pipe.error is not None
    assert pipe.error.code == "upstream_malformed"
    assert b"error" in out
