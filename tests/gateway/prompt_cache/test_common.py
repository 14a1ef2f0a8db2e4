from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.chat import Usage
from pointsman.dialects.anthropic_messages.dialect import ANTHROPIC_MESSAGES
from pointsman.dialects.base import Dialect
from pointsman.dialects.openai_chat.dialect import OPENAI_CHAT
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Plan, Stage
from pointsman.gateway.prompt_cache.common import (
    HEADER,
    earned_by,
    fields_of,
    holding,
    is_declined,
    partition_of,
)
from pointsman.gateway.prompt_cache.holders import Holders
from pointsman.keys import KeyInfo
from tests.support.arrivals import an_arrival
from tests.support.gateway import a_route
from tests.support.models import a_model

BODY: dict[str, Any] = {"model": "m", "max_tokens": 5, "messages": [{"role": "user", "content": "a"}]}


def test_who_declines() -> None:
    assert is_declined(Call(an_arrival(BODY, headers={HEADER: b"off"})))
    assert not is_declined(Call(an_arrival(BODY, headers={HEADER: b"on"})))
    assert not is_declined(Call(an_arrival(BODY)))


def test_keys_of_a_tenant_are_one() -> None:
    one, two = (Call(an_arrival(BODY, key=KeyInfo(id=key, name=key, tenant="acme"))) for key in "ab")
    assert partition_of(one) == partition_of(two) == "acme"
    assert partition_of(Call(an_arrival(BODY, key=KeyInfo(id="a", name="a", tenant="")))) == "a"


@pytest.mark.parametrize(("name", "defaults"), [("m", {}), ("other", {}), ("other", {"temperature": 0.5})])
@pytest.mark.parametrize("face", [ANTHROPIC_MESSAGES, OPENAI_CHAT])
@pytest.mark.parametrize("stream", [False, True])
def test_fields_are_those_of_what_is_sent(
    name: str, defaults: dict[str, float], face: Dialect, stream: bool
) -> None:
    """Known without reading where nothing but the model's name is another."""
    route = a_route(a_model(name), face.name, name)
    call = Call(an_arrival({**BODY, "stream": stream}, face), plan=Plan(route, defaults), route=route)
    call.peek = call.arrival.face.peek(call.arrival.body)
    record = call.open_attempt(0.0)
    fields = fields_of(call, record)
    assert fields is not None
    assert {key: bytes(raw) for key, raw in fields.items()} == {
        key: bytes(raw)
        for key, raw in msgspec.json.decode(record.sent_body, type=dict[str, msgspec.Raw]).items()
    }


@pytest.mark.parametrize(
    ("outcome", "first_at", "held"),
    [
        ("ok", None, True),
        ("cut", 1.0, True),
        ("broken", 1.0, True),
        ("cut", None, False),
        ("error", 1.0, False),
    ],
)
def test_whoever_began_to_answer_holds_it(outcome: str, first_at: float | None, held: bool) -> None:
    route = a_route(a_model("m"), OPENAI_CHAT.name, "m")
    plan = Plan(route, {}, stages=(Stage((route,), (1.0,)),))
    holders = Holders()
    for stages in (plan.stages, ()):
        call = Call(an_arrival(BODY), plan=msgspec.structs.replace(plan, stages=stages), route=route)
        call.peek = call.arrival.face.peek(call.arrival.body)
        record = call.open_attempt(0.0)
        record.watch, record.first_at = holding(holders, call, 60.0), first_at
        assert (record.watch is None) is (not stages)
        record.settle(outcome, Usage(), 0, 2.0)
    said = [*BODY["messages"], {"role": "assistant", "content": "b"}]
    later = Call(an_arrival({**BODY, "messages": said}))
    later.peek = later.arrival.face.peek(later.arrival.body)
    assert [holders.find(later, now) for now in (59.0, 60.0)] == [route.deployment if held else "", ""]


def test_what_is_not_priced_has_earned_nothing_that_is_known() -> None:
    pricer = a_route(a_model()).pricer
    assert pricer is not None
    assert earned_by(None, pricer, 1_795_000_000_000_000) is None
    assert earned_by(Usage(input=5), pricer, 1_795_000_000_000_000) == 0
    assert earned_by(Usage(cache_write_5m=5), pricer, 1_795_000_000_000_000) is None
