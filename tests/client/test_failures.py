from __future__ import annotations

import pytest

from pointsman import errors
from pointsman.client.failures import as_raised_here, error_from
from pointsman.dialects.openai_chat import OPENAI_CHAT
from pointsman.errors import PointsmanError, StreamBroken, UpstreamRejected

ATTEMPTED = {"x-pointsman-attempts": "1"}


def every_kind(root: type[PointsmanError] = PointsmanError) -> list[type[PointsmanError]]:
    found = [root]
    for child in root.__subclasses__():
        found += every_kind(child)
    return found


KINDS = [
    kind
    for kind in every_kind()
    if not kind.__name__.startswith("_")
    and kind not in (PointsmanError, errors.RequestError, errors.ConfigurationError)
    and kind.__module__ == "pointsman.errors"
]


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_of_the_tree_comes_back_as_it_went(kind: type[PointsmanError]) -> None:
    sent = kind("It went wrong.", param="model")
    back = error_from(sent.status, {}, OPENAI_CHAT.encode_error(sent, "req_1"))
    assert type(back) is kind
    assert (back.message, back.param, back.status, back.code) == (
        sent.message,
        sent.param,
        sent.status,
        sent.code,
    )


@pytest.mark.parametrize(
    ("status", "headers", "body", "kind"),
    [
        (400, {}, b'{"error":{"message":"m","code":"integer_below_min_value"}}', errors.InvalidRequest),
        (400, ATTEMPTED, b'{"error":{"message":"m","code":"unsupported_value"}}', UpstreamRejected),
        (404, ATTEMPTED, b'{"error":{"message":"m","code":"model_not_found"}}', errors.ModelNotFound),
        (404, ATTEMPTED, b'{"error":{"message":"m"}}', UpstreamRejected),
        (429, ATTEMPTED, b'{"error":{"message":"m","code":"slow_down"}}', errors.UpstreamRateLimited),
        (401, {}, b'{"error":{"message":"m","code":"revoked_api_key"}}', errors.AuthenticationFailed),
        (503, ATTEMPTED, b'{"error":{"message":"m","code":503}}', errors.UpstreamUnavailable),
        (503, {}, b'{"error":{"message":"m","code":"limits_away"}}', errors.ServerBusy),
        (429, {}, b'{"error":{"message":"m","code":"queue_full"}}', errors.RateLimited),
        (429, {}, b'{"error":{"message":"m","code":"larger_than_limit"}}', errors.RateLimited),
        (502, {}, b'{"error":{"message":"m","code":"fell_behind"}}', errors.StreamBroken),
        (502, {}, b"<html>Bad gateway</html>", errors.UpstreamUnavailable),
        (418, {}, b"", errors.InvalidRequest),
        (400, {}, b"[" * 100_000, errors.InvalidRequest),
    ],
)
def test_what_has_no_code_of_ours_goes_by_its_status(
    status: int, headers: dict[str, str], body: bytes, kind: type[PointsmanError]
) -> None:
    error = error_from(status, headers, body)
    assert type(error) is kind
    assert error.status == status
    assert error.message


def test_the_kind_of_what_the_provider_refused_is_kept() -> None:
    body = b'{"error":{"message":"m"}}'
    assert [error_from(status, ATTEMPTED, body).kind for status in (400, 404, 409, 413)] == [
        *("invalid_request", "not_found", "conflict", "too_large")
    ]


@pytest.mark.parametrize(
    ("text", "seconds"), [("7", 7.0), ("1.5", 1.5), ("", None), ("soon", None), ("-1", None), ("inf", None)]
)
def test_retry_after(text: str, seconds: float | None) -> None:
    assert error_from(429, {"retry-after": text}, b"{}").retry_after == seconds


def test_an_error_of_a_stream_goes_by_its_code() -> None:
    told = errors.UpstreamUnavailable("It broke.", code="stream_broken", status=500)
    back = as_raised_here(told)
    assert type(back) is StreamBroken
    assert (back.message, back.status) == ("It broke.", 502)
    same = errors.UpstreamUnavailable("It broke.", code="server_error")
    assert as_raised_here(same) is same
