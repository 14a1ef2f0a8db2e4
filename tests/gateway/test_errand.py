"""Requests of the gateway's own."""

from __future__ import annotations

from pointsman.gateway.call.values import Errand
from pointsman.ledger.entry import Entry
from tests.support.arrivals import an_arrival
from tests.support.gateway import Rig, ask
from tests.support.provider_bytes import OPENAI_MODEL, OPENAI_WHOLE
from tests.support.upstream import Scripted

MODEL = OPENAI_MODEL


async def test_an_errand_is_booked_under_its_own_name() -> None:
    settled: list[Entry] = []
    rig = Rig(Scripted(body=OPENAI_WHOLE))
    arrival = an_arrival(ask(MODEL), errand=Errand("shadow:default", settled.append))
    answer = await rig.gateway.journey.run(arrival)
    assert answer.status == 200
    assert settled == [rig.entry]
    assert (rig.entry.requested, rig.entry.model) == ("shadow:default", MODEL)
    assert [call.requested for call in rig.open_calls.begun] == ["shadow:default"]


async def test_an_errand_is_one_call_and_no_more() -> None:
    settled: list[Entry] = []
    rig = Rig(otherwise=Scripted(503, b"{}"))
    answer = await rig.gateway.journey.run(an_arrival(ask(MODEL), errand=Errand("shadow:x", settled.append)))
    assert answer.status == 503
    assert len(rig.transport.requests) == 1
    assert [entry.outcome for entry in settled] == ["error"]
