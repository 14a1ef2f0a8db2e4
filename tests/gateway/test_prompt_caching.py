"""The autopilot over the whole journey, before simulated providers whose invoice says what it was worth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from pointsman.config import Settings
from pointsman.costs import Pricer
from pointsman.gateway.prompt_caching import PromptCaching, terms_of
from pointsman.http1 import HttpRequest
from pointsman.simulator import Config, parse_faults
from tests.support.coding_agent import agent, as_openai, text
from tests.support.gateway import CHAT, MESSAGES
from tests.support.models import a_model
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

ON = settings(prompt_cache={"enabled": True})
PAUSE = 60.0


def caching(stack: VirtualStack) -> PromptCaching:
    found = stack.gateway.journey.prompt_cache
    assert found is not None
    return found


class Sent(list[HttpRequest]):
    """What left for the provider."""

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(request.body) for request in self]


def play(
    bodies: list[dict[str, Any]],
    given: Settings = ON,
    *,
    path: str = MESSAGES,
    headers: dict[str, str] | None = None,
    pause: float = PAUSE,
    simulator: Config | None = None,
    check: Callable[[VirtualStack], None] = lambda stack: None,
) -> tuple[Sent, Decimal]:
    """One after the other. What was sent, and what the provider bills."""
    sent = Sent()

    async def work() -> Decimal:
        async with virtual_stack(simulator, given=given) as stack:
            stack.transport.on_send = sent.append
            for body in bodies:
                answer = await stack.post(path, body, headers)
                assert answer.status == 200, answer.body
                await asyncio.sleep(pause)
            check(stack)
            bill = await stack.bill()
            booked = sum(entry.cost or 0 for entry in stack.ledger.entries)
            billed = sum((Decimal(line.usd) for line in bill.calls), Decimal(0))
            assert booked == billed * 10**12
            return billed

    return sent, run_virtual(work)


def marks(body: dict[str, Any]) -> list[str]:
    """Where breakpoints are: "system", "tools", or the number of the message; with the life if it is 1h."""
    found = []

    def see(name: str, block: Any) -> None:
        if isinstance(block, dict) and "cache_control" in block:
            found.append(name + ("=1h" if block["cache_control"].get("ttl") == "1h" else ""))

    for tool in body.get("tools", ()):
        see("tools", tool)
    for part in body["system"] if isinstance(body.get("system"), list) else ():
        see("system", part)
    for number, message in enumerate(body["messages"]):
        for block in message["content"] if isinstance(message["content"], list) else ():
            see(str(number), block)
    return found


def without_marks(value: Any) -> Any:
    """What a body says: without breakpoints, and a lone block of text as plain text."""
    if isinstance(value, list):
        if (
            len(value) == 1
            and isinstance(value[0], dict)
            and set(value[0]) == {"type", "text", "cache_control"}
        ):
            return value[0]["text"]
        return [without_marks(each) for each in value]
    if isinstance(value, dict):
        return {name: without_marks(each) for name, each in value.items() if name != "cache_control"}
    return value


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


def test_openai_is_told_which_requests_belong_together() -> None:
    bodies = [as_openai(body) for body in agent(3, model="gpt-5.4")]
    sent, _ = play(bodies, path=CHAT)
    assert len({body["prompt_cache_key"] for body in sent.bodies}) == 1
    translated, _ = play(agent(3, model="gpt-5.4"))
    assert len({body["prompt_cache_key"] for body in translated.bodies}) == 1
    own = [{**body, "prompt_cache_key": "mine"} for body in bodies]
    assert play(own, path=CHAT)[0].bodies == own
    assert play(bodies, path=CHAT, headers={"x-pointsman-prompt-cache": "off"})[0].bodies == bodies
    gemini = [{**body, "model": "gemini-3.5-flash"} for body in bodies]
    assert play(gemini, path=CHAT)[0].bodies == gemini, "Gemini caches by itself, and takes no key"


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_what_comes_once_pays_no_premium_at_openai(path: str) -> None:
    """A newer model keeps each prompt unasked, at 1.25 times the price."""
    bodies: list[dict[str, Any]] = []
    for number in range(30):
        asked = {"role": "user", "content": text(400, f"question {number}")}
        body: dict[str, Any] = {"model": "gpt-5.6-terra", "max_tokens": 9, "messages": [asked]}
        if path == CHAT:
            body["messages"] = [{"role": "system", "content": text(2500, "shared")}, asked]
        else:
            body["system"] = text(2500, "shared")
        bodies.append(body)
    usual, without = play(bodies, settings(), path=path)
    sent, cost = play(bodies, path=path)
    assert cost < without * Decimal("0.6")
    assert sent.bodies[0] == {**usual.bodies[0], "prompt_cache_key": sent.bodies[0]["prompt_cache_key"]}
    assert sent.bodies[-1]["prompt_cache_options"] == {"mode": "explicit"}


def test_conversations_at_openai_stay_as_usual() -> None:
    bodies = [as_openai(body) for body in agent(6, model="gpt-5.6-terra")]
    sent, cost = play(bodies, path=CHAT)
    assert not any("prompt_cache_options" in body for body in sent.bodies)
    assert cost == play(bodies, settings(), path=CHAT)[1]


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
