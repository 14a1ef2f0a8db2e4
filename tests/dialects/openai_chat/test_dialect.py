from __future__ import annotations

import json

import pytest

from pointsman.chat import Request, StreamEnd
from pointsman.dialects.base import Dialect, StreamDecoder, StreamEncoder, StreamTap, Target
from pointsman.dialects.openai_chat import OPENAI_CHAT
from pointsman.errors import InvalidRequest, UpstreamRateLimited
from tests.support.openai_chat_cases import REQUESTS, RESPONSES, STREAMS

# The annotations let the type checker judge that the protocols are fulfilled.
DIALECT: Dialect = OPENAI_CHAT
DECODER: StreamDecoder = OPENAI_CHAT.stream_decoder()
ENCODER: StreamEncoder = OPENAI_CHAT.stream_encoder(Request("m", ()))
TAP: StreamTap = OPENAI_CHAT.tap(strip_usage=False, count_tokens=len)


def test_name_and_path() -> None:
    assert (DIALECT.name, DIALECT.path) == ("openai_chat", "/chat/completions")


@pytest.mark.parametrize("case", REQUESTS)
def test_requests_go_through_the_hub_unchanged(case: str) -> None:
    body = json.dumps(REQUESTS[case][0]).encode()
    request = DIALECT.decode_request(body)
    seen = DIALECT.peek(body)
    assert (seen.model, seen.stream, seen.max_output) == (request.model, request.stream, request.max_output)
    assert json.loads(DIALECT.encode_request(request, Target("m")).body) == REQUESTS[case][0]
    assert json.loads(DIALECT.rewrite(body, seen, model="n", defaults={}, force_usage=False))["model"] == "n"


@pytest.mark.parametrize("case", RESPONSES)
def test_answers_go_through_the_hub_unchanged(case: str) -> None:
    body = json.dumps(RESPONSES[case][0]).encode()
    assert json.loads(DIALECT.encode_response(DIALECT.decode_response(body))) == RESPONSES[case][0]
    assert DIALECT.read_usage(body)[0] == RESPONSES[case][1].usage


@pytest.mark.parametrize("case", STREAMS)
def test_tap_and_decoder_agree_on_what_the_encoder_writes(case: str) -> None:
    encoder = DIALECT.stream_encoder(Request("m", (), stream=True, stream_usage=True))
    tap = DIALECT.tap(strip_usage=False, count_tokens=len)
    events = STREAMS[case][1]
    for event in events:
        wire = encoder.encode(event)
        assert tap.feed(wire) is wire
    last = events[-1]
    assert isinstance(last, StreamEnd)
    assert (tap.usage, tap.ended) == (last.usage, True)


def test_errors_both_ways() -> None:
    error = DIALECT.decode_error(429, {"retry-after": "2"}, b"")
    assert isinstance(error, UpstreamRateLimited)
    assert b"rate_limit" in DIALECT.encode_error(error, "req_1")
    assert DIALECT.encode_stream_error(InvalidRequest("x"), "req_1").startswith(b'data: {"error":')
