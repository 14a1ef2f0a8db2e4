"""What to do after an attempt failed: a pure function of the outcome, so that it is a table to test."""

from __future__ import annotations

import msgspec

from pointsman.errors import PointsmanError


class RetryPolicy(msgspec.Struct, frozen=True):
    """How often and how patiently a request is tried. Times in seconds."""

    attempts: int = 3
    """Calls to a provider at the most, the first one included."""
    base_delay: float = 0.5
    max_delay: float = 8.0
    max_retry_after: float = 30.0
    """A provider that asks for a longer wait than this is not waited for: the caller is told instead."""


def wait_before_next(error: PointsmanError, made: int, policy: RetryPolicy, *, jitter: float) -> float | None:
    """Seconds to wait before the next attempt, or None to give up.

    Args:
        error: why the last attempt failed, before anything of it reached the client.
        made: attempts made so far, from 1.
        jitter: a random number in [0, 1).

    Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
    2015): uniform in [0, min(max_delay, base_delay · 2^(made - 1))). A provider's Retry-After is a floor
    under that, since it knows when there will be room; the jitter on top keeps waiters from coming back
    all at once.
    """
    if not error.retryable or made >= policy.attempts:
        return None
    backoff = jitter * min(policy.max_delay, policy.base_delay * 2.0 ** (made - 1))
    if error.retry_after is None:
        return backoff
    if error.retry_after > policy.max_retry_after:
        return None
    return error.retry_after + jitter * policy.base_delay
