from __future__ import annotations

from typing import Any, get_args

import anthropic
import httpx2
import msgspec
import pytest
from anthropic.types.shared import ErrorResponse

from pointsman.dialects.anthropic_messages.errors import (
    decode_error,
    decode_stream_error,
    encode_error,
    encode_stream_error,
)
from pointsman.errors import (
    AuthenticationFailed,
    Conflict,
    ContextWindowExceeded,
    InternalError,
    InvalidRequest,
    Kind,
    ModelNotFound,
    PermissionDenied,
    PointsmanError,
    RequestTooLarge,
    ServerBusy,
    UntranslatableRequest,
    UpstreamCredentials,
    UpstreamQuotaExhausted,
    UpstreamRateLimited,
    UpstreamRefused,
    UpstreamRejected,
    UpstreamTimeout,
    UpstreamUnavailable,
)


def body(kind: str, message: str, **details: Any) -> bytes:
    return msgspec.json.encode(
        {"type": "error", "error": {"type": kind, "message": message, "details": details or None}}
    )


_CASES: list[tuple[int, bytes, type[PointsmanError], int, str, bool]] = [
    (400, body("invalid_request_error", "bad"), UpstreamRejected, 400, "invalid_request", False),
    (404, body("not_found_error", "model: x"), UpstreamRejected, 404, "not_found", False),
    (413, body("request_too_large", "big"), UpstreamRejected, 413, "too_large", False),
    (422, b"", UpstreamRejected, 422, "invalid_request", False),
    (409, body("conflict_error", "again"), UpstreamRejected, 409, "conflict", True),
    (408, b"", UpstreamTimeout, 504, "timeout", True),
    (
        400,
        body("invalid_request_error", "prompt is too long: 200001 tokens > 200000 maximum"),
        ContextWindowExceeded,
        400,
        "invalid_request",
        False,
    ),
    (
        400,
        body("invalid_request_error", "input length and `max_tokens` exceed context limit: 1 + 2 > 2"),
        ContextWindowExceeded,
        400,
        "invalid_request",
        False,
    ),
    (
        413,
        body("request_too_large", "Prompt is too long"),
        ContextWindowExceeded,
        400,
        "invalid_request",
        False,
    ),
    (
        400,
        body("invalid_request_error", "Your credit balance is too low to access the API"),
        UpstreamQuotaExhausted,
        429,
        "quota",
        False,
    ),
    (
        400,
        body("invalid_request_error", "Output blocked by content filtering policy"),
        UpstreamRefused,
        400,
        "invalid_request",
        False,
    ),
    (402, body("billing_error", "pay"), UpstreamQuotaExhausted, 429, "quota", False),
    (429, body("rate_limit_error", "slow down"), UpstreamRateLimited, 429, "rate_limit", True),
    (
        429,
        body("rate_limit_error", "ramp", error_code="ramp_limit_exceeded"),
        UpstreamRateLimited,
        429,
        "rate_limit",
        True,
    ),
    (
        429,
        body("rate_limit_error", "spent", error_code="enforced_spend_limit_reached"),
        UpstreamQuotaExhausted,
        429,
        "quota",
        False,
    ),
    (
        429,
        body("rate_limit_error", "spent", error_code="contract_spend_limit_reached"),
        UpstreamQuotaExhausted,
        429,
        "quota",
        False,
    ),
    (500, body("api_error", "oops"), UpstreamUnavailable, 500, "api", True),
    (502, b"<html>Bad gateway</html>", UpstreamUnavailable, 502, "api", True),
    (503, b"", UpstreamUnavailable, 503, "overloaded", True),
    (504, body("timeout_error", "late"), UpstreamUnavailable, 504, "timeout", True),
    (529, body("overloaded_error", "Overloaded"), UpstreamUnavailable, 529, "overloaded", True),
    (401, body("authentication_error", "invalid x-api-key"), UpstreamCredentials, 502, "api", False),
    (403, body("permission_error", "no"), UpstreamCredentials, 502, "api", False),
]


@pytest.mark.parametrize(("status", "said", "kind", "out", "word", "retryable"), _CASES)
def test_what_a_provider_says(
    status: int, said: bytes, kind: type[PointsmanError], out: int, word: Kind, retryable: bool
) -> None:
    error = decode_error(status, {"retry-after": "3"}, said)
    assert type(error) is kind
    assert (error.status, error.kind, error.retryable) == (out, word, retryable)
    if retryable:
        assert error.retry_after == 3


@pytest.mark.parametrize(("told", "retryable"), [("false", False), ("true", True)])
def test_a_provider_can_forbid_to_try_again(told: str, retryable: bool) -> None:
    error = decode_error(529, {"x-should-retry": told}, body("overloaded_error", "Overloaded"))
    assert error.retryable is retryable


@pytest.mark.parametrize(
    "said", [b"", b"<html>", b"{}", b'{"error":"text"}', b'{"error":{}}', b"\xff", b"[" * 10_000]
)
def test_any_body_gives_a_message(said: bytes) -> None:
    assert decode_error(503, {}, said).message == "The provider answered HTTP 503 without saying why."


