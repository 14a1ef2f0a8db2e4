"""Errors on OpenAI's wire, both ways.

Providers quote the caller's input, and some quote part of the key that they refused. A message about
credentials is therefore never passed on, and what looks like a key is masked in every other one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

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

_any = msgspec.json.Decoder()
_encode = msgspec.json.Encoder().encode

_KEY = re.compile(r"\b(?:sk|pk|rk|hs|gsk|xai|pm|key|AIza)[-_]?[\w*.\-]{8,}|\bBearer\s+\S+|\S*\*{3,}\S*")
_MAX_MESSAGE = 2_000
_QUOTA = re.compile(
    r"insufficient_quota|insufficient_balance|billing|credit|(?:spend|budget|usage|hard|month|quota)\w*_limit"
)
_WINDOW = re.compile(
    r"maximum context length|context window|context_length_exceeded|prompt is too long"
    r"|maximum number of tokens allowed"  # Gemini
    r"|maximum (model|prompt) length|available context size",  # vLLM, xAI, llama.cpp
    re.I,
)
_LARGER_THAN_LIMIT = re.compile(r"request too large", re.I)
"""A 429 for a request that is larger than a whole minute's tokens: it would be refused at any time."""
_UNSAFE = frozenset(("content_filter", "content_policy_violation"))
_DELAY = re.compile(r"(\d+(?:\.\d+)?)s")
_TYPES: Mapping[Kind, str] = {
    "invalid_request": "invalid_request_error",
    "authentication": "invalid_request_error",
    "billing": "insufficient_quota",
    "permission": "permission_error",
    "not_found": "invalid_request_error",
    "conflict": "conflict_error",
    "too_large": "invalid_request_error",
    "rate_limit": "rate_limit_error",
    "quota": "insufficient_quota",
    "api": "server_error",
    "overloaded": "server_error",
    "timeout": "timeout_error",
}
_KINDS: Mapping[int, Kind] = {404: "not_found", 409: "conflict", 413: "too_large"}
_STREAM_STATUS = (
    ("quota", 429),
    ("billing", 429),
    ("rate_limit", 429),
    ("slow_down", 429),
    ("overloaded", 503),
    ("authentication", 401),
    ("permission", 403),
    ("invalid_api_key", 401),
    ("not_found", 404),
    ("invalid", 400),
    ("context_length", 400),
)
"""The status that an error without one would have had, by a word of its type or code."""


class _Said(msgspec.Struct, frozen=True):
    """What the body of an error says, whatever its shape."""

    message: str = ""
    type: str = ""
    code: str = ""
    param: str | None = None
    number: int | None = None
    """A ``code`` or ``status`` that is an HTTP status, as Gemini and OpenRouter send."""
    delay: float | None = None
    """Seconds to wait, where the body tells it (Gemini, which sends no header)."""


def decode_error(status: int, headers: Mapping[str, str], body: bytes) -> PointsmanError:
    """The error that an answer with ``status`` >= 400 means. ``headers`` have lower-case names."""
    try:
        value = _any.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = None  # a proxy's HTML page, or nothing
    said, wait = _said(value), retry_after(headers)
    error = _error(status, said, said.delay if wait is None else wait)
    if headers.get("x-should-retry") == "false":
        error.retryable = False
    return error


def decode_stream_error(value: Any) -> PointsmanError:
    """The error that the ``error`` member of a stream's event means; it has no HTTP status of its own."""
    said = _said({"error": value})
    status = said.number
    if status is None:
        words = f"{said.type} {said.code}"
        status = next((number for word, number in _STREAM_STATUS if word in words), 500)
    return _error(status, said, None)


def _said(value: Any) -> _Said:
    if isinstance(value, list) and value:  # Gemini's compatible API answers with a list of one
        value = value[0]
    if not isinstance(value, dict):
        return _Said()
    error = value.get("error", value)
    if isinstance(error, str):
        return _Said(message=error)
    if not isinstance(error, dict):
        return _Said()
    code = error.get("code")
    numbers = [code, error.get("status")]
    return _Said(
        message=_string(error.get("message")) or _string(error.get("detail")),
        type=_string(error.get("type")) or _string(error.get("status")),
        code=_string(code),
        param=_string(error.get("param")) or None,
        number=next((n for n in numbers if type(n) is int and 400 <= n <= 599), None),
        delay=_delay(error.get("details")),
    )


def _delay(details: Any) -> float | None:
    """Google's ``RetryInfo`` among the details: ``"retryDelay": "34.07s"``."""
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict):
            match = _DELAY.fullmatch(_string(detail.get("retryDelay")))
            if match is not None:
                return float(match[1])
    return None


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _error(status: int, said: _Said, wait: float | None) -> PointsmanError:
    code = said.code or None
    message = _KEY.sub("***", said.message)[:_MAX_MESSAGE] or f"The provider answered with HTTP {status}."
    words = f"{said.type} {said.code}".lower()
    if status in (401, 403):
        return UpstreamCredentials(
            f"The provider refused the gateway's key (HTTP {status}): check the key of this provider, and "
            "what it may be used for."
        )
    if status == 402 or (status == 429 and _QUOTA.search(words)):
        return UpstreamQuotaExhausted(message, code=code, status=status)
    if status == 429:
        limited = UpstreamRateLimited(message, code=code, retry_after=wait)
        limited.retryable = _LARGER_THAN_LIMIT.match(message) is None
        return limited
    if status == 408:
        return UpstreamTimeout(message, code=code, retry_after=wait)
    if status == 409:  # a lock or a race at the provider: the same request may pass a moment later
        return UpstreamUnavailable(message, code=code, retry_after=wait)
    if status >= 500:
        return UpstreamUnavailable(message, code=code, status=status, retry_after=wait)
    if said.code == "context_length_exceeded" or (status in (400, 413, 422) and _WINDOW.search(said.message)):
        return ContextWindowExceeded(message, param=said.param)
    if status == 400 and said.code in _UNSAFE:
        return UpstreamRefused(message, param=said.param, code=code)
    kind = _KINDS.get(status, "invalid_request")
    return UpstreamRejected(message, param=said.param, status=status, code=code, kind=kind)


def encode_error(error: PointsmanError) -> bytes:
    """OpenAI's shape. The request id is in the header ``x-request-id``, as at OpenAI."""
    return _encode(
        {
            "error": {
                "message": error.message,
                "type": _TYPES[error.kind],
                "param": error.param,
                "code": error.code,
            }
        }
    )


def encode_stream_error(error: PointsmanError) -> bytes:
    """The event that ends a stream; no ``[DONE]`` follows, so that nobody takes the answer for whole."""
    return b"data: " + encode_error(error) + b"\n\n"
