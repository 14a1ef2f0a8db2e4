"""One request on its way: what it sends, and what it must be booked with if nobody tells."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from pointsman.catalog import Capabilities
from pointsman.chat import Usage
from pointsman.errors import StreamBroken, UpstreamUnreachable
from pointsman.gateway.call.account import GENERATED_AT_ONCE, AttemptRecord
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Arrival, Plan, Route
from pointsman.gateway.edge.accept import ANTHROPIC, OPENAI
from pointsman.tokens import Learned
from tests.support.arrivals import an_arrival
from tests.support.gateway import a_route, ask
from tests.support.models import a_model
from tests.support.provider_bytes import ANTHROPIC_EVENTS, OPENAI_EVENTS

PLENTY = a_model(context_window=10**6, max_output=10**6)


def a_call(
    body: dict[str, Any] | None = None, *, route: Route | None = None, defaults: Any = None, **arrival: Any
) -> Call:
    came: Arrival = an_arrival(body or ask("m"), **arrival)
    call = Call(came)
    call.decide(came.face.peek(came.body), Plan(route or a_route(), defaults or {}))
    return call


def sent(call: Call) -> Any:
    return msgspec.json.decode(call.encode().body)


def test_the_same_dialect_crosses_nothing() -> None:
    call = a_call()
    record = call.open_attempt(1.0)
    assert (record.crosses, record.dropped) == (False, ())
    assert call.encode().body is call.arrival.body
    assert call.encode() is call.encode(), "the same for every attempt"


def test_another_dialect_does() -> None:
    call = a_call(ask("m", seed=1), route=a_route(dialect="anthropic_messages"))
    assert sent(call)["messages"] == [{"role": "user", "content": "Why?"}]
    record = call.open_attempt(1.0)
    assert (record.crosses, record.dropped) == (True, ("seed",))


def test_what_goes_over_the_wire() -> None:
    call = a_call(query="beta=true", request_id="req_7")
    first, second = call.open_attempt(1.0), call.open_attempt(2.0)
    assert (first.number, second.number) == (1, 2)
    request = call.http_request(second)
    assert (request.method, request.url) == ("POST", "http://acme/chat/completions?beta=true")
    assert dict(request.headers)["x-client-request-id"] == "req_7-2"
    crossed = a_call(query="beta=true", route=a_route(dialect="anthropic_messages"))
    assert crossed.http_request(crossed.open_attempt(1.0)).url == "http://acme/v1/messages"


TOGETHER = a_model(capabilities=Capabilities(sampling_together=False))
PRESET = {"temperature": 0.3, "max_output": 9}


@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic_messages"])
def test_a_preset_fills_what_is_missing_and_goes_with_what_is_there(dialect: str) -> None:
    bare = {"model": "m", "messages": [{"role": "user", "content": "Why?"}]}
    route = a_route(TOGETHER, dialect)
    filled = sent(a_call(bare, route=route, defaults=PRESET))
    assert (filled["temperature"], filled["max_tokens" if "max_tokens" in filled else MAX]) == (0.3, 9)
    kept = sent(a_call(bare | {"temperature": 0.9, "max_tokens": 5}, route=route, defaults=PRESET))
    assert (kept["temperature"], kept["max_tokens"]) == (0.9, 5)
    nucleus = sent(a_call(bare | {"top_p": 0.5}, route=route, defaults=PRESET))
    assert "temperature" not in nucleus, "the model takes only one of the two"


MAX = "max_completion_tokens"


@pytest.mark.parametrize(
    ("given", "defaults", "cap"),
    [
        ({MAX: 5}, {}, 5),
        ({"max_tokens": 6}, {}, 6),
        ({"max_tokens": None, MAX: 5}, {}, 5),
        ({}, {"max_output": 9}, 9),
        ({MAX: 5}, {"max_output": 9}, 5),
        ({}, {}, None),
    ],
)
def test_a_provider_that_heeds_only_the_old_name_of_the_cap_gets_it(
    given: dict[str, Any], defaults: dict[str, Any], cap: int | None
) -> None:
    route = a_route(PLENTY)
    old = msgspec.structs.replace(
        route, provider=msgspec.structs.replace(route.provider, legacy_max_tokens=True)
    )
    body = {"model": "m", "messages": [{"role": "user", "content": "Why?"}]} | given
    assert sent(a_call(body, route=old, defaults=defaults)).get("max_tokens") == cap


def test_the_old_name_of_the_cap_is_used_when_translating_too() -> None:
    route = a_route(PLENTY)
    old = msgspec.structs.replace(
        route, provider=msgspec.structs.replace(route.provider, legacy_max_tokens=True)
    )
    for each, name in ((route, MAX), (old, "max_tokens")):
        crossed = sent(a_call(ask("m", max_tokens=7), face=ANTHROPIC, route=each))
        assert {key: crossed[key] for key in crossed if key.startswith("max")} == {name: 7}
    unknown = msgspec.structs.replace(old, model=None)
    assert sent(a_call(ask("m", max_tokens=7), face=ANTHROPIC, route=unknown))["max_tokens"] == 7


# -- estimates of what nobody told


def estimate(call: Call, record: AttemptRecord, error: BaseException | None, now: float = 10.0) -> Usage:
    return call.estimate(record, Learned(), now, error)


def test_an_answer_that_never_came_may_have_been_as_long_as_allowed() -> None:
    call = a_call(ask("m", max_tokens=70))
    assert estimate(call, call.open_attempt(10.0), UpstreamUnreachable("reset")).output == 70
    free = a_call({"model": "m", "messages": ask("m")["messages"]}, route=a_route(PLENTY))
    assert estimate(free, free.open_attempt(10.0), None).output == GENERATED_AT_ONCE
    later = a_call({"model": "m", "messages": ask("m")["messages"]}, route=a_route(PLENTY))
    assert estimate(later, later.open_attempt(0.0), None).output > GENERATED_AT_ONCE


def test_the_models_own_maximum_bounds_it_too() -> None:
    call = a_call(ask("m", max_tokens=100), route=a_route(a_model(max_output=30)))
    assert estimate(call, call.open_attempt(10.0), None).output == 30


def a_stream(call: Call, *events: bytes) -> AttemptRecord:
    record = call.open_attempt(9.0)
    record.pipe, record.first_at = call.pipe(record), 9.5
    for event in events:
        record.pipe.feed(event)
    return record


@pytest.mark.parametrize("dialect", ["openai_chat", "anthropic_messages"])
@pytest.mark.parametrize("face", [OPENAI, ANTHROPIC])
def test_a_stream_is_counted_by_what_went_by(dialect: str, face: Any) -> None:
    events = OPENAI_EVENTS[:3] if dialect == "openai_chat" else ANTHROPIC_EVENTS[:6]
    call = a_call(ask("m", stream=True), route=a_route(PLENTY, dialect), face=face)
    record = a_stream(call, *events)
    ended = UpstreamUnreachable("closed in an orderly way")
    ended.seen_all = True
    seen = estimate(call, record, ended)
    assert seen.output == 3, "Because so."
    assert estimate(call, record, None) == seen
    lost = estimate(call, record, StreamBroken("reset"))
    assert seen.output < lost.output <= 100
    assert seen.input == (9 if dialect == "anthropic_messages" else lost.input)


def test_what_is_learned_raises_an_estimate() -> None:
    call = a_call(ask("m", stream=True), route=a_route(PLENTY))
    record = a_stream(call, *OPENAI_EVENTS[:3])
    learned = Learned().observe("m", 10, 30).observe("m output", 10, 20)
    plain, raised = estimate(call, record, None), call.estimate(record, learned, 10.0, None)
    assert raised.input == 3 * plain.input
    assert raised.output == 2 * plain.output


def test_a_body_that_only_its_provider_can_read_is_estimated_by_its_size() -> None:
    call = a_call(ask("m", tools=[{"type": "of its own", "x": "y" * 1000}]))
    assert estimate(call, call.open_attempt(10.0), None).input >= 500


def test_the_entry_of_a_request_that_was_never_planned() -> None:
    call = Call(an_arrival(b"not json"))
    call.status, call.outcome, call.error = 400, "error", "invalid_request"
    entry = call.entry(1000.5)
    assert (entry.requested, entry.model, entry.provider, entry.stream) == ("", "", "", False)
    assert (entry.key_id, entry.key_name, entry.tenant) == ("key_1", "team-1", "acme")
    assert (entry.cost, entry.ttft_us, entry.latency_us) == (0, None, 500_000)


def test_the_rest_of_an_answer_is_asked_for_by_a_call_that_shares_the_attempts() -> None:
    call = a_call(ask("m", stream=True), face=OPENAI, route=a_route(PLENTY))
    call.open_attempt(0.0)
    leg = call.leg(msgspec.json.encode(ask("m", "More?", stream=True, max_tokens=7)))
    assert call.peek is not None and leg.peek is not None
    assert (call.peek.max_output, leg.peek.max_output) == (100, 7)
    assert sent(leg)["messages"][0]["content"] == "More?"
    assert sent(call)["messages"][0]["content"] == "Why?"
    assert leg.open_attempt(0.0).number == 2
    assert [record.number for record in call.attempts] == [1, 2]
    leg.send_instead(b"{}")
    assert leg.open_attempt(0.0).sent_body == b"{}"
