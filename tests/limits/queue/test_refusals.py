from __future__ import annotations

import pytest

from pointsman.errors import PointsmanError
from pointsman.limits import NOTHING, Limit, Scope, make_limit
from pointsman.limits.learning import found
from pointsman.limits.queue import refusals
from pointsman.limits.values.limit import Dimension, ScopeKind
from pointsman.limits.values.ticket import Ticket

TICKET = Ticket((), (1, 900, 100, 1_000, 900, 1_000, 1), key="k", lane="l", at_us=0, deadline_us=2_000_000)


@pytest.mark.parametrize(
    ("kind", "name", "dimension", "said"),
    [
        ("key", "key_1", "rpm", "The key key_1 may have 5 requests a minute (rpm)"),
        ("model", "m", "input_tpm", "The model m may have 5 prompt tokens a minute (input_tpm)"),
        ("provider", "acme", "tpm", "The account at acme may have 5 tokens a minute (tpm)"),
        ("deployment", "acme/m", "concurrency", "acme/m may have 5 calls at once (concurrency)"),
    ],
)
def test_a_refusal_names_the_limit_and_whose_it_is(
    kind: ScopeKind, name: str, dimension: Dimension, said: str
) -> None:
    limit = make_limit(Scope(kind, name), dimension, 5)
    for error in (refusals.never(TICKET, limit), refusals.too_late(TICKET, limit, 5_000_000, 2_000_000)):
        assert error.message.startswith(said)


@pytest.mark.parametrize(
    ("error", "code", "status", "retryable", "retry_after"),
    [
        (refusals.too_late(TICKET, None, 5_000_000, 2_000_000), "limit_reached", 429, True, 3.000001),
        (refusals.too_late(TICKET, None, None, 2_000_000), "limit_reached", 429, True, None),
        (refusals.too_late(TICKET, None, 5_000_000, 0, away=True), "limit_reached", 429, True, 5.000001),
        (refusals.too_late(TICKET, None, None, 0, away=True), "limits_away", 503, True, 1.0),
        (refusals.full(9, 9, 500_000), "queue_full", 429, True, 0.500001),
        (refusals.full(9, 9, None), "queue_full", 429, True, None),
        (
            refusals.never(TICKET, make_limit(Scope("model", "m"), "tpm", 5)),
            "larger_than_limit",
            429,
            False,
            None,
        ),
        (refusals.left(), "client_left", 499, False, None),
    ],
)
def test_what_the_wire_needs(
    error: PointsmanError, code: str, status: int, retryable: bool, retry_after: float | None
) -> None:
    assert (error.code, error.status, error.retryable) == (code, status, retryable)
    assert error.retry_after == retry_after


@pytest.mark.parametrize("limit", [None, make_limit(Scope("provider", "acme"), "tpm", 5, window="rolling")])
def test_of_a_store_that_is_away_it_says_that_a_share_is_all_there_is(limit: Limit | None) -> None:
    for wait_us in (None, 5_000_000):
        said = refusals.too_late(TICKET, limit, wait_us, 0, away=True).message
        assert "Redis, where replicas count their limits together, is away." in said
        assert "share" in said and "pointsman doctor says what is wrong" in said
        assert "that is reached" not in said and "calls under way" not in said
        assert limit is None or "The account at acme may have 5 tokens a minute (tpm)" in said


def test_a_pause_is_told_as_a_pause() -> None:
    pause = found.pause_limit("acme/m")
    ticket = Ticket((pause,), (1, 0, 0, 0, 0, 0, 1), key="", lane="acme/m", at_us=0, deadline_us=0)
    error = refusals.too_late(ticket, pause, 20_000_000, 0)
    assert error.message.startswith("acme/m has refused calls, and nothing is sent there for as long")
    assert error.retry_after == 20.000001


@pytest.mark.parametrize(
    ("wait_us", "factor", "after"), [(None, 1.0, None), (9_000_000, 1.0, 4.0), (9_000_000, 1.25, 5.0)]
)
def test_who_was_let_wait_in_vain_is_told_when_to_come_again(
    wait_us: int | None, factor: float, after: float | None
) -> None:
    ticket = Ticket((), NOTHING, key="a", lane="lane", at_us=1_000_000, deadline_us=6_000_000)
    error = refusals.passed_over(ticket, None, wait_us, factor=factor)
    assert "others that came later went before it" in str(error)
    assert error.retry_after == (after if after is None else pytest.approx(after, abs=1e-5))
