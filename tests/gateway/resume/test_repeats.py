"""Replays in the books: of cost 0, and with the name of the request whose answer they are."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest

from pointsman.chat import Usage
from pointsman.gateway.call.values import Arrival
from pointsman.gateway.edge.accept import OPENAI
from pointsman.gateway.resume.repeats import REPLAY_ID, repeat_of
from pointsman.http1 import Leave
from pointsman.keys import KeyInfo, KeyLimits
from tests.support.event_ids import ids_of
from tests.support.gateway import CHAT, MESSAGES, Rig, ask
from tests.support.ledger_entries import an_entry
from tests.support.provider_bytes import ANTHROPIC_EVENTS, ANTHROPIC_MODEL, OPENAI_MODEL, OPENAI_WHOLE
from tests.support.upstream import Scripted, Wait

KEY = {"Idempotency-Key": "8e03978e-40d5-43dd-bc93-6894a57f9324"}
STREAM = ask(ANTHROPIC_MODEL, stream=True)
WHOLE = ask(OPENAI_MODEL)


class OneRequestAMinute:
    def authenticate(self, token: str) -> KeyInfo:
        return KeyInfo(id="k", name="team", tenant="t", limits=KeyLimits(rpm=1))


def arrived(*, left: bool = False) -> Arrival:
    leave = Leave()
    if left:
        leave.now()
    key = KeyInfo(id="k", name="team", tenant="t")
    return Arrival("req_2", 77, 10.0, OPENAI, {}, b"", key, leave)


@pytest.mark.parametrize(
    ("first", "left", "outcome", "saved"),
    [
        ({"outcome": "ok", "cost": 9}, False, "ok", 9),
        ({"outcome": "ok", "cost": None}, False, "ok", None),
        ({"outcome": "ok", "cost": 0, "cache": "hit", "source": "req_0", "saved": 5}, False, "ok", 0),
        ({"outcome": "ok", "cost": 9}, True, "cut", 9),
        ({"outcome": "broken", "cost": 9}, False, "broken", 0),
        ({"outcome": "error", "cost": None, "status": 503, "error": "x"}, False, "error", 0),
    ],
)
def test_an_entry(first: dict[str, Any], left: bool, outcome: str, saved: int | None) -> None:
    origin = msgspec.structs.replace(an_entry(), **first)
    made = repeat_of(origin, arrived(left=left), began=10.25, ended=10.5)
    assert (made.cost, made.usage, made.attempts, made.estimated) == (0, Usage(), (), False)
    assert (made.provider, made.cache, made.source) == ("cache", "replay", origin.request_id)
    assert (made.outcome, made.saved) == (outcome, saved)
    assert (made.status, made.error, made.model) == (origin.status, origin.error, origin.model)
    assert (made.request_id, made.at_us, made.key_name, made.tenant) == ("req_2", 77, "team", "t")
    assert (made.ttft_us, made.latency_us, made.queued_us) == (250_000, 500_000, 0)
    assert repeat_of(origin, arrived(), began=None, ended=11.0).ttft_us is None


@pytest.mark.parametrize(("path", "body"), [(CHAT, WHOLE), (MESSAGES, STREAM)])
async def test_a_replay_is_booked_and_can_be_looked_up_by_its_own_id(path: str, body: Any) -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE if body is WHOLE else ANTHROPIC_EVENTS))
    first = await rig.post(path, body, KEY)
    again = await rig.post(path, body, KEY)
    await rig.ledger.has(2)
    origin, replay = rig.ledger.entries
    assert again.headers["x-request-id"] == origin.request_id == first.headers["x-request-id"]
    assert origin.cost and (replay.saved, replay.cost) == (origin.cost, 0)
    own = again.headers[REPLAY_ID.decode()]
    view = (await rig.get(f"/v1/requests/{own}")).json()
    assert (view["cache"], view["source"], view["cost_usd"]) == ("replay", origin.request_id, "0")
    assert view["saved_usd"] == (await rig.get(f"/v1/requests/{origin.request_id}")).json()["cost_usd"]
    (served,) = [s for labels, s in rig.gateway.metrics.series() if labels[1] == "cache"]
    assert (served.requests, served.cost) == (1, 0)


async def test_who_follows_is_booked_when_it_is_known_what_it_saved() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE, before=Wait.UNTIL_LEFT))
    calls = [asyncio.ensure_future(rig.post(CHAT, WHOLE, KEY)) for _ in range(3)]
    await rig.transport.asked.wait()
    rig.transport.answer_now()
    await asyncio.gather(*calls)
    await rig.ledger.has(3)
    origin, *others = rig.ledger.entries
    assert [(each.cache, each.source, each.saved) for each in others] == [
        ("replay", origin.request_id, origin.cost)
    ] * 2


async def test_a_replay_takes_nothing_of_the_limits_of_its_key() -> None:
    rig = Rig(Scripted(body=OPENAI_WHOLE), door=OneRequestAMinute())
    for _ in range(3):
        assert (await rig.post(CHAT, WHOLE, KEY)).status == 200
    await rig.ledger.has(3)
    refused = await rig.post(CHAT, WHOLE, {"x-pointsman-max-wait": "0"})
    assert refused.status == 429


async def test_who_goes_on_behind_an_event_is_no_request_more() -> None:
    rig = Rig(Scripted(body=ANTHROPIC_EVENTS))
    first = await rig.post(MESSAGES, STREAM, KEY)
    back = await rig.post(MESSAGES, STREAM, KEY | {"last-event-id": ids_of(first.body)[2]})
    assert REPLAY_ID.decode() not in back.headers
    await rig.gateway.close()
    assert rig.entry.request_id == first.headers["x-request-id"]


@pytest.mark.parametrize("path", ["/v1/messages/count_tokens", "/v1/feedback"])
async def test_what_has_no_entry_has_none_when_it_is_replayed(path: str) -> None:
    rig = Rig(otherwise=Scripted(body=b'{"input_tokens":7}'))
    for _ in range(2):
        await rig.post(path, ask(ANTHROPIC_MODEL), KEY)
    await rig.gateway.close()
    assert not rig.ledger.entries
