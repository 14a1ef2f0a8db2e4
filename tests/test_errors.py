"""The tree: every error of it says what the wire needs."""

from __future__ import annotations

import inspect
import re

import pytest

from pointsman import errors
from pointsman.errors import PointsmanError

TREE = [
    thing
    for _, thing in inspect.getmembers(errors, inspect.isclass)
    if issubclass(thing, PointsmanError) and not thing.__name__.startswith("_")
]
RETRYABLE = {
    errors.AnswerUnderWay,
    errors.UpstreamRateLimited,
    errors.UpstreamUnavailable,
    errors.UpstreamUnreachable,
    errors.UpstreamTimeout,
    errors.RateLimited,
    errors.ServerBusy,
}


@pytest.mark.parametrize("kind", TREE)
def test_each_has_a_status_a_code_and_its_message(kind: type[PointsmanError]) -> None:
    error = kind("what is wrong and what to do", param="messages[0]", retry_after=1.5)
    assert 400 <= error.status < 600
    assert re.fullmatch(r"[a-z_]+", error.code)
    assert (error.message, error.param, error.retry_after) == (
        "what is wrong and what to do",
        "messages[0]",
        1.5,
    )
    assert str(error) == error.message


@pytest.mark.parametrize("kind", TREE)
def test_only_what_may_pass_is_retryable(kind: type[PointsmanError]) -> None:
    assert kind("").retryable is (kind in RETRYABLE)


@pytest.mark.parametrize("kind", TREE)
def test_the_drawn_tree_names_it(kind: type[PointsmanError]) -> None:
    assert kind.__name__ in (errors.__doc__ or "")


def test_status_and_code_can_be_given() -> None:
    error = errors.UpstreamUnavailable("overloaded", status=529, code="overloaded_error")
    assert (error.status, error.code) == (529, "overloaded_error")


def test_codes_are_told_apart() -> None:
    own = [kind.default_code for kind in TREE if "default_code" in vars(kind)]
    assert len(own) == len(set(own))
