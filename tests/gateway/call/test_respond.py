"""The headers of answers, and errors in the caller's dialect."""

from __future__ import annotations

import json

import pytest

from pointsman.dialects.base import Dialect
from pointsman.errors import (
    InvalidRequest,
    ModelNotFound,
    PointsmanError,
    UpstreamRateLimited,
    UpstreamUnavailable,
)
from pointsman.gateway.call.account import AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.respond import answer_headers, coalesced_headers, error_answer, waiting_headers
from pointsman.gateway.call.values import Plan
from pointsman.gateway.edge.accept import ANTHROPIC, OPENAI
from tests.support.arrivals import an_arrival
from tests.support.gateway import a_route


def settled(cost: int | None, *, warning: str = "", settled: bool = True) -> Call:
    call = Call(an_arrival())
    call.plan = Plan(a_route(), {}, warning)
    call.attempts = [AttemptRecord(number, a_route(name="modèle"), 0.0, b"") for number in (1, 2)]
    call.settled, call.cost = settled, cost
    return call


def headers_of(call: Call) -> dict[bytes, bytes]:
    return dict(answer_headers(call, call.attempts[-1], b"application/json"))


def test_who_answered_and_at_what_cost() -> None:
    headers = headers_of(settled(1_500_000))
    assert headers == {
        b"content-type": b"application/json",
        b"x-request-id": b"req_1",
        b"request-id": b"req_1",
        b"x-pointsman-model": b"mod?le",
        b"x-pointsman-provider": b"acme",
        b"x-pointsman-attempts": b"2",
        b"x-pointsman-queued-ms": b"0",
        b"x-pointsman-cost-usd": b"0.0000015",
    }


@pytest.mark.parametrize("call", [settled(None), settled(5, settled=False)])
def test_a_cost_that_is_not_known_or_not_yet_has_no_header(call: Call) -> None:
    assert b"x-pointsman-cost-usd" not in headers_of(call)


@pytest.mark.parametrize(("cost", "told"), [(None, None), (0, b"0"), (1_500_000, b"0.0000015")])
def test_who_shares_an_answer_is_told_who_gave_it_and_what_it_pays_itself(
    cost: int | None, told: bytes | None
) -> None:
    made = settled(7)
    made.attempts[-1].dropped = ("seed",)
    call = settled(cost, warning="old")
    call.cache, call.arrival.request_id = "coalesced", "req_2"
    headers = dict(coalesced_headers(call, answer_headers(made, made.attempts[-1], b"text/plain")))
    assert headers.pop(b"x-pointsman-cost-usd", None) == told
    assert headers == {
        b"content-type": b"application/json",
        b"x-request-id": b"req_2",
        b"request-id": b"req_2",
        b"x-pointsman-model": b"mod?le",
        b"x-pointsman-provider": b"acme",
        b"x-pointsman-dropped": b"seed",
        b"x-pointsman-attempts": b"0",
        b"x-pointsman-queued-ms": b"0",
        b"x-pointsman-cache": b"coalesced",
        b"x-pointsman-warning": b"old",
    }


def test_a_cost_of_nothing_is_told() -> None:
    assert headers_of(settled(0))[b"x-pointsman-cost-usd"] == b"0"


def test_a_warning_cannot_smuggle_in_a_header() -> None:
    headers = headers_of(settled(0, warning="ends\r\nx-evil: 1 – soon"))
    assert headers[b"x-pointsman-warning"] == b"ends??x-evil: 1 ? soon"


CASES: list[tuple[PointsmanError, int, dict[bytes, bytes]]] = [
    (InvalidRequest("No."), 0, {b"x-should-retry": b"false"}),
    (ModelNotFound("No."), 0, {b"x-should-retry": b"false"}),
    (UpstreamUnavailable("Later."), 1, {b"x-pointsman-attempts": b"1"}),
    (UpstreamUnavailable("Later."), 3, {b"x-pointsman-attempts": b"3", b"x-should-retry": b"false"}),
    (UpstreamRateLimited("Later.", retry_after=0.2), 0, {b"retry-after": b"1", b"retry-after-ms": b"200"}),
    (
        UpstreamRateLimited("Later.", retry_after=12.0),
        0,
        {b"retry-after": b"12", b"retry-after-ms": b"12000"},
    ),
    (
        UpstreamRateLimited("Later.", retry_after=13.0),
        0,
        {b"retry-after": b"13", b"retry-after-ms": b"13000"},
    ),
    (
        UpstreamRateLimited("Later.", retry_after=12.3),
        0,
        {b"retry-after": b"13", b"retry-after-ms": b"12300"},
    ),
]


@pytest.mark.parametrize("face", [OPENAI, ANTHROPIC])
@pytest.mark.parametrize(("error", "attempts", "more"), CASES)
def test_errors(face: Dialect, error: PointsmanError, attempts: int, more: dict[bytes, bytes]) -> None:
    answer = error_answer(face, error, "req_9", attempts=attempts)
    always = {b"content-type": b"application/json", b"x-request-id": b"req_9", b"request-id": b"req_9"}
    assert (answer.status, dict(answer.headers)) == (error.status, always | more)
    assert isinstance(answer.body, bytes)
    body = json.loads(answer.body)
    assert body["error"]["message"] == error.message
    assert (body.get("type"), body.get("request_id")) == (
        ("error", "req_9") if face is ANTHROPIC else (None, None)
    )


def test_a_wait_in_the_queue_is_told_in_whole_milliseconds() -> None:
    call = settled(0)
    call.queued_us = 1_234_567
    assert headers_of(call)[b"x-pointsman-queued-ms"] == b"1234"


def test_a_stream_that_is_announced_tells_what_is_known_by_then() -> None:
    headers = dict(waiting_headers(settled(None, warning="soon gone", settled=False)))
    assert headers == {
        b"content-type": b"text/event-stream; charset=utf-8",
        b"x-request-id": b"req_1",
        b"request-id": b"req_1",
        b"x-pointsman-warning": b"soon gone",
    }


@pytest.mark.parametrize("spent", [False, True])
def test_the_clients_retries_are_not_added_to_ours_once_these_are_spent(spent: bool) -> None:
    answer = error_answer(OPENAI, UpstreamUnavailable("Later."), "req_9", attempts=1, spent=spent)
    assert (dict(answer.headers).get(b"x-should-retry") == b"false") is spent


@pytest.mark.parametrize("chosen", [None, (b"x-pointsman-route", b"default; policy=fixed; reason=fixed")])
def test_an_error_says_how_a_model_was_chosen_where_one_was(chosen: tuple[bytes, bytes] | None) -> None:
    answer = error_answer(OPENAI, UpstreamUnavailable("Later."), "req_9", chosen=chosen)
    assert dict(answer.headers).get(b"x-pointsman-route") == (chosen and chosen[1])
