"""The table of outcomes → wait or give up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman import errors
from pointsman.errors import PointsmanError
from pointsman.resilience import RetryPolicy, wait_before_next

POLICY = RetryPolicy(attempts=3, base_delay=0.5, max_delay=8.0, max_retry_after=30.0)

CASES: list[tuple[PointsmanError, int, float | None]] = [
    (errors.UpstreamUnavailable("", status=500), 1, 0.25),
    (errors.UpstreamUnavailable("", status=529), 2, 0.5),
    (errors.UpstreamUnavailable("", status=503), 3, None),
    (errors.UpstreamUnreachable(""), 1, 0.25),
    (errors.UpstreamTimeout(""), 1, 0.25),
    (errors.UpstreamRateLimited(""), 1, 0.25),
    (errors.UpstreamRateLimited("", retry_after=2.0), 1, 2.25),
    (errors.UpstreamRateLimited("", retry_after=30.0), 1, 30.25),
    (errors.UpstreamRateLimited("", retry_after=31.0), 1, None),
    (errors.UpstreamQuotaExhausted(""), 1, None),
    (errors.UpstreamRejected("", status=400), 1, None),
    (errors.UpstreamRejected("", status=404), 1, None),
    (errors.UpstreamCredentials(""), 1, None),
    (errors.UpstreamMalformed(""), 1, None),
    (errors.StreamBroken(""), 1, None),
    (errors.InvalidRequest(""), 1, None),
    (errors.ContextWindowExceeded(""), 1, None),
    (errors.InternalError(""), 1, None),
]


@pytest.mark.parametrize(("error", "made", "wait"), CASES)
def test_the_table(error: PointsmanError, made: int, wait: float | None) -> None:
    assert wait_before_next(error, made, POLICY, jitter=0.5) == wait


@given(made=st.integers(1, 60), jitter=st.floats(0, 1, exclude_max=True))
def test_backoff_is_within_full_jitter(made: int, jitter: float) -> None:
    policy = RetryPolicy(attempts=100, base_delay=0.5, max_delay=8.0)
    wait = wait_before_next(errors.UpstreamUnavailable(""), made, policy, jitter=jitter)
    assert wait is not None
    assert 0 <= wait <= min(8.0, 0.5 * 2 ** (made - 1))


@given(retry_after=st.floats(0, 30), jitter=st.floats(0, 1, exclude_max=True))
def test_never_sooner_than_the_provider_asks(retry_after: float, jitter: float) -> None:
    error = errors.UpstreamRateLimited("", retry_after=retry_after)
    wait = wait_before_next(error, 1, POLICY, jitter=jitter)
    assert wait is not None and wait >= retry_after


def test_one_attempt_means_none_after_it() -> None:
    assert wait_before_next(errors.UpstreamUnavailable(""), 1, RetryPolicy(attempts=1), jitter=0.1) is None
