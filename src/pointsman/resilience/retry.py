"""How long to wait before a further attempt: a pure function, so that it is a table to test."""

from __future__ import annotations

from typing import Literal

import msgspec

from pointsman.errors import PointsmanError


class RetryPolicy(msgspec.Struct, frozen=True):
    """How often and how patiently a request is tried. Times in seconds."""

    attempts: int = 3
    """Calls to a provider at the most, the first one included, over all candidates."""
    base_delay: float = 0.5
    max_delay: float = 8.0
    max_retry_after: float = 30.0
    """A provider that asks for a longer wait than this is not waited for: the caller is told instead."""
    on_refusal: Literal["stop", "next"] = "stop"
    """What a safety refusal does: it is the answer, or another model is asked."""
    continue_streams: bool = False
    """Let another deployment go on with an answer that broke off after its first byte was forwarded."""


def wait_before_next(error: PointsmanError, made: int, policy: RetryPolicy, *, jitter: float) -> float | None:
    """Seconds to wait before the next attempt at the same place, or None to give up.

    Args:
        error: why the last attempt failed, before anything of it reached the client.
        made: attempts made so far, from 1.
        jitter: a random number in [0, 1).
    """
    if not error.retryable or made >= policy.attempts:
        return None
    return wait_for(error.retry_after, made, policy, jitter=jitter)


def wait_for(retry_after: float | None, tries: int, policy: RetryPolicy, *, jitter: float) -> float | None:
    """Seconds to wait before a place is tried again; None if it asks for more than ``max_retry_after``.

    Args:
        retry_after: seconds that it asked for, if it did.
        tries: how often it was tried, from 1.
        jitter: a random number in [0, 1).

    Exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog,
    2015): uniform in [0, min(max_delay, base_delay · 2^(tries - 1))). A provider's Retry-After is a floor
    under that, since it knows when there will be room; the jitter on top keeps waiters from coming back
    all at once.
    """
    if retry_after is None:
        return jitter * min(policy.max_delay, policy.base_delay * 2.0 ** min(tries - 1, 60))
    if retry_after > policy.max_retry_after:
        return None
    return retry_after + jitter * policy.base_delay
