"""From an error on the wire back to the error tree, so that a remote gateway raises what a local one does."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from pointsman import errors
from pointsman.errors import Kind, PointsmanError, UpstreamRejected


class _Detail(msgspec.Struct):
    message: str = ""
    code: str | int | None = None
    param: str | None = None


class _Body(msgspec.Struct):
    error: _Detail


_decode = msgspec.json.Decoder(_Body).decode

_BY_CODE: Mapping[str, type[PointsmanError]] = {
    kind.default_code: kind
    for kind in (
        errors.InvalidRequest,
        errors.UnsupportedByModel,
        errors.UntranslatableRequest,
        errors.ContextWindowExceeded,
        errors.AuthenticationFailed,
        errors.PermissionDenied,
        errors.NotFound,
        errors.ModelNotFound,
        errors.MethodNotAllowed,
        errors.Conflict,
        errors.AnswerUnderWay,
        errors.RequestTooLarge,
        errors.NotStored,
        errors.UpstreamError,
        errors.UpstreamRejected,
        errors.UpstreamRefused,
        errors.UpstreamCredentials,
        errors.UpstreamRateLimited,
        errors.RateLimited,
        errors.UpstreamQuotaExhausted,
        errors.UpstreamUnavailable,
        errors.UpstreamUnreachable,
        errors.UpstreamTimeout,
        errors.UpstreamMalformed,
        errors.StreamBroken,
        errors.ServerBusy,
        errors.InternalError,
    )
} | {  # codes of their own, whose status alone would tell another story
    "fell_behind": errors.StreamBroken,
    "larger_than_limit": errors.RateLimited,
    "limits_away": errors.ServerBusy,
    "queue_full": errors.RateLimited,
}
_BY_STATUS: Mapping[int, type[PointsmanError]] = {
    401: errors.AuthenticationFailed,
    402: errors.UpstreamQuotaExhausted,
    403: errors.PermissionDenied,
    404: errors.NotFound,
    405: errors.MethodNotAllowed,
    409: errors.Conflict,
    413: errors.RequestTooLarge,
    429: errors.UpstreamRateLimited,
    504: errors.UpstreamTimeout,
}
_KINDS: Mapping[int, Kind] = {404: "not_found", 409: "conflict", 413: "too_large"}


def error_from(status: int, headers: Mapping[str, str], body: bytes) -> PointsmanError:
    """The error that an answer with ``status`` >= 400 means: by its code, else by its status."""
    try:
        detail = _decode(body).error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        detail = _Detail()
    message = detail.message or f"The gateway answered {status} and said nothing else that can be read."
    code = None if detail.code is None else str(detail.code)
    wait = _seconds(headers.get("retry-after", ""))
    kind = _BY_CODE.get(code or "")
    if (
        kind is None
        and "x-pointsman-attempts" in headers
        and 400 <= status < 500
        and status not in (402, 429)
    ):
        return UpstreamRejected(  # an attempt was made, so it is the provider that refused
            message,
            param=detail.param,
            status=status,
            code=code,
            kind=_KINDS.get(status, "invalid_request"),
        )
    kind = kind or _BY_STATUS.get(status) or _by_class(status)
    return kind(message, param=detail.param, status=status, code=code, retry_after=wait)


def as_raised_here(error: PointsmanError) -> PointsmanError:
    """The error that a stream told of. On the wire it has a code and no status, so its class is a guess
    until it is looked up by the code."""
    kind = _BY_CODE.get(error.code)
    if kind is None or isinstance(error, kind):
        return error
    return kind(error.message, param=error.param, code=error.code, retry_after=error.retry_after)


def _seconds(text: str) -> float | None:
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < 1e9 else None


def _by_class(status: int) -> type[PointsmanError]:
    return errors.InvalidRequest if status < 500 else errors.UpstreamUnavailable
