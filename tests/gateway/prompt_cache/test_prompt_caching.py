"""The autopilot over the whole journey, before simulated providers whose invoice says what it was worth."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import hypothesis
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pointsman.catalog import load_catalog
from pointsman.chat import Usage
from pointsman.config import Settings
from pointsman.costs import Pricer
from pointsman.dialects.anthropic_messages.dialect import ANTHROPIC_MESSAGES
from pointsman.gateway.call.call import Call
from pointsman.gateway.call.values import Plan
from pointsman.gateway.prompt_cache.prompt_caching import PromptCaching, terms_of
from pointsman.simulator import Config, parse_faults
from tests.support.arrivals import an_arrival
from tests.support.coding_agent import agent, as_openai, text
from tests.support.gateway import CHAT, MESSAGES, a_route
from tests.support.models import a_model
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual
from tests.support.warmed import ON, caching, marks, play, without_marks


@pytest.mark.parametrize("path", [MESSAGES, CHAT])
def test_an_agents_conversation_costs_a_third(path: str) -> None:
    bodies = agent(9)
    asked = bodies if path == MESSAGES else [as_openai(body) for body in bodies]
    plain, without = play(asked, settings(), path=path)
    sent, cost = play(asked, path=path)
    assert all(marks(body) for body in sent.bodies)
    assert [without_marks(body) for body in sent.bodies] == [without_marks(body) for body in plain.bodies]
    assert cost < without * Decimal("0.40")


def test_the_bytes_are_those_of_the_client_but_for_the_breakpoints() -> None:
    odd = b'{ "model" : "claude-sonnet-4-6", "max_tokens":9,"x-own": [1, 2.50],"messages" : [ {"role":"user",'
    odd += b'"content" : %s } ] ,\n "tools":[{"name":"t","input_schema":{"type":"object"}}] }' % (
        msgspec.json.encode(text(1500, "long"))
    )
    sent: list[bytes] = []

    async def work() -> None:
        async with virtual_stack(given=ON) as stack:
            stack.transport.on_send = lambda request: sent.append(request.body)
            assert (await stack.post(MESSAGES, odd)).status == 200

    run_virtual(work)
    content = msgspec.json.encode(text(1500, "long"))
    block = b'[{"type":"text","text":%b,"cache_control":{"type":"ephemeral"}}]' % content
    assert sent == [odd.replace(content, block)]


def test_what_is_off_changes_nothing() -> None:
    bodies = agent(3)
    expected = [msgspec.json.encode(body) for body in bodies]
    assert [request.body for request in play(bodies, settings())[0]] == expected
    sent, _ = play(bodies, headers={"x-pointsman-prompt-cache": "off"})
    assert [request.body for request in sent] == expected


def test_what_cannot_be_read_is_left_to_the_provider() -> None:
    body = {**agent(1)[0], "messages": [{"role": "user", "content": {"what": text(2000, "is this")}}]}

    async def work() -> None:
        async with virtual_stack(given=ON) as stack:
            assert (await stack.post(MESSAGES, body)).status == 400
            assert caching(stack).metrics.declined == {"unreadable": 1}

    run_virtual(work)


def test_what_could_be_lost_is_bounded() -> None:
    given = settings(prompt_cache={"enabled": True, "max_loss": 0.000_001})

    def check(stack: VirtualStack) -> None:
        assert caching(stack).metrics.declined == {"risk": 3}

    assert play(agent(3), given, check=check)[0].bodies == agent(3)


def test_a_conversation_goes_on_after_a_restart() -> None:
    """What was seen is gone; the provider may have it still, and if not it is written."""
    sent, _ = play(agent(6)[3:])
    assert [marks(body)[-1] for body in sent.bodies] == ["6", "8", "10"]


def test_the_callers_own_breakpoints_are_left_alone() -> None:
    bodies = agent(4)
    for body in bodies:
        body["system"] = [{"type": "text", "text": body["system"], "cache_control": {"type": "ephemeral"}}]
    expected = [msgspec.json.encode(body) for body in bodies]

    def check(stack: VirtualStack) -> None:
        assert caching(stack).metrics.declined == {"own": 4}

    assert [request.body for request in play(bodies, check=check)[0]] == expected


@pytest.mark.parametrize("place", ["top", "tool", "message"])
def test_wherever_they_are(place: str) -> None:
    bodies = agent(3)
    mark = {"cache_control": {"type": "ephemeral"}}
    for body in bodies:
        if place == "top":
            body |= mark
        elif place == "tool":
            body["tools"][-1] |= mark
        else:
            body["messages"] = [*body["messages"][:-1], *without_string(body["messages"][-1], mark)]
    sent, _ = play(bodies)
    assert sent.bodies == bodies


def without_string(message: dict[str, Any], mark: dict[str, Any]) -> list[dict[str, Any]]:
    content = message["content"]
    blocks = [{"type": "text", "text": content}] if isinstance(content, str) else content
    return [{**message, "content": [{**blocks[0], **mark}]}]


def test_prompts_that_come_once_cost_what_they_cost() -> None:
    bodies = [
        {
            "model": "claude-sonnet-4-6",
            "max_tokens": 9,
            "system": text(900, f"system {n}"),
            "messages": [{"role": "user", "content": text(900, f"question {n}")}],
        }
        for n in range(12)
    ]
    sent, cost = play(bodies)
    assert (sent.bodies, cost) == (bodies, play(bodies, settings())[1])


def test_instructions_that_many_share_are_kept_once_they_are_seen_again() -> None:
    bodies = [
        {
            "model": "claude-sonnet-4-6",
            "max_tokens": 9,
            "system": text(2500, "shared"),
            "messages": [{"role": "user", "content": text(50, f"question {n}")}],
        }
        for n in range(8)
    ]
    sent, cost = play(bodies)
    assert [marks(body) for body in sent.bodies] == [[], *[["system"]] * 7]
    assert cost < play(bodies, settings())[1] * Decimal("0.5")


def test_an_attempt_that_failed_has_kept_nothing_and_counts_as_no_use() -> None:
    bodies = agent(6)
    calm, cost = play(bodies)
    rough, dearer = play(bodies, simulator=Config(faults=parse_faults("503:0.4"), seed=3))
    assert len(rough) > len(calm)
    assert cost == dearer
    assert set(map(str, rough.bodies)) == set(map(str, calm.bodies))


@pytest.mark.parametrize("balance", ["weighted", "least_busy"])
def test_a_conversation_stays_where_its_beginning_is_kept(balance: str) -> None:
    """Two models serve a route equally; without the autopilot each request goes to either."""
    models = ["claude-sonnet-4-6", "claude-opus-5-5", "gpt-5.4"]
    route = {"both": {"models": models, "balance": balance}}

    def served(given: Settings, seed: str) -> list[str]:
        answered: list[str] = []

        async def work() -> None:
            async with virtual_stack(given=given, seed=5) as stack:
                for body in agent(8, model="both", seed=seed):
                    answer = await stack.post(MESSAGES, body)
                    answered.append(answer.headers["x-pointsman-model"])
                    await asyncio.sleep(9.0)

        run_virtual(work)
        return answered

    for seed in ("one", "two", "three", "four"):
        kept = served(settings(prompt_cache={"enabled": True}, routes=route), seed)
        assert len(set(kept)) == 1
    if balance == "weighted":
        assert len(set(served(settings(routes=route), "one"))) > 1


def test_the_caller_is_told_what_was_done() -> None:
    async def work() -> None:
        async with virtual_stack(given=ON) as stack:
            told = []
            for body in (*agent(2), {"model": "claude-sonnet-4-6", "max_tokens": 9, "messages": [HELLO]}):
                answer = await stack.post(MESSAGES, body)
                told.append(answer.headers["x-pointsman-prompt-cache"])
            assert told == ["tools=5m, system=5m, messages=5m", "messages=5m", "none: short"]
            placed = [entry.attempts[0].breakpoints for entry in stack.ledger.entries]
            assert placed == [3, 1, 0]
            metrics = caching(stack).metrics
            assert (metrics.calls, sum(metrics.breakpoints.values())) == (2, 4)
            assert metrics.read > 0 < metrics.written
            assert metrics.earned > 0

    run_virtual(work)


HELLO = {"role": "user", "content": "Hello"}


def test_what_is_not_priced_has_no_terms() -> None:
    assert terms_of(Pricer(a_model()), 1_795_433_000_000_000, 1000, 1024) is None


@pytest.mark.parametrize("path", [MESSAGES, CHAT])
def test_streams_are_learned_from_like_whole_answers(path: str) -> None:
    bodies = [{**body, "stream": True} for body in agent(5)]
    asked = bodies if path == MESSAGES else [{**as_openai(body), "stream": True} for body in bodies]
    sent, cost = play(asked, path=path)
    assert [marks(body) for body in sent.bodies][1:] == [[str(2 * n)] for n in range(1, 5)]
    assert cost < play(asked, settings(), path=path)[1] * Decimal("0.6")


def test_the_beginning_of_an_answer_is_not_marked_but_what_is_before_it_is_read() -> None:
    """A prefill: the next request of the conversation will not go on with it as it is."""
    one, two, *_ = agent(3, model="claude-sonnet-4-5")
    said = {"role": "assistant", "content": "The file"}
    sent, _ = play([one, two, {**two, "messages": [*two["messages"], said]}])
    assert [marks(body) for body in sent.bodies] == [["tools", "system", "0"], ["2"], ["2"]]


def test_of_several_at_once_for_one_request_one_writes() -> None:
    """A cascade that asks a cheap model three times over."""
    call = Call(an_arrival(agent(1)[0], ANTHROPIC_MESSAGES))
    call.peek = call.arrival.face.peek(call.arrival.body)
    call.plan, call.route = Plan(CLAUDE, {}), CLAUDE
    pilot = PromptCaching(10**12)
    records = [call.open_attempt(1.0) for _ in range(3)]
    for record in records:
        pilot.prepare(call, record)
    assert [record.breakpoints for record in records] == [3, 0, 0]
    records[0].settle("error", Usage(), call.arrival.at_us, 2.0)
    again = call.open_attempt(3.0)
    pilot.prepare(call, again)
    assert (again.breakpoints, again.sent_body) == (3, records[0].sent_body)


CLAUDE = a_route(load_catalog().resolve("claude-sonnet-4-6"), "anthropic_messages")
SCALARS = st.none() | st.booleans() | st.integers(-9, 9) | st.text('ab\\"{}[],:é ', max_size=9)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
)
BLOCKS = st.fixed_dictionaries(
    {"type": st.sampled_from(["text", "tool_use", "tool_result", "image", "thinking", "own"])},
    optional={"text": st.text(max_size=9), "input": VALUES, "content": VALUES, "id": st.text(max_size=3)},
)
TURNS = st.fixed_dictionaries(
    {
        "role": st.sampled_from(["user", "assistant"]),
        "content": st.text(max_size=20) | st.lists(BLOCKS, max_size=3),
    },
    optional={"x": VALUES},
)


@given(
    st.lists(TURNS, min_size=1, max_size=5),
    st.fixed_dictionaries({}, optional={"system": st.text() | st.lists(BLOCKS), "tools": st.lists(BLOCKS)}),
    st.sampled_from([None, 1, "\t"]),
)
@hypothesis.settings(max_examples=40, deadline=None)
def test_whatever_a_body_holds_it_says_the_same(
    turns: list[dict[str, Any]], more: dict[str, Any], indent: int | str | None
) -> None:
    """Through all requests of a conversation, written in any way."""
    filler = {"role": "user", "content": text(1500, "filler")}
    pilot, route = PromptCaching(10**12), CLAUDE
    for count in range(len(turns) + 1):
        body = {"model": route.upstream_model, "max_tokens": 9, **more, "messages": [filler, *turns[:count]]}
        data = json.dumps(body, indent=indent, ensure_ascii=False).encode()
        call = Call(an_arrival(data, ANTHROPIC_MESSAGES), plan=Plan(route, {}), route=route)
        call.peek = call.arrival.face.peek(data)
        record = call.open_attempt(float(count))
        pilot.prepare(call, record)
        sent = json.loads(record.sent_body)
        assert len(marks(sent)) == record.breakpoints <= 4
        assert without_marks(sent) == without_marks(body)
        record.settle("ok", Usage(input=9, cache_write_5m=2000), call.arrival.at_us, count + 0.5)
