"""What the end of an attempt means: not what went wrong in detail, but what can be done about it.

Here and nowhere else errors become remedies, so that the table of decisions (``decide.py``), the breaker and
``call_with_retry`` agree on them.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from pointsman import errors
from pointsman.errors import Kind, PointsmanError


class Remedy(Enum):
    """What may help after a failed attempt."""

    AGAIN = "again"
    """The same request, here or elsewhere, a moment later."""
    ELSEWHERE = "elsewhere"
    """Never here; another candidate may take it."""
    LARGER = "larger"
    """Only a candidate with a larger context window."""
    REFUSED = "refused"
    """A safety refusal: nowhere, unless the operator says that another model may be asked."""
    NOTHING = "nothing"
    """The request itself is at fault, or we are: it would fail everywhere."""


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """How an attempt ended, as far as the next step depends on it."""

    remedy: Remedy
    retry_after: float | None = None
    """Seconds that the provider asks to wait for."""
    provider_wide: bool = False
    """It holds for all that is had from this provider with the same account (key, quota)."""
    broke: bool = False
    """The answer had begun and broke off, so that there may be something to go on from."""


_ELSEWHERE: frozenset[Kind] = frozenset(
    ("authentication", "billing", "permission", "quota", "not_found", "rate_limit")
)
_CANNOT_HERE = (errors.UnsupportedByModel, errors.UntranslatableRequest, errors.ModelNotFound)


def outcome_of(error: PointsmanError) -> Outcome:
    """Read an error of the tree. Rows in order, the first that fits."""
    wait = error.retry_after
    if isinstance(error, errors.ContextWindowExceeded):
        return Outcome(Remedy.LARGER)
    if isinstance(error, errors.UpstreamRefused):
        return Outcome(Remedy.REFUSED)
    if isinstance(error, errors.UpstreamQuotaExhausted | errors.UpstreamCredentials):
        return Outcome(Remedy.ELSEWHERE, provider_wide=True)
    if isinstance(error, errors.StreamBroken):
        return Outcome(Remedy.AGAIN, wait, broke=True)
    if isinstance(error, errors.RateLimited) and wait is None:
        return Outcome(Remedy.ELSEWHERE)  # larger than the limit itself
    if error.retryable:
        return Outcome(Remedy.AGAIN, wait)
    if isinstance(error, errors.UpstreamMalformed | errors.UpstreamUnavailable):
        return Outcome(Remedy.ELSEWHERE)
    if isinstance(error, _CANNOT_HERE):
        return Outcome(Remedy.ELSEWHERE)
    if isinstance(error, errors.UpstreamError) and error.kind in _ELSEWHERE:
        return Outcome(Remedy.ELSEWHERE)
    return Outcome(Remedy.NOTHING)


def speaks_ill(error: PointsmanError) -> bool:
    """Whether the error says that a deployment is not well, so that its breaker counts it.

    What a caller can bring about at will (4xx) does not, since one caller must not close a deployment to all;
    a 429 does not, since it belongs to the limits. 5xx, 529, failed connections, timeouts, broken and
    malformed answers do.
    """
    return isinstance(
        error,
        errors.UpstreamUnavailable
        | errors.UpstreamUnreachable
        | errors.UpstreamTimeout
        | errors.UpstreamMalformed
        | errors.StreamBroken,
    )
