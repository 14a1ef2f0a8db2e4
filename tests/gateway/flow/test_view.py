"""The flow as it stands, as the admin listener shows it."""

from __future__ import annotations

import msgspec

from pointsman.config.flow import LimitSettings
from pointsman.gateway.flow.view import FlowOverview
from pointsman.keys import KeyInfo, KeyLimits
from pointsman.limits import MemoryLimits
from pointsman.simulator import Config
from pointsman.simulator.faults import parse_faults
from tests.support.gateway import CHAT, Rig, ask
from tests.support.stack import settings
from tests.support.upstream import Scripted
from tests.support.virtual_stack import virtual_stack
from tests.support.virtual_time import run_virtual

GPT = "gpt-4.1"


class Team:
    def authenticate(self, token: str) -> KeyInfo:
        return KeyInfo(id="k1", name="team", tenant="t", limits=KeyLimits(rpm=5))


async def test_limits_of_settings_stand_there_before_anybody_came() -> None:
    given = msgspec.structs.replace(settings(), limits={GPT: LimitSettings(rpm=10)})
    rig = Rig(given=given)
    view = await rig.gateway.overview.limits()
    (row,) = view.limits
    assert (row.id, row.limit, row.used, row.source) == (f"model:{GPT}/rpm", 10, 0, "configured")
    assert (view.store, view.trouble, view.lanes) == ("memory", "", ())


async def test_a_key_is_shown_by_its_name_once_it_was_used() -> None:
    rig = Rig(otherwise=Scripted(status=400, body=b"{}"), door=Team())
    flow = rig.gateway.flow
    overview = FlowOverview(
        flow, MemoryLimits(), rig.clock, key_names=lambda: {"k1": "team"}, shared=lambda: "away"
    )
    assert (await overview.limits()).limits == ()
    await rig.post(CHAT, ask(GPT))
    view = await overview.limits()
    assert [(row.kind, row.name, row.dimension, row.limit) for row in view.limits] == [
        ("key", "team", "rpm", 5)
    ]
    assert (view.store, view.trouble) == ("redis", "away")


async def test_breakers_and_counters_are_those_of_what_happened() -> None:
    rig = Rig(otherwise=Scripted(status=503))
    for _ in range(12):
        await rig.post(CHAT, ask(GPT))
    overview = rig.gateway.overview
    assert [(row.deployment, row.state) for row in overview.breakers()] == [(f"openai/{GPT}", "open")]
    assert overview.counted.counts["retries", f"openai/{GPT}", ""] > 0


def test_rate_limits_of_providers_are_counted() -> None:
    async def work() -> None:
        async with virtual_stack(Config(faults=parse_faults("429:1"))) as stack:
            await stack.post(CHAT, ask(GPT))
            counts = stack.gateway.overview.counted.counts
            assert counts["upstream_rate_limited", f"openai/{GPT}", ""] == 3

    run_virtual(work)
