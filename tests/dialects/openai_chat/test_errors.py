from __future__ import annotations

import json
from typing import Any, get_args

import openai
import pytest

from pointsman.dialects.openai_chat.errors import (
    decode_error,
    decode_stream_error,
    encode_error,
    encode_stream_error,
)
from pointsman.errors import (
    ContextWindowExceeded,
    InvalidRequest,
    Kind,
    PointsmanError,
    UpstreamCredentials,
    UpstreamQuotaExhausted,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)


def _body(**error: Any) -> bytes:
    return json.dumps({"error": error}).encode()


@pytest.mark.parametrize(
    ("status", "body", "kind", "shown", "retryable"),
    [
        (400, _body(message="bad n", param="n", code="invalid_value"), UpstreamRejected, 400, False),
        (422, _body(message="bad"), UpstreamRejected, 422, False),
        (404, _body(message="no such model", code="model_not_found"), UpstreamRejected, 404, False),
        (413, b"<html>too large</html>", UpstreamRejected, 413, False),
        (400, _body(message="long", code="context_length_exceeded"), ContextWindowExceeded, 400, False),
        (
            400,
            _body(message="This model's maximum context length is 65536 tokens."),
            ContextWindowExceeded,
            400,
            False,
        ),
        (401, _body(message="Incorrect API key provided: sk-abc"), UpstreamCredentials, 502, False),
        (403, b"", UpstreamCredentials, 502, False),
        (402, _body(message="Insufficient Balance"), UpstreamQuotaExhausted, 402, False),
        (429, _body(message="x", type="insufficient_quota"), UpstreamQuotaExhausted, 429, False),
        (429, _body(message="x", code="credit_balance_exhausted"), UpstreamQuotaExhausted, 429, False),
        (429, _body(message="x", code="monthly_spend_limit_exceeded"), UpstreamQuotaExhausted, 429, False),
        (429, _body(message="x", type="tokens", code="rate_limit_exceeded"), UpstreamRateLimited, 429, True),
        (429, _body(message="x", code="slow_down"), UpstreamRateLimited, 429, True),
        (429, b"", UpstreamRateLimited, 429, True),
        (
            429,
            _body(message="Request too large for m on tokens per min (TPM): Limit 300, Requested 301."),
            UpstreamRateLimited,
            429,
            False,
        ),
        (400, _body(message="filtered", code="content_filter"), UpstreamRefused, 400, False),
        (400, _body(message="no", code="content_policy_violation"), UpstreamRefused, 400, False),
        (
            400,
            b'[{"error":{"code":400,"message":"The input token count (9) exceeds the maximum number of '
            b'tokens allowed (8).","status":"INVALID_ARGUMENT"}}]',
            ContextWindowExceeded,
            400,
            False,
        ),
        (408, b"", UpstreamTimeout, 504, True),
        (409, b"", UpstreamUnavailable, 503, True),
        (500, b"{}", UpstreamUnavailable, 500, True),
        (502, b"<html>Bad gateway</html>", UpstreamUnavailable, 502, True),
        (503, _body(message="x", code="server_is_overloaded"), UpstreamUnavailable, 503, True),
        (529, b"\xff\xfe", UpstreamUnavailable, 529, True),
    ],
)
def test_statuses(status: int, body: bytes, kind: type[PointsmanError], shown: int, retryable: bool) -> None:
    error = decode_error(status, {}, body)
    assert type(error) is kind
    assert (error.status, error.retryable) == (shown, retryable)
    assert error.message


@pytest.mark.parametrize(
    ("status", "kind"), [(404, "not_found"), (413, "too_large"), (400, "invalid_request")]
)
def test_refusals_keep_their_kind(status: int, kind: Kind) -> None:
    assert decode_error(status, {}, b"").kind == kind


