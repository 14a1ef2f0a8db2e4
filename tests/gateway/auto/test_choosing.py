"""`model: "auto"` through the whole journey, over simulated providers in virtual time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from pointsman.keys import KeyInfo
from pointsman.simulator import Config, parse_faults
from tests.support.asgi import AsgiCall
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

CHAT, MESSAGES = "/v1/chat/completions", "/v1/messages"
HAIKU, SONNET, MINI, BIG = "claude-haiku-4-5", "claude-sonnet-4-5", "gpt-4o-mini", "gpt-4.1"
POOL = [MINI, HAIKU, SONNET]


def body(text: str = "Hello", model: str = "auto", **others: Any) -> dict[str, Any]:
    return {"model": model, "max_tokens": 20, "messages": [{"role": "user", "content": text}]} | others


def answered_by(call: AsgiCall) -> str:
    assert call.status == 200, call.body
    return call.headers["x-pointsman-model"]


def given(**auto: Any) -> Any:
    return settings(auto={"default": {"pool": POOL} | auto})


async def ask(stack: VirtualStack, text: str = "Hello", **others: Any) -> AsgiCall:
    headers: Mapping[str, str] | None = others.pop("headers", None)
    return await stack.post(CHAT, body(text, **others), headers)


@pytest.mark.parametrize(
    ("auto", "text", "others", "model", "reason"),
    [
        ({"policy": "fixed"}, "Hello", {}, SONNET, "fixed"),
        ({"policy": "cheapest"}, "Hello", {}, MINI, "cheapest"),
        ({"policy": "cheapest"}, "Use the most expensive model.", {}, MINI, "cheapest"),
        ({"policy": "cheapest"}, "Hello", {"max_tokens": 30_000}, HAIKU, "cheapest"),
        ({"policy": "cheapest"}, "word " * 130_000, {}, HAIKU, "cheapest"),
        ({"policy": "keywords"}, "Who are you?", {}, MINI, "keywords"),
        ({"policy": "keywords"}, "Explain that.", {}, HAIKU, "keywords"),
        ({"policy": "keywords"}, "Design that.", {}, SONNET, "keywords"),
        ({"policy": "learned"}, "Hello", {}, SONNET, "no_router"),
        ({"policy": "learned"}, "Use the cheapest model, please.", {}, SONNET, "no_router"),
        ({"policy": "learned"}, "Hello", {"max_tokens": 60_001}, SONNET, "no_router"),
    ],
)
def test_each_policy_chooses_and_says_why(
    auto: dict[str, Any], text: str, others: dict[str, Any], model: str, reason: str
) -> None:
    async def work() -> None:
        async with virtual_stack(given=given(**auto)) as stack:
            call = await ask(stack, text, **others)
            assert answered_by(call) == model
            assert call.headers["x-pointsman-route"] == f"default; policy={auto['policy']}; reason={reason}"
            (entry,) = stack.ledger.entries
            assert (entry.requested, entry.model) == ("auto", model)

    run_virtual(work)


def test_either_dialect_and_streams_too() -> None:
    async def work() -> None:
        async with virtual_stack(given=given(policy="cheapest")) as stack:
            for path in (CHAT, MESSAGES):
                call = await stack.post(path, body(stream=True))
                assert answered_by(call) == MINI
                assert "reason=cheapest" in call.headers["x-pointsman-route"]

    run_virtual(work)


def test_names_are_listed_and_unknown_ones_explained() -> None:
    async def work() -> None:
        tables = {"default": {"pool": POOL}, "support": {"policy": "cheapest", "pool": [HAIKU, SONNET]}}
        async with virtual_stack(given=settings(auto=tables, aliases={"smart": "auto:support"})) as stack:
            listed = msgspec.json.decode((await stack.call("/v1/models", method="GET").run()).body)
            assert {"auto", "auto:support"} <= {model["id"] for model in listed["data"]}
            for name in ("auto:support", "smart"):
                assert answered_by(await ask(stack, model=name)) == HAIKU
            assert answered_by(await ask(stack, model="auto:default")) == SONNET
            call = await ask(stack, model="auto:other")
            assert call.status == 404
            assert b"[auto.other]" in call.body and b"There are: auto, auto:support" in call.body

    run_virtual(work)


def test_without_a_table_auto_is_explained() -> None:
    async def work() -> None:
        async with virtual_stack() as stack:
            call = await ask(stack)
            assert call.status == 404
            assert b"[auto.default]" in call.body and b"There are: none" in call.body

    run_virtual(work)


class OneKey:
    """Lets everybody in with the same key."""

    def __init__(self, auto: str) -> None:
        self._key = KeyInfo("key_1", "one", "", auto=auto)

    def authenticate(self, token: str) -> KeyInfo:
        return self._key


def test_a_key_says_what_auto_means_for_it() -> None:
    async def work() -> None:
        tables = {"default": {"policy": "fixed", "pool": POOL}, "low": {"policy": "cheapest", "pool": POOL}}
        async with virtual_stack(given=settings(auto=tables), door=OneKey("low")) as stack:
            assert answered_by(await ask(stack)) == MINI
            assert answered_by(await ask(stack, model="auto:default")) == SONNET
        async with virtual_stack(given=settings(auto=tables), door=OneKey("gone")) as stack:
            call = await ask(stack)
            assert call.status == 404
            assert b"[auto.gone]" in call.body and b"There are: default, low" in call.body

    run_virtual(work)


@pytest.mark.parametrize(
    ("pin", "model", "reason"),
    [
        ("baseline", SONNET, "pinned"),
        (HAIKU, HAIKU, "pinned"),
        ("big", SONNET, "pinned"),
        ("none", MINI, "cheapest"),
    ],
)
def test_a_pin_chooses_within_the_pool(pin: str, model: str, reason: str) -> None:
    async def work() -> None:
        tables = {"default": {"policy": "cheapest", "pool": [MINI, HAIKU, "big"]}}
        async with virtual_stack(given=settings(auto=tables, aliases={"big": SONNET})) as stack:
            call = await ask(stack, headers={"x-pointsman-pin": pin})
            assert answered_by(call) == model
            assert call.headers["x-pointsman-route"].endswith(f"reason={reason}")

    run_virtual(work)


@pytest.mark.parametrize("path", [CHAT, MESSAGES])
def test_an_unknown_pin_is_refused_in_the_callers_dialect(path: str) -> None:
    async def work() -> None:
        async with virtual_stack(given=given(policy="cheapest")) as stack:
            call = await stack.post(path, body(), {"x-pointsman-pin": "gpt-4.1"})
            assert call.status == 400
            error = msgspec.json.decode(call.body)
            assert error.get("type") == ("error" if path == MESSAGES else None)
            assert error["error"]["message"].startswith(
                "x-pointsman-pin: 'gpt-4.1' is not in the pool of auto."
            )
            assert stack.transport.sent == 0

    run_virtual(work)


def test_a_pin_means_nothing_to_other_models() -> None:
    async def work() -> None:
        async with virtual_stack(given=given()) as stack:
            call = await stack.post(CHAT, body(model=MINI), {"x-pointsman-pin": "nonsense"})
            assert answered_by(call) == MINI
            assert "x-pointsman-route" not in call.headers

    run_virtual(work)


def test_a_failing_cheap_model_falls_back_to_the_baseline() -> None:
    async def work() -> None:
        faults = Config(faults=parse_faults(f"{MINI}/500:1"))
        async with virtual_stack(faults, given=given(policy="cheapest")) as stack:
            call = await ask(stack)
            assert answered_by(call) == SONNET
            (entry,) = stack.ledger.entries
            assert [attempt.model for attempt in entry.attempts][-1] == SONNET

    run_virtual(work)


def test_pictures_go_to_who_can_see() -> None:
    async def work() -> None:
        blind = "deepseek-v4-pro"
        tables = {"default": {"policy": "cheapest", "pool": [blind, BIG]}}
        picture = [{"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]
        async with virtual_stack(given=settings(auto=tables)) as stack:
            assert answered_by(await ask(stack)) == blind
            assert answered_by(await ask(stack, messages=[{"role": "user", "content": picture}])) == BIG

    run_virtual(work)


def test_an_error_says_how_its_model_was_chosen() -> None:
    async def work() -> None:
        faults = Config(faults=parse_faults("500:1"))
        async with virtual_stack(faults, given=given(policy="cheapest")) as stack:
            call = await ask(stack)
            assert call.status >= 500, call.body
            assert call.headers["x-pointsman-route"] == "default; policy=cheapest; reason=cheapest"
            unknown = await ask(stack, headers={"x-pointsman-pin": "nobody"})
            assert unknown.status == 400 and "x-pointsman-route" not in unknown.headers

    run_virtual(work)
