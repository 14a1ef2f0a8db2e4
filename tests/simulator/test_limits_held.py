"""The limits against the invoice: three times what is allowed, for ten minutes, over a network that jitters.
Whatever was let in is summed up anew over every stretch of time."""

import asyncio
import random
from fractions import Fraction
from itertools import accumulate
from typing import Any

import msgspec
import pytest

from pointsman.http1 import HttpRequest, Timeouts
from pointsman.simulator import Config, app
from pointsman.simulator.invoice import Call
from tests.support.gateway import packaged_catalog
from tests.support.simulated import ANTHROPIC_PATH, KEY, OPENAI_PATH, VERSION, anthropic_body, openai_body
from tests.support.simulated_transport import SimulatedTransport
from tests.support.virtual_time import VirtualClock, run_virtual

MINUTE = 60_000_000
RPM, INPUT_TPM = 40, 900
REQUESTS = 3 * RPM * 10
Stretch = tuple[int, int, int]
"""When it began and ended, and what was let in between, both ends included."""


def _overload(seed: int, path: str, **settings: Any) -> tuple[list[Call], dict[str, Any]]:
    dice = random.Random(seed)
    body = openai_body if path == OPENAI_PATH else anthropic_body
    headers = tuple((KEY | VERSION).items())

    async def one(transport: SimulatedTransport) -> None:
        prompt = "Why? " * dice.randrange(1, 40)
        data = msgspec.json.encode(body(prompt, max_tokens=5))
        await asyncio.sleep(dice.uniform(0, 600))
        answer = await transport.send(HttpRequest("POST", "http://x" + path, headers, data), Timeouts())
        await answer.read()

    async def work() -> tuple[list[Call], dict[str, Any]]:
        simulator = app(Config(**settings), models=packaged_catalog(), clock=VirtualClock())
        transport = SimulatedTransport(simulator, delay=lambda: dice.uniform(0, 2))
        async with asyncio.TaskGroup() as group:
            for _ in range(REQUESTS):
                group.create_task(one(transport))
        calls: list[Call] = simulator.service.invoice.report(in_flight=0, summary=False)["calls"]
        (limits,) = simulator.service.limits()["models"]
        return sorted(calls, key=lambda call: call.at_us), limits

    return run_virtual(work)


def _stretches(let_in: list[tuple[int, int]]) -> list[Stretch]:
    sums = [0, *accumulate(amount for _, amount in let_in)]
    return [
        (let_in[first][0], let_in[last][0], sums[last + 1] - sums[first])
        for first in range(len(let_in))
        for last in range(first, len(let_in))
    ]


@pytest.mark.parametrize("limit", ["rpm", "input_tpm"])
@pytest.mark.parametrize(
    ("path", "window"), [(OPENAI_PATH, "rolling"), (OPENAI_PATH, "bucket"), (ANTHROPIC_PATH, "rolling")]
)
def test_whatever_is_asked_no_more_is_let_in(path: str, window: str, limit: str) -> None:
    most, cause = (RPM, "requests") if limit == "rpm" else (INPUT_TPM, "input_tokens")
    settings = {limit: most, "window": window, "count_refused": False}
    calls, report = _overload(7, path, **settings)
    let_in = [(call.at_us, 1 if limit == "rpm" else call.input) for call in calls if call.status == 200]
    rolling = window == "rolling" and path == OPENAI_PATH
    for began, ended, amount in _stretches(let_in):
        if not rolling:
            assert amount <= most + Fraction((ended - began) * most, MINUTE)
        elif ended - began < MINUTE:
            assert amount <= most
    told = report["limits"][cause]
    assert told["total"] == sum(amount for _, amount in let_in) > 9 * most, "and little less"
    assert told["peak"] <= told["limit"] == most
    assert report["rejected_429"] == {cause: len(calls) - len(let_in)}
    assert len(calls) == REQUESTS


def test_whoever_hammers_where_refusals_count_gets_less() -> None:
    free, counted = (
        _overload(7, OPENAI_PATH, rpm=RPM, window="rolling", count_refused=counts)[1]["limits"]["requests"]
        for counts in (False, True)
    )
    assert counted["total"] < free["total"] / 5