@pytest.mark.parametrize(
    ("body", "message", "code", "param"),
    [
        (_body(message="m", code="c", param="p"), "m", "c", "p"),
        (b'{"error":"plain"}', "plain", "upstream_rejected", None),
        (b'{"message":"flat"}', "flat", "upstream_rejected", None),
        (b'{"detail":"fastapi"}', "fastapi", "upstream_rejected", None),
        (b'[{"error":{"code":400,"message":"gemini","status":"X"}}]', "gemini", "upstream_rejected", None),
        (b"[]", "The provider answered with HTTP 400.", "upstream_rejected", None),
        (b'{"error":5}', "The provider answered with HTTP 400.", "upstream_rejected", None),
        (b"<html>", "The provider answered with HTTP 400.", "upstream_rejected", None),
    ],
)
def test_shapes_of_bodies(body: bytes, message: str, code: str, param: str | None) -> None:
    error = decode_error(400, {}, body)
    assert (error.message, error.code, error.param) == (message, code, param)


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdef123456",
        "sk-abc*****wxyz",
        "hs_0123456789abcdefghij",
        "AIzaSyA-1234567",
        "Bearer abc.def",
    ],
)
def test_no_key_passes_in_a_message(secret: str) -> None:
    for status in (400, 401, 403, 429, 500):
        error = decode_error(status, {}, _body(message=f"Incorrect key {secret} was given."))
        assert secret not in error.message
        assert secret[-4:] not in error.message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "250", "retry-after": "9"}, 0.25),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-1"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, None),
        (
            {"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT", "date": "Wed, 21 Oct 2026 07:28:00 GMT"},
            30.0,
        ),
        (
            {"retry-after": "Wed, 21 Oct 2026 07:28:00 GMT", "date": "Wed, 21 Oct 2026 07:28:30 GMT"},
            0.0,
        ),
        ({"retry-after": "x", "date": "y"}, None),
    ],
)
def test_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert decode_error(429, headers, b"").retry_after == seconds


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"message": "x", "type": "server_error"}, UpstreamUnavailable),
        ({"message": "x", "type": "insufficient_quota"}, UpstreamQuotaExhausted),
        ({"message": "x", "code": "rate_limit_exceeded"}, UpstreamRateLimited),
        ({"message": "x", "code": 502}, UpstreamUnavailable),
        ({"message": "x", "code": 429}, UpstreamRateLimited),
        ({"message": "x", "type": "invalid_request_error"}, UpstreamRejected),
        ({"message": "x", "code": "invalid_api_key", "type": "invalid_request_error"}, UpstreamCredentials),
        ({"message": "x", "code": "context_length_exceeded"}, ContextWindowExceeded),
        ("x", UpstreamUnavailable),
        (None, UpstreamUnavailable),
    ],
)
def test_errors_in_a_stream(value: Any, kind: type[PointsmanError]) -> None:
    assert type(decode_stream_error(value)) is kind


def test_the_shape_is_openais() -> None:
    error = InvalidRequest("No.", param="n", code="invalid_value")
    expected = {"message": "No.", "type": "invalid_request_error", "param": "n", "code": "invalid_value"}
    assert json.loads(encode_error(error)) == {"error": expected}
    assert encode_stream_error(error) == b"data: " + encode_error(error) + b"\n\n"


@pytest.mark.parametrize("kind", get_args(Kind))
def test_every_kind_has_a_type(kind: Kind) -> None:
    error = UpstreamRejected("x", kind=kind)
    assert json.loads(encode_error(error))["error"]["type"]


def test_the_official_sdk_raises_on_a_stream_error() -> None:
    """The SDK reads the error event as its own client does: off a stream of bytes."""
    import httpx2

    def answer(request: Any) -> Any:
        return httpx2.Response(
            200,
            headers={"content-type": "text/event-stream"},
            content=encode_stream_error(UpstreamUnavailable("Gone.")),
        )

    client = openai.OpenAI(
        api_key="k",
        base_url="http://x.test",
        http_client=openai.DefaultHttpxClient(transport=httpx2.MockTransport(answer)),
    )
    stream = client.chat.completions.create(
        model="m", messages=[{"role": "user", "content": "hi"}], stream=True
    )
    with pytest.raises(openai.APIError, match="Gone"):
        list(stream)


@pytest.mark.parametrize(
    ("details", "headers", "seconds"),
    [
        ([{"@type": "google.rpc.QuotaFailure"}, {"retryDelay": "34.07s"}], {}, 34.07),
        ([{"retryDelay": "34s"}], {"retry-after": "2"}, 2.0),
        ([{"retryDelay": "soon"}, 5], {}, None),
        ({"retryDelay": "34s"}, {}, None),
    ],
)
def test_the_wait_that_gemini_tells_in_the_body(
    details: Any, headers: dict[str, str], seconds: float | None
) -> None:
    assert decode_error(429, headers, _body(message="x", details=details)).retry_after == seconds


@pytest.mark.parametrize(("told", "retryable"), [("false", False), ("true", True)])
def test_a_provider_can_forbid_to_try_again(told: str, retryable: bool) -> None:
    assert decode_error(503, {"x-should-retry": told}, b"").retryable is retryable
