from __future__ import annotations

import pytest

from bench.flows.contenders import CONTENDERS, HOW, KNOWN, LITELLM, LOOP, SDK, UNKNOWN, sender
from bench.flows.traffic import make_plan
from tests.support.simulated import calls, simulated

PLAN = make_plan(rpm=60, seconds=10.0, settled=0.0, batch=2, seed=1)


def test_everyone_is_introduced() -> None:
    assert set(HOW) == set(CONTENDERS) == {KNOWN, UNKNOWN, SDK, LOOP, LITELLM}


@pytest.mark.parametrize("contender", [KNOWN, SDK, LOOP])
async def test_requests_are_sent_as_planned_and_their_tokens_counted(contender: str) -> None:
    async with simulated() as (_, base_url):
        send, close = sender(contender, f"{base_url}/openai/v1", ["a", "b", "c", "d"], PLAN, 9.0)
        tokens = [await send(request) for request in PLAN.batch]
        await close()
        found = await calls(base_url, 2)
    assert tokens == [call["input"] + call["output"] for call in found]
    assert [call["stream"] for call in found] == [request.stream for request in PLAN.batch]
