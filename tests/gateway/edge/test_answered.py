"""What an action answers, errors included."""

from __future__ import annotations

import logging

import pytest

from pointsman.errors import RateLimited
from pointsman.gateway.call.values import Answer, Arrival
from pointsman.gateway.edge.answered import answered
from tests.support.arrivals import an_arrival

WHOLE = Answer(200, [], b"{}")


async def test_an_answer_is_given_as_it_is() -> None:
    async def run(arrival: Arrival) -> Answer:
        return WHOLE

    assert await answered(run, an_arrival()) is WHOLE


async def test_an_error_is_an_answer() -> None:
    async def run(arrival: Arrival) -> Answer:
        raise RateLimited("Later.", retry_after=2)

    answer = await answered(run, an_arrival())
    assert answer.status == 429
    assert (b"retry-after", b"2") in answer.headers


async def test_a_bug_is_a_clean_500_and_told_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    async def run(arrival: Arrival) -> Answer:
        raise ZeroDivisionError("secret")

    with caplog.at_level(logging.ERROR):
        answer = await answered(run, an_arrival())
    assert answer.status == 500
    assert isinstance(answer.body, bytes)
    assert b"req_1" in answer.body
    assert b"secret" not in answer.body
    assert "ZeroDivisionError" in caplog.text
