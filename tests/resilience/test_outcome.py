"""The table of errors → what may help, and what counts against a deployment."""

from __future__ import annotations

import inspect

import pytest

from pointsman import errors
from pointsman.errors import PointsmanError
from pointsman.resilience import Outcome, Remedy, outcome_of, speaks_ill


def not_retryable(error: PointsmanError) -> PointsmanError:
    error.retryable = False
    return error


def retryable(error: PointsmanError) -> PointsmanError:
    error.retryable = True
    return error


AGAIN, ELSEWHERE, NOTHING = Outcome(Remedy.AGAIN), Outcome(Remedy.ELSEWHERE), Outcome(Remedy.NOTHING)
ACCOUNT = Outcome(Remedy.ELSEWHERE, provider_wide=True)

CASES: list[tuple[PointsmanError, Outcome, bool]] = [
    (errors.UpstreamUnavailable("", status=500), AGAIN, True),
    (errors.UpstreamUnavailable("", status=503, retry_after=3.0), Outcome(Remedy.AGAIN, 3.0), True),
    (errors.UpstreamUnavailable("", status=529), AGAIN, True),
    (not_retryable(errors.UpstreamUnavailable("", status=500)), ELSEWHERE, True),
    (errors.UpstreamUnreachable(""), AGAIN, True),
    (errors.UpstreamUnreachable("", sent=False), AGAIN, True),
    (errors.UpstreamTimeout(""), AGAIN, True),
    (errors.UpstreamTimeout("", status=408), AGAIN, True),
    (errors.UpstreamMalformed(""), ELSEWHERE, True),
    (errors.StreamBroken(""), Outcome(Remedy.AGAIN, broke=True), True),
    (errors.UpstreamRateLimited(""), AGAIN, False),
    (errors.UpstreamRateLimited("", retry_after=7.0), Outcome(Remedy.AGAIN, 7.0), False),
    (not_retryable(errors.UpstreamRateLimited("larger than the limit")), ELSEWHERE, False),
    (errors.UpstreamQuotaExhausted(""), ACCOUNT, False),
    (errors.UpstreamCredentials(""), ACCOUNT, False),
    (errors.UpstreamRejected("", status=400), NOTHING, False),
    (errors.UpstreamRejected("", status=404, kind="not_found"), ELSEWHERE, False),
    (errors.UpstreamRejected("", status=413, kind="too_large"), NOTHING, False),
    (errors.UpstreamRejected("", status=422), NOTHING, False),
    (retryable(errors.UpstreamRejected("", status=409, kind="conflict")), AGAIN, False),
    (errors.UpstreamRefused(""), Outcome(Remedy.REFUSED), False),
    (errors.ContextWindowExceeded(""), Outcome(Remedy.LARGER), False),
    (errors.UnsupportedByModel(""), ELSEWHERE, False),
    (errors.UntranslatableRequest(""), ELSEWHERE, False),
    (errors.ModelNotFound(""), ELSEWHERE, False),
    (errors.NotFound(""), NOTHING, False),
    (errors.InvalidRequest(""), NOTHING, False),
    (errors.AuthenticationFailed(""), NOTHING, False),
    (errors.PermissionDenied(""), NOTHING, False),
    (errors.MethodNotAllowed(""), NOTHING, False),
    (errors.Conflict(""), NOTHING, False),
    (errors.AnswerUnderWay(""), AGAIN, False),
    (errors.NotStored(""), NOTHING, False),
    (errors.RequestTooLarge(""), NOTHING, False),
    (errors.RateLimited("", retry_after=2.0), Outcome(Remedy.AGAIN, 2.0), False),
    (errors.RateLimited("never"), ELSEWHERE, False),
    (errors.ServerBusy(""), AGAIN, False),
    (errors.ConfigurationError(""), NOTHING, False),
    (errors.InternalError(""), NOTHING, False),
]
ABSTRACT = {"PointsmanError", "RequestError", "UpstreamError"}


@pytest.mark.parametrize(("error", "outcome", "ill"), CASES, ids=lambda value: type(value).__name__)
def test_the_table(error: PointsmanError, outcome: Outcome, ill: bool) -> None:
    assert outcome_of(error) == outcome
    assert speaks_ill(error) is ill


def test_every_error_of_the_tree_has_its_row() -> None:
    tree = {
        name
        for name, thing in inspect.getmembers(errors, inspect.isclass)
        if issubclass(thing, PointsmanError) and not name.startswith("_")
    }
    assert {type(error).__name__ for error, _, _ in CASES} == tree - ABSTRACT