@pytest.mark.parametrize("status", [400, 401, 403, 429, 500])
def test_no_key_is_echoed(status: int) -> None:
    for said in (
        "bad key sk-ant-api03-SECRET-abc_1",
        "bad header Bearer SECRET",
        "x-api-key: SECRET refused",
    ):
        assert "SECRET" not in decode_error(status, {}, body("authentication_error", said)).message


def test_refused_credentials_name_the_reason_in_our_words() -> None:
    error = decode_error(403, {}, body("permission_error", "long story", error_code="organization_on_hold"))
    assert "HTTP 403, organization_on_hold" in error.message
    assert "long story" not in error.message
    assert "Sneaky" not in decode_error(401, {}, body("x", "y", error_code="Sneaky Text")).message


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "12"}, 12),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "9"}, 9),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 30),
        ({"retry-after": "Sun, 22 Nov 2026 09:00:00 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"}, 0),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT"}, None),
        ({"retry-after": "Sun, 22 Nov 2026 10:00:30 GMT", "date": "Sun, 22 Nov 2026 10:00:00 -0000"}, 30),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert decode_error(429, headers, b"").retry_after == seconds


@pytest.mark.parametrize(
    ("kind", "error", "status"),
    [
        ("overloaded_error", UpstreamUnavailable, 529),
        ("rate_limit_error", UpstreamRateLimited, 429),
        ("api_error", UpstreamUnavailable, 500),
        ("timeout_error", UpstreamUnavailable, 504),
        ("invalid_request_error", UpstreamRejected, 400),
        ("authentication_error", UpstreamCredentials, 502),
        ("billing_error", UpstreamQuotaExhausted, 429),
        ("not_found_error", UpstreamRejected, 404),
        ("new_error", UpstreamUnavailable, 500),
    ],
)
def test_errors_within_a_stream(kind: str, error: type[PointsmanError], status: int) -> None:
    decoded = decode_stream_error(body(kind, "m"))
    assert (type(decoded), decoded.status) == (error, status)


_OURS: list[tuple[PointsmanError, type[anthropic.APIStatusError], str]] = [
    (InvalidRequest("m"), anthropic.BadRequestError, "invalid_request_error"),
    (UntranslatableRequest("m"), anthropic.BadRequestError, "invalid_request_error"),
    (AuthenticationFailed("m"), anthropic.AuthenticationError, "authentication_error"),
    (PermissionDenied("m"), anthropic.PermissionDeniedError, "permission_error"),
    (ModelNotFound("m"), anthropic.NotFoundError, "not_found_error"),
    (Conflict("m"), anthropic.ConflictError, "conflict_error"),
    (RequestTooLarge("m"), anthropic.RequestTooLargeError, "request_too_large"),
    (UpstreamRateLimited("m"), anthropic.RateLimitError, "rate_limit_error"),
    (UpstreamQuotaExhausted("m"), anthropic.RateLimitError, "rate_limit_error"),
    (InternalError("m"), anthropic.InternalServerError, "api_error"),
    (UpstreamUnavailable("m", status=529), anthropic.OverloadedError, "overloaded_error"),
    (ServerBusy("m"), anthropic.ServiceUnavailableError, "overloaded_error"),
    (UpstreamTimeout("m"), anthropic.DeadlineExceededError, "timeout_error"),
]


@pytest.mark.parametrize(("error", "raised", "word"), _OURS)
def test_the_sdk_raises_what_is_meant(
    error: PointsmanError, raised: type[anthropic.APIStatusError], word: str
) -> None:
    def answer(_: httpx2.Request) -> httpx2.Response:
        return httpx2.Response(error.status, content=encode_error(error, "req_1"))

    client = anthropic.Anthropic(
        api_key="k", max_retries=0, http_client=httpx2.Client(transport=httpx2.MockTransport(answer))
    )
    with client, pytest.raises(raised) as caught:
        client.messages.create(model="m", max_tokens=1, messages=[{"role": "user", "content": "Hi"}])
    assert caught.value.body == {
        "type": "error",
        "error": {"type": word, "message": "m", "details": {"error_code": error.code}},
        "request_id": "req_1",
    }


def test_every_kind_has_a_word() -> None:
    for kind in get_args(Kind):
        error = PointsmanError("m")
        error.kind = kind
        assert msgspec.json.decode(encode_error(error, "r"))["error"]["type"]


def test_the_sdks_own_type_takes_it() -> None:
    ErrorResponse.model_validate_json(encode_error(UpstreamUnavailable("m"), "r"))


def test_an_error_within_a_stream_is_one_event() -> None:
    event = encode_stream_error(UpstreamUnavailable("m"), "r")
    assert event.startswith(b"event: error\ndata: {")
    assert event.endswith(b"}\n\n")
    assert event.count(b"\n") == 3
