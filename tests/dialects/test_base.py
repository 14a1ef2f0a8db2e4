"""Every dialect keeps the promises of the protocol that need no knowledge of its wire."""

from __future__ import annotations

import inspect
import json

import pytest

from pointsman.chat import Message, Request, Stop, StreamEnd, StreamStart, Text
from pointsman.dialects import DIALECTS, get_dialect
from pointsman.dialects.base import Delivered, Dialect, Target
from pointsman.errors import ConfigurationError, InvalidRequest, UpstreamMalformed

EVERY = pytest.mark.parametrize("dialect", DIALECTS.values(), ids=lambda dialect: dialect.name)
REQUEST = Request("m", (Message("user", (Text("hi"),)),), max_output=9)
BODY = b'{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}],"x_unknown":[1, 2]}'


def test_they_are_found_by_name() -> None:
    assert set(DIALECTS) == {"openai_chat", "anthropic_messages"}
    for name, dialect in DIALECTS.items():
        assert get_dialect(name) is dialect
        assert dialect.name == name
    with pytest.raises(ConfigurationError, match="anthropic_messages, openai_chat"):
        get_dialect("smoke_signals")


@EVERY
def test_parameters_are_named_as_in_the_protocol(dialect: Dialect) -> None:
    for name, promised in inspect.getmembers(Dialect, inspect.isfunction):
        if not name.startswith("_"):
            theirs = inspect.signature(getattr(dialect, name)).parameters
            assert list(theirs) == list(inspect.signature(promised).parameters)[1:], name


@EVERY
def test_a_request_passes_to_the_byte(dialect: Dialect) -> None:
    seen = dialect.peek(BODY)
    assert (seen.model, seen.stream, seen.max_output) == ("m", False, 9)
    assert dialect.rewrite(BODY, seen, model="m", defaults={}, force_usage=True) is BODY
    changed = dialect.rewrite(BODY, seen, model="other", defaults={}, force_usage=False)
    assert changed == BODY.replace(b'"m"', b'"other"', 1)


@EVERY
def test_a_plain_request_crosses_and_comes_back(dialect: Dialect) -> None:
    encoded = dialect.encode_request(REQUEST, Target("m"))
    assert encoded.dropped == ()
    assert dialect.decode_request(encoded.body) == REQUEST
    assert dialect.encode_request(REQUEST, Target("m")) == encoded


@EVERY
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'{"a":"\xff"}', b'{"a":' + b"[" * 99_999])
def test_what_is_no_request_is_refused(dialect: Dialect, body: bytes) -> None:
    with pytest.raises(InvalidRequest):
        dialect.peek(body)
    with pytest.raises(InvalidRequest):
        dialect.decode_request(body)


@EVERY
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"<html>", b"\xff"])
def test_what_is_no_answer_is_malformed(dialect: Dialect, body: bytes) -> None:
    with pytest.raises(UpstreamMalformed):
        dialect.decode_response(body)
    with pytest.raises(UpstreamMalformed):
        dialect.read_usage(body)


@EVERY
def test_a_stream_that_has_not_begun_has_not_ended(dialect: Dialect) -> None:
    assert not dialect.stream_decoder().ended
    tap = dialect.tap(strip_usage=True, count_tokens=len)
    assert not tap.ended
    assert tap.delivered() == Delivered(0, None)


@EVERY
def test_every_stream_ends_once(dialect: Dialect) -> None:
    encoder = dialect.stream_encoder(REQUEST)
    tap = dialect.tap(strip_usage=False, count_tokens=len)
    tap.feed(encoder.encode(StreamStart("i", "m")))
    assert not tap.ended
    tap.feed(encoder.encode(StreamEnd(Stop.END)))
    assert tap.ended


@EVERY
def test_errors_are_json_and_events(dialect: Dialect) -> None:
    error = InvalidRequest("No.", param="n")
    assert json.loads(dialect.encode_error(error, "r"))["error"]["message"] == "No."
    assert dialect.encode_stream_error(error, "r").endswith(b"\n\n")
    for status in (400, 401, 403, 404, 408, 409, 413, 422, 429, 500, 503, 529):
        decoded = dialect.decode_error(status, {}, b"<html>")
        assert decoded.retryable == (status in (408, 409, 429) or status >= 500)
