"""However a call ends, its place among the calls at a time is free again."""

import asyncio
import random

import msgspec
import pytest

from pointsman.errors import PointsmanError
from pointsman.http1 import HttpRequest, Leave, Timeouts
from pointsman.simulator import Config, app, parse_faults
from tests.support.gateway import packaged_catalog
from tests.support.simulated import KEY, OPENAI_PATH, openai_body
from tests.support.simulated_transport import SimulatedTransport
from tests.support.virtual_time import VirtualClock, run_virtual

FAULTS = "reset:0.15,stall:0.15,malformed:0.1,500:0.1,429:0.1,529:0.1"


@pytest.mark.parametrize("seed", range(3))
def test_places_are_given_back(seed: int) -> None:
    dice = random.Random(seed)

    async def one(transport: SimulatedTransport, number: int) -> None:
        """Stays to the end, leaves, hangs up or loses patience."""
        body = openai_body(f"Question {number}", stream=dice.random() < 0.5, max_tokens=60)
        request = HttpRequest(
            "POST", "http://simulator" + OPENAI_PATH, tuple(KEY.items()), msgspec.json.encode(body)
        )
        leave, how, when = Leave(), dice.randrange(4), dice.uniform(0, 2)
        await asyncio.sleep(dice.uniform(0, 60))
        if how == 0:
            asyncio.get_running_loop().call_later(when, leave.now)
        try:
            async with asyncio.timeout(when if how == 1 else None):
                answer = await transport.send(request, Timeouts(first_byte=3, idle=3), leave)
                if how == 2:
                    await answer.close()
                else:
                    await answer.read()
        except (PointsmanError, TimeoutError):
            return

    async def work() -> None:
        config = Config(seed=seed, faults=parse_faults(FAULTS), concurrency=4, pace="real")
        simulator = app(config, models=packaged_catalog(), clock=VirtualClock())
        transport = SimulatedTransport(simulator, delay=lambda: dice.uniform(0, 0.1))
        async with asyncio.TaskGroup() as group:
            for number in range(150):
                group.create_task(one(transport, number))
        await transport.close()
        (model,) = simulator.service.limits()["models"]
        places = model["limits"]["concurrency"]
        calls = simulator.service.invoice.report(in_flight=0, summary=False)["calls"]
        assert {call.outcome for call in calls} >= {"ok", "cut", "reset", "stalled", "failed", "rejected"}
        assert (places["used"], places["peak"], simulator.service.in_flight) == (0, 4, 0)
        assert model["rejected_429"]["concurrency"] > 0
        assert places["total"] + model["rejected_429"]["concurrency"] == len(calls)

    run_virtual(work)
