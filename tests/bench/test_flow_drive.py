from __future__ import annotations

import asyncio

import pytest

from bench.flows.drive import PASS_PAUSE, Driver, Outcome
from bench.flows.traffic import Plan, Request
from tests.support.virtual_time import run_virtual


def request(at: float, prompt: str) -> Request:
    return Request(at, "one", prompt, 40, False)


def plan(*requests: Request, seconds: float) -> Plan:
    return Plan(120, seconds, 0.0, requests, requests)


class Provider:
    """Prompts say how long they take; "no" is refused the first time."""

    def __init__(self) -> None:
        self.refused: set[str] = set()

    async def send(self, request: Request) -> int:
        if request.prompt == "no" and request.prompt not in self.refused:
            self.refused.add(request.prompt)
            raise ConnectionRefusedError("too many")
        await asyncio.sleep(0.0 if request.prompt == "no" else float(request.prompt))
        return 5


def test_each_arrives_at_its_time_and_ends_as_it_ends() -> None:
    async def run() -> Outcome:
        driver = Driver(Provider().send, 10.0, asyncio.get_running_loop().time)
        await driver.steady(
            plan(request(1, "2"), request(2, "no"), request(3, "50"), request(35, "9"), seconds=40.0)
        )
        return driver.outcome

    outcome = run_virtual(run)
    ended = sorted((record.begun, record.ended, record.outcome, record.tokens) for record in outcome.records)
    assert ended[:3] == [(1, 3, "ok", 5), (2, 2, "failed", 0), (3, 13, "gave up", 0)]
    assert outcome.unfinished == 1


@pytest.mark.parametrize(
    ("seconds", "completed", "unfinished"), [(60.0, PASS_PAUSE + 2, 0), (1.5, None, 2), (2.5, None, 1)]
)
def test_a_batch_goes_on_until_all_are_answered(
    seconds: float, completed: float | None, unfinished: int
) -> None:
    async def run() -> Outcome:
        driver = Driver(Provider().send, None, asyncio.get_running_loop().time)
        await driver.batch(plan(request(0, "2"), request(0, "no"), seconds=seconds))
        return driver.outcome

    outcome = run_virtual(run)
    assert (outcome.completed, outcome.unfinished) == (completed, unfinished)
    assert sum(record.outcome == "failed" for record in outcome.records) == 1
