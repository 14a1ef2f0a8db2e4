from __future__ import annotations

import msgspec
import pytest

from pointsman.demo.burst.referee import (
    CallList,
    LimitsTold,
    SimulatedCall,
    accepted_and_refused,
    each_second,
)
from tests.support.simulated import ask_openai, simulated
from tests.support.simulated import invoice as ask_for_invoice


@pytest.mark.parametrize(
    ("moments", "counts"),
    [
        ([], []),
        ([100], [1]),
        ([99], []),
        ([1_000_099, 1_000_100, 3_000_100, 3_500_000], [1, 1, 0, 2]),
    ],
)
def test_seconds_are_counted_from_the_beginning(moments: list[int], counts: list[int]) -> None:
    assert each_second(moments, 100) == counts


def test_other_failures_are_neither_accepted_nor_refused() -> None:
    calls = [SimulatedCall(at_us, status, "ok") for at_us, status in ((0, 200), (1, 429), (2, 503))]
    assert accepted_and_refused(calls, 0) == ([1], [1])


async def test_it_understands_the_simulator() -> None:
    async with simulated(rpm=1) as (_, base_url):
        statuses = [(await ask_openai(base_url)).status for _ in range(3)]
        told = msgspec.convert(await ask_for_invoice(base_url), CallList)
        assert statuses == [200, 429, 429]
        assert [call.status for call in told.calls] == statuses
        first = told.calls[0].at_us
        accepted, refused = accepted_and_refused(told.calls, first)
        assert (sum(accepted), sum(refused)) == (1, 2)


def test_refusals_of_all_models_and_causes_are_added_up() -> None:
    told = {
        "window": "bucket",
        "models": [{"rejected_429": {"requests": 2, "tokens": 3}}, {"rejected_429": {"fault": 1}}],
    }
    assert msgspec.convert(told, LimitsTold).refused == 6
    assert msgspec.convert({"models": []}, LimitsTold).refused == 0
