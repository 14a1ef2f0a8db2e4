"""The face over the folder; each piece behind it has its own tests."""

from __future__ import annotations

import msgspec

from pointsman.chat import Usage
from pointsman.dialects.anthropic_messages import ANTHROPIC_MESSAGES, AnthropicMessages
from pointsman.dialects.base import Dialect, Target
from pointsman.errors import InvalidRequest
from tests.support.anthropic_answers import RESPONSES, STREAMS, sse
from tests.support.anthropic_wire import MODEL, REQUESTS, ask, wire

DIALECT: Dialect = ANTHROPIC_MESSAGES
BODY = msgspec.json.encode(wire())


def test_names() -> None:
    assert (DIALECT.name, DIALECT.path) == ("anthropic_messages", "/v1/messages")
    assert ANTHROPIC_MESSAGES.count_path == "/v1/messages/count_tokens"
    assert isinstance(DIALECT, AnthropicMessages)


def test_requests_go_both_ways() -> None:
    peeked = DIALECT.peek(BODY)
    assert DIALECT.rewrite(BODY, peeked, model=MODEL, defaults={}, force_usage=True) is BODY
    for sent, meant in REQUESTS.values():
        assert DIALECT.decode_request(msgspec.json.encode(sent)) == meant
        assert msgspec.json.decode(DIALECT.encode_request(meant, Target(MODEL)).body) == sent


def test_counting() -> None:
    body = msgspec.json.encode({"model": "m", "messages": [{"role": "user", "content": "Hi"}]})
    assert ANTHROPIC_MESSAGES.peek_count(body).model == "m"
    assert ANTHROPIC_MESSAGES.decode_count_request(body).max_output is None


def test_answers_go_both_ways() -> None:
    for sent, meant in RESPONSES.values():
        body = msgspec.json.encode(sent)
        assert DIALECT.decode_response(body) == meant
        assert msgspec.json.decode(DIALECT.encode_response(meant)) == sent
        assert DIALECT.read_usage(body) == (meant.usage, meant.model, meant.id)


def test_streams_go_both_ways() -> None:
    sent, meant = STREAMS["text"]
    decoder, encoder = DIALECT.stream_decoder(), DIALECT.stream_encoder(ask(stream=True))
    tap = DIALECT.tap(strip_usage=True, count_tokens=len)
    out = b""
    for event in sent:
        for decoded in decoder.feed(event["type"], msgspec.json.encode(event)):
            out += encoder.encode(decoded)
    assert tap.feed(out) == out
    assert decoder.ended
    assert tap.ended
    assert tap.usage == Usage(input=10, output=5)
    assert out == sse(*sent)
    assert len(meant) > 1


def test_errors_go_both_ways() -> None:
    error = InvalidRequest("model: Field required")
    body = DIALECT.encode_error(error, "req_1")
    assert DIALECT.decode_error(400, {}, body).message == error.message
    assert DIALECT.encode_stream_error(error, "req_1") == b"event: error\ndata: " + body + b"\n\n"
