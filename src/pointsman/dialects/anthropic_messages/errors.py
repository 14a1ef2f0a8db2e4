"""Errors on the Anthropic wire, both ways."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from pointsman.errors import (
    ContextWindowExceeded,
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
from pointsman.resilience.retry_after import retry_after

from .wire import WireError, WireErrorObject

_error = msgspec.json.Decoder(WireError)

_TYPES: dict[Kind, str] = {
    "invalid_request": "invalid_request_error",
    "authentication": "authentication_error",
    "billing": "billing_error",
    "permission": "permission_error",
    "not_found": "not_found_error",
    "conflict": "conflict_error",
    "too_large": "request_too_large",
    "rate_limit": "rate_limit_error",
    "quota": "rate_limit_error",
    "api": "api_error",
    "overloaded": "overloaded_error",
    "timeout": "timeout_error",
}
_STATUS_OF_TYPE = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}
_KIND_OF_STATUS: dict[int, Kind] = {404: "not_found", 409: "conflict", 413: "too_large"}

_TOO_LONG = re.compile(
    r"prompt is too long|exceeds? (the )?(model's )?(maximum )?context|exceeded model token limit",
    re.IGNORECASE,
)
_NO_MONEY = re.compile(r"credit balance is too low|reached your specified API usage limits", re.IGNORECASE)
_UNSAFE = re.compile(r"blocked by (the |our )?content filtering", re.IGNORECASE)
_SPENT = re.compile(r"spend_limit_reached|billing")
_KEY_LIKE = re.compile(r"\bsk-[\w-]+|\b(?:Bearer|x-api-key:?)\s+\S+", re.IGNORECASE)
_LONGEST_MESSAGE = 2_000


def decode_error(status: int, headers: Mapping[str, str], body: bytes) -> PointsmanError:
    """What an answer with ``status`` >= 400 means. The body may be anything: JSON, HTML, nothing."""
    error = _classify(status, _read(body), retry_after(headers))
    if headers.get("x-should-retry") == "false":
        error.retryable = False
    return error


def decode_stream_error(data: bytes) -> PointsmanError:
    """What an ``error`` event in a stream means; its type stands in for the status that went out long ago."""
    said = _read(data)
    return _classify(_STATUS_OF_TYPE.get(said.type, 500), said, None)


def encode_error(error: PointsmanError, request_id: str) -> bytes:
    """``details.error_code`` holds our stable code, where Anthropic has codes of its own."""
    return msgspec.json.encode(
        {
            "type": "error",
            "error": {
                "type": _TYPES[error.kind],
                "message": error.message,
                "details": {"error_code": error.code},
            },
            "request_id": request_id,
        }
    )


def encode_stream_error(error: PointsmanError, request_id: str) -> bytes:
    return b"event: error\ndata: " + encode_error(error, request_id) + b"\n\n"


def _read(body: bytes) -> WireErrorObject:
    try:
        return _error.decode(body).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return WireErrorObject()


def _classify(status: int, said: WireErrorObject, wait: float | None) -> PointsmanError:
    code = said.details.error_code if said.details is not None else None
    message = _KEY_LIKE.sub("[key]", said.message)[:_LONGEST_MESSAGE]
    if not message:
        message = f"The provider answered HTTP {status} without saying why."
    if status in (401, 403):
        return UpstreamCredentials(_credentials(status, code))
    if status == 402 or said.type == "billing_error" or _NO_MONEY.search(message):
        return UpstreamQuotaExhausted(message)
    if status == 429:
        if code is not None and _SPENT.search(code):
            return UpstreamQuotaExhausted(message)
        return UpstreamRateLimited(message, retry_after=wait)
    if status == 408:
        return UpstreamTimeout(message, retry_after=wait)
    if status >= 500:
        return _unavailable(status, message, wait)
    if status in (400, 413) and _TOO_LONG.search(message):
        return ContextWindowExceeded(message)
    if status == 400 and _UNSAFE.search(message):
        return UpstreamRefused(message)
    rejected = UpstreamRejected(
        message, status=status, retry_after=wait, kind=_KIND_OF_STATUS.get(status, "invalid_request")
    )
    rejected.retryable = status == 409
    return rejected


def _unavailable(status: int, message: str, wait: float | None) -> UpstreamUnavailable:
    error = UpstreamUnavailable(message, status=status, retry_after=wait)
    if status == 504:
        error.kind = "timeout"
    elif status not in (503, 529):
        error.kind = "api"
    return error


def _credentials(status: int, code: str | None) -> str:
    """Our own words: what a provider says of a key may hold a piece of it."""
    why = f", {code}" if code is not None and re.fullmatch(r"[a-z_]{1,64}", code) else ""
    return (
        f"The provider refused the gateway's own credentials (HTTP {status}{why}). "
        "The operator must check the API key that is configured for it and what that key may do."
    )
