"""The service in virtual time: no sockets, no waiting."""

import random
from typing import Any

import msgspec
import pytest

from pointsman.catalog import load_catalog
from pointsman.simulator.config import Config
from pointsman.simulator.faults import parse_faults
from pointsman.simulator.paths import Place
from pointsman.simulator.service import Service
from pointsman.simulator.values import End, Performance, Reply
from tests.support.clock import FakeClock
from tests.support.simulated import KEY, VERSION, anthropic_body, openai_body

OPENAI = Place("openai", "openai", "chat")
ANTHROPIC = Place("anthropic", "anthropic", "chat")


def _service(clock: FakeClock | None = None, faults: str = "", **settings: Any) -> Service:
    return Service(Config(faults=parse_faults(faults), **settings), load_catalog(), clock or FakeClock())


def _ask(service: Service, prompt: str = "Why?", place: Place = OPENAI, **more: Any) -> Reply | Performance:
    body = (openai_body if place is OPENAI else anthropic_body)(prompt, **more)
    return service.ask(place, KEY | VERSION, msgspec.json.encode(body))


def _status(decided: Reply | Performance) -> int:
    return decided.status if isinstance(decided, Reply) else 200


def _finish(service: Service, performance: Performance) -> None:
    shown = sum(chunk.tokens for chunk in performance.script.chunks)
    service.end(performance.ticket, End("ok", shown, True, shown))


def test_the_order_of_requests_changes_nothing() -> None:
    prompts = [f"Question {number % 25}" for number in range(100)]

    def run(order: list[str]) -> dict[str, list[bytes]]:
        service = _service(seed=5, faults="429:0.2,reset:0.2,malformed:0.1", pace="real")
        got: dict[str, list[bytes]] = {}
        for prompt in order:
            decided = _ask(service, prompt, stream=True)
            got.setdefault(prompt, []).append(msgspec.json.encode(_plain(decided)))
        return got

    shuffled = prompts[:]
    random.Random(1).shuffle(shuffled)
    assert run(prompts) == run(shuffled)


def _plain(decided: Reply | Performance) -> Any:
    if isinstance(decided, Reply):
        return [decided.status, decided.body.decode()]
    script = decided.script
    return [[(chunk.data.decode(), chunk.due) for chunk in script.chunks], script.ending]


def test_a_request_that_is_sent_again_gets_a_new_throw_of_the_dice() -> None:
    service = _service(faults="500:0.5")
    statuses = {_status(_ask(service)) for _ in range(30)}
    assert statuses == {200, 500}


@pytest.mark.parametrize("place", [OPENAI, ANTHROPIC])
def test_requests_a_minute_are_exact_in_virtual_time(place: Place) -> None:
    clock = FakeClock()
    service = _service(clock, rpm=30, count_refused=False)
    assert [_status(_ask(service, place=place)) for _ in range(32)] == [200] * 30 + [429] * 2
    refused = _ask(service, place=place)
    assert isinstance(refused, Reply)
    assert dict(refused.headers)[b"retry-after"] == b"2"
    clock.advance(1.999)
    assert _status(_ask(service, place=place)) == 429
    clock.advance(0.001)
    assert [_status(_ask(service, place=place)) for _ in range(2)] == [200, 429]
    report = service.invoice.report(in_flight=service.in_flight, summary=False)
    assert (report["rejected_429"], report["in_flight"]) == (5, 31)
    assert report["total_usd"] == "0"


def test_a_refused_request_counts_at_openai_only() -> None:
    clock = FakeClock()
    service = _service(clock, rpm=30)
    gemini = Place("gemini", "openai", "chat")
    assert [_status(_ask(service, place=place)) for place in (OPENAI, ANTHROPIC) for _ in range(30)] == [
        200
    ] * 60
    body = msgspec.json.encode(openai_body(model="gemini-2.5-flash"))
    assert [_status(service.ask(gemini, KEY, body)) for _ in range(31)] == [200] * 30 + [429]
    clock.advance(1.999)
    assert [_status(_ask(service, place=place)) for place in (OPENAI, ANTHROPIC)] == [429, 429]
    clock.advance(0.001)
    assert [_status(_ask(service, place=place)) for place in (OPENAI, ANTHROPIC)] == [429, 200]
    assert _status(service.ask(gemini, KEY, body)) == 200
    clock.advance(2)
    assert _status(_ask(service)) == 200


def test_a_scripted_failure_counts_against_the_limits_but_gives_its_place_back() -> None:
    service = _service(rpm=3, concurrency=1, faults="500:1")
    assert [_status(_ask(service)) for _ in range(4)] == [500, 500, 500, 429]
    (report,) = service.limits()["models"]
    assert report["rejected_429"] == {"requests": 1}
    assert (report["limits"]["concurrency"]["used"], report["limits"]["requests"]["total"]) == (0, 3)


def test_a_scripted_429_is_told_apart() -> None:
    service = _service(faults="429:1:retry_after=2", retry_after=False)
    refused = _ask(service)
    assert isinstance(refused, Reply)
    assert (refused.status, service.limits()["models"][0]["rejected_429"]) == (429, {"fault": 1})
    assert not [name for name, _ in refused.headers if name.startswith(b"retry-after")]


