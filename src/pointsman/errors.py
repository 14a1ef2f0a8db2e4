"""The one error tree.

Every failure that a caller can see is one of these; foreign errors (sockets, JSON, SQLite) are
mapped to them once, at the edge where they arise. Each carries what the wire needs: HTTP status,
a stable machine code, whether the same request may be sent again, and how long to wait first.

    PointsmanError
    ├── RequestError                  the caller's request is at fault: never retried
    │   ├── InvalidRequest            400  malformed, missing or contradictory fields
    │   ├── UnsupportedByModel        400  the model cannot do it (image, tools, too much output)
    │   ├── UntranslatableRequest     400  no way to say this in the dialect of the provider
    │   ├── ContextWindowExceeded     400  the prompt is larger than the model's window
    │   ├── AuthenticationFailed      401
    │   ├── PermissionDenied          403
    │   ├── NotFound                  404  no such path or request id
    │   ├── ModelNotFound             404
    │   ├── MethodNotAllowed          405
    │   ├── Conflict                  409
    │   │   └── AnswerUnderWay        409  another process is at it: retryable
    │   ├── RequestTooLarge           413
    │   └── NotStored                 504  only a stored answer would do, and there is none (RFC 9111)
    ├── UpstreamError                 the provider, or the way to it, failed
    │   ├── UpstreamRejected          4xx  the provider refused the request; passed on as it said it
    │   │   └── UpstreamRefused       400  its safety rules did: another model is asked only if told to
    │   ├── UpstreamCredentials       502  the provider refused *our* key: the operator must mend it
    │   ├── UpstreamRateLimited       429  retryable
    │   ├── UpstreamQuotaExhausted    429  money or quota is used up there: not retryable
    │   ├── UpstreamUnavailable       5xx  retryable (500, 502, 503, 529 …)
    │   ├── UpstreamUnreachable       502  no connection, or it closed before an answer: retryable
    │   ├── UpstreamTimeout           504  connect, first-byte, idle or total timeout: retryable
    │   ├── UpstreamMalformed         502  the answer is not what the dialect allows
    │   └── StreamBroken              502  the stream ended before its terminal event
    ├── RateLimited                   429  a limit of ours cannot be met in time: says exactly when it can
    ├── ServerBusy                    503  this process is at its own limits, or shutting down
    ├── ConfigurationError                 a setting is wrong: names its path and the mend
    └── InternalError                 500  a bug of ours

Messages say what to do about it, and never contain a secret.
"""

from __future__ import annotations

from typing import ClassVar, Literal

Kind = Literal[
    "invalid_request",
    "authentication",
    "billing",
    "permission",
    "not_found",
    "conflict",
    "too_large",
    "rate_limit",
    "quota",
    "api",
    "overloaded",
    "timeout",
]
"""What sort of failure it is; every dialect has a word of its own for each (``dialects/*/errors.py``)."""


class PointsmanError(Exception):
    """Base of everything that Pointsman raises on purpose.

    Args:
        message: one or two sentences for a human: what is wrong and what to do.
        param: the field of the request (or path of the setting) at fault, if one is.
        status: HTTP status; the class default unless told.
        code: stable machine-readable code; the class default unless told.
        retry_after: seconds after which the same request may succeed, if known.
    """

    default_status: ClassVar[int] = 500
    default_code: ClassVar[str] = "internal_error"
    kind: Kind = "api"
    retryable: bool = False

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        status: int | None = None,
        code: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.param = param
        self.status = self.default_status if status is None else status
        self.code = self.default_code if code is None else code
        self.retry_after = retry_after


class RequestError(PointsmanError):
    default_status = 400
    default_code = "invalid_request"
    kind: Kind = "invalid_request"


class InvalidRequest(RequestError):
    pass


class UnsupportedByModel(RequestError):
    default_code = "unsupported_by_model"


class UntranslatableRequest(RequestError):
    default_code = "untranslatable_request"