@pytest.mark.parametrize("place", [OPENAI, ANTHROPIC])
def test_a_provider_that_tells_nothing(place: Place) -> None:
    service = _service(rpm=1, limit_headers="off", retry_after=False)
    answers = [_ask(service, place=place), _ask(service, place=place)]
    assert [_status(answer) for answer in answers] == [200, 429]
    for answer in answers:
        assert [name for name, _ in answer.headers if b"ratelimit" in name or b"retry" in name] == []
    assert isinstance(answers[1], Reply)
    assert b"try again" not in answers[1].body


def test_what_anthropic_reads_from_its_cache_does_not_count() -> None:
    service = _service(input_tpm=6000)
    marked = [{"type": "text", "text": "Rails. " * 2400, "cache_control": {"type": "ephemeral"}}]

    def used() -> int:
        assert _status(_ask(service, place=ANTHROPIC, model="claude-sonnet-5-5", system=marked)) == 200
        level: int = service.limits()["models"][0]["limits"]["input_tokens"]["used"]
        return level

    first = used()
    assert first > 3000
    assert first < used() < first + 50


def test_limits_are_those_of_one_model() -> None:
    service = _service(rpm=1)
    asked = [_ask(service, model=model) for model in ("gpt-4o", "gpt-4o-2024-08-06", "gpt-4o-mini")]
    assert [_status(decided) for decided in asked] == [200, 429, 200]


def test_tokens_a_minute() -> None:
    service = _service(tpm=2000)
    assert _status(_ask(service, max_completion_tokens=1990)) == 200
    assert _status(_ask(service, max_completion_tokens=1990)) == 429
    assert _status(_ask(service, max_completion_tokens=1999)) == 429
    anthropic = _service(tpm=2000)
    first = _ask(anthropic, place=ANTHROPIC, max_tokens=60_000)
    assert isinstance(first, Performance)
    anthropic.end(first.ticket, End("ok", 2000, True, 2000))
    assert _status(_ask(anthropic, place=ANTHROPIC, max_tokens=10)) == 429


def test_a_call_is_billed_when_it_ends() -> None:
    service = _service()
    decided = _ask(service)
    assert isinstance(decided, Performance)
    assert (service.in_flight, len(service.invoice)) == (1, 0)
    _finish(service, decided)
    (call,) = service.invoice.report(in_flight=0, summary=False)["calls"]
    assert (service.in_flight, call.outcome, call.input) == (0, "ok", 6)
    # gpt-4o costs 2.50 and 10.00 dollars for a million tokens
    assert int(float(call.usd) * 10**9 + 0.5) == call.input * 2500 + call.output * 10_000


def test_hidden_reasoning_is_billed_as_soon_as_anything_is_shown() -> None:
    for shown, billed in ((0, False), (3, True)):
        service = _service()
        decided = _ask(service, model="gpt-5", reasoning_effort="high", stream=True)
        assert isinstance(decided, Performance)
        hidden = decided.ticket.prepared.answer.hidden
        assert hidden > 0
        service.end(decided.ticket, End("cut", shown, False, shown))
        (call,) = service.invoice.report(in_flight=0, summary=False)["calls"]
        assert call.output == (hidden + 3 if billed else 0)
        assert call.reasoning == (hidden if billed else 0)


def test_the_tier_that_was_asked_for_is_billed() -> None:
    service = _service()
    for tier in ("priority", "auto"):
        decided = _ask(service, service_tier=tier, max_completion_tokens=5)
        assert isinstance(decided, Performance)
        assert decided.ticket.tier == ("priority" if tier == "priority" else "")
        _finish(service, decided)
    dear, plain = service.invoice.report(in_flight=0, summary=False)["calls"]
    assert float(dear.usd) > float(plain.usd)


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"{}", 401),
        (KEY, b"{", 400),
        (KEY, b'{"model": "gpt-4o"}', 400),
        (KEY, msgspec.json.encode(openai_body(model="nope")), 404),
        (KEY, msgspec.json.encode(openai_body(max_completion_tokens=10**6)), 400),
    ],
)
def test_refusals_are_on_the_invoice_and_cost_nothing(
    headers: dict[str, str], body: bytes, status: int
) -> None:
    service = _service()
    decided = service.ask(OPENAI, headers | {"x-client-request-id": "r-1"}, body)
    assert isinstance(decided, Reply)
    (call,) = service.invoice.report(in_flight=0, summary=False)["calls"]
    assert (decided.status, call.status, call.outcome, call.usd) == (status, status, "rejected", "0")
    assert call.client_request_id == "r-1"


def test_counting_tokens_is_free_and_counts_as_the_bill_does() -> None:
    service = _service()
    body = anthropic_body("How many tokens are these?")
    decided = service.ask(ANTHROPIC, KEY | VERSION, msgspec.json.encode(body))
    assert isinstance(decided, Performance)
    del body["max_tokens"]
    counted = service.count(ANTHROPIC, KEY | VERSION, msgspec.json.encode(body))
    assert msgspec.json.decode(counted.body) == {"input_tokens": decided.ticket.buckets.input}
    assert len(service.invoice) == 0
    assert service.count(ANTHROPIC, VERSION, b"{}").status == 401


def test_models() -> None:
    service = _service()
    listed = msgspec.json.decode(service.models(OPENAI, KEY).body)
    assert "gpt-4o" in [model["id"] for model in listed["data"]]
    one = Place("openai", "openai", "models", "gpt-4o")
    assert msgspec.json.decode(service.models(one, KEY).body)["id"] == "gpt-4o"
    assert service.models(Place("openai", "openai", "models", "x"), KEY).status == 404
    assert service.models(OPENAI, {}).status == 401