class ContextWindowExceeded(RequestError):
    default_code = "context_length_exceeded"


class AuthenticationFailed(RequestError):
    default_status = 401
    default_code = "invalid_api_key"
    kind: Kind = "authentication"


class PermissionDenied(RequestError):
    default_status = 403
    default_code = "permission_denied"
    kind: Kind = "permission"


class NotFound(RequestError):
    default_status = 404
    default_code = "not_found"
    kind: Kind = "not_found"


class ModelNotFound(NotFound):
    default_code = "model_not_found"


class MethodNotAllowed(RequestError):
    default_status = 405
    default_code = "method_not_allowed"


class Conflict(RequestError):
    default_status = 409
    default_code = "conflict"
    kind: Kind = "conflict"


class AnswerUnderWay(Conflict):
    """The same request is being answered elsewhere, and its answer will be there in a moment."""

    default_code = "idempotency_in_progress"
    retryable = True


class RequestTooLarge(RequestError):
    default_status = 413
    default_code = "request_too_large"
    kind: Kind = "too_large"


class NotStored(RequestError):
    """Only a stored answer was asked for, and there is none (RFC 9111, only-if-cached)."""

    default_status = 504
    default_code = "not_stored"
    kind: Kind = "not_found"


class UpstreamError(PointsmanError):
    default_status = 502
    default_code = "upstream_error"


class UpstreamRejected(UpstreamError):
    """A 4xx of the provider. ``kind`` follows the status; set by the dialect that decoded it."""

    default_status = 400
    default_code = "upstream_rejected"

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        status: int | None = None,
        code: str | None = None,
        retry_after: float | None = None,
        kind: Kind = "invalid_request",
    ) -> None:
        super().__init__(message, param=param, status=status, code=code, retry_after=retry_after)
        self.kind = kind


class UpstreamRefused(UpstreamRejected):
    default_code = "safety_refusal"


class UpstreamCredentials(UpstreamError):
    default_code = "upstream_credentials"


class UpstreamRateLimited(UpstreamError):
    default_status = 429
    default_code = "rate_limit_exceeded"
    kind: Kind = "rate_limit"
    retryable = True


class UpstreamQuotaExhausted(UpstreamError):
    default_status = 429
    default_code = "insufficient_quota"
    kind: Kind = "quota"


class UpstreamUnavailable(UpstreamError):
    default_status = 503
    default_code = "upstream_unavailable"
    kind: Kind = "overloaded"
    retryable = True


class _UpstreamSilent(UpstreamError):
    """No answer came. ``sent`` False: nothing of the request left, so nothing can have been billed."""

    def __init__(
        self,
        message: str,
        *,
        param: str | None = None,
        status: int | None = None,
        code: str | None = None,
        retry_after: float | None = None,
        sent: bool = True,
    ) -> None:
        super().__init__(message, param=param, status=status, code=code, retry_after=retry_after)
        self.sent = sent


class UpstreamUnreachable(_UpstreamSilent):
    """``seen_all``: the provider closed in an orderly way, so that nothing it sent was lost on the way."""

    default_code = "upstream_unreachable"
    retryable = True
    seen_all = False


class UpstreamTimeout(_UpstreamSilent):
    default_status = 504
    default_code = "upstream_timeout"
    kind: Kind = "timeout"
    retryable = True


class UpstreamMalformed(UpstreamError):
    default_code = "upstream_malformed"


class StreamBroken(UpstreamError):
    default_code = "stream_broken"


class RateLimited(PointsmanError):
    """Nothing was sent. ``retry_after`` is when the same request would be taken; None if it never will be."""

    default_status = 429
    default_code = "limit_reached"
    kind: Kind = "rate_limit"
    retryable = True


class ServerBusy(PointsmanError):
    default_status = 503
    default_code = "server_busy"
    kind: Kind = "overloaded"
    retryable = True


class ConfigurationError(PointsmanError):
    default_code = "configuration_error"


class InternalError(PointsmanError):
    pass
