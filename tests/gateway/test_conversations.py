"""Conversations through the whole journey: what prompt caches are worth, in money that providers bill."""

from __future__ import annotations

from typing import Any

import pytest

from pointsman.routing.journal import MemoryJournal
from tests.support.routers import in_service
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

MESSAGES = "/v1/messages"
HAIKU, SONNET = POOL = ("claude-haiku-4-5", "claude-sonnet-4-5")
CACHED = {"type": "ephemeral"}
SYSTEM = "You are careful. " * 1500
"""Some 4,500 tokens: more than any model's least for its cache."""
TOOLS = " result" * 1500
"""What a turn of an agent brings along."""


async def talk(stack: VirtualStack, turns: list[str], headers: dict[str, str] | None = None) -> list[str]:
    """Who answered each turn."""
    messages: list[dict[str, Any]] = []
    answered = []
    for text in turns:
        messages.append({"role": "user", "content": text})
        last = {"role": "user", "content": [{"type": "text", "text": text, "cache_control": CACHED}]}
        body = {
            "model": "auto",
            "max_tokens": 40,
            "system": [{"type": "text", "text": SYSTEM, "cache_control": CACHED}],
            "messages": [*messages[:-1], last],
        }
        call = await stack.post(MESSAGES, body, headers)
        assert call.status == 200, call.body
        answered.append(call.headers["x-pointsman-model"])
        text = "".join(part.get("text", "") for part in call.json()["content"])
        messages.append({"role": "assistant", "content": text or "…"})
    return answered


def spent(turns: list[str], *, sticky: bool) -> tuple[int, list[str], set[str]]:
    """10^-12 USD on a conversation, who answered, and for which reasons."""
    journal, answered, cost = MemoryJournal(), [], 0

    async def work() -> None:
        nonlocal cost
        given = settings(auto={"default": {"pool": list(POOL), "sticky": sticky}})
        async with virtual_stack(given=given, routers=in_service(POOL), journal=journal) as stack:
            answered.extend(await talk(stack, turns))
            cost = sum(entry.cost or 0 for entry in stack.ledger.entries)

    run_virtual(work)
    return cost, answered, {decided.decision.reason for decided in journal.decided}


def turns_of(kinds: str, more: str = "") -> list[str]:
    """h: hard; e: easy."""
    return [f"{'A hard' if kind == 'h' else 'An easy'} one, {n}{more}" for n, kind in enumerate(kinds)]


@pytest.mark.parametrize(
    ("kinds", "more", "most"),
    [
        ("hhhhehhhhehhhhehhhhe", TOOLS, 0.95),
        ("he", "", 0.9),
        ("hehe", "", 0.9),
        ("eeeeehhhhheeeeeeeeee", "", 1.0),
        ("heheheheheheheheheh", TOOLS, 1.0),
        ("heeeeeeeeeeeeeeeeeee", TOOLS, 1.0),
        ("heeeeeeeeeeeeeeeeeee", "", 1.12),  # nobody could know that it would be so long
    ],
)
def test_what_care_for_the_cache_is_worth(kinds: str, more: str, most: float) -> None:
    turns = turns_of(kinds, more)
    naive, jumping, _ = spent(turns, sticky=False)
    cared, staying, reasons = spent(turns, sticky=True)
    assert jumping == [SONNET if kind == "h" else HAIKU for kind in kinds]
    assert all(model == SONNET for model, kind in zip(staying, kinds, strict=True) if kind == "h")
    assert cared <= most * naive
    assert ("stayed" in reasons) == (staying != jumping)


def test_a_conversation_moves_down_where_nothing_is_cached() -> None:
    async def work() -> None:
        given = settings(auto={"default": {"pool": list(POOL)}})
        async with virtual_stack(given=given, routers=in_service(POOL)) as stack:
            messages = [{"role": "user", "content": "A hard one"}]
            for text, model in (("An easy one", HAIKU), ("A hard one", SONNET)):
                body = {"model": "auto", "max_tokens": 40, "messages": messages}
                await stack.post(MESSAGES, body)
                messages = [
                    *messages,
                    {"role": "assistant", "content": "…"},
                    {"role": "user", "content": text},
                ]
                call = await stack.post(MESSAGES, body | {"messages": messages})
                assert call.headers["x-pointsman-model"] == model

    run_virtual(work)


def test_the_cache_is_forgotten_when_the_provider_does() -> None:
    async def work() -> None:
        given = settings(auto={"default": {"pool": list(POOL)}})
        async with virtual_stack(given=given, routers=in_service(POOL)) as stack:
            await talk(stack, ["A hard one", "A hard one", "A hard one"])
            stack.clock.jump(301)
            first, said = {"role": "user", "content": "A hard one"}, {"role": "assistant", "content": "…"}
            body = {
                "model": "auto",
                "max_tokens": 40,
                "system": SYSTEM,
                "messages": [
                    first,
                    said,
                    {"role": "user", "content": "Easy"},
                ],
            }
            call = await stack.post(MESSAGES, body)
            assert call.headers["x-pointsman-model"] == HAIKU

    run_virtual(work)


def test_a_pin_of_none_heeds_no_conversation() -> None:
    async def work() -> None:
        given = settings(auto={"default": {"pool": list(POOL)}})
        async with virtual_stack(given=given, routers=in_service(POOL)) as stack:
            turns = ["A hard one", "An easy one"]
            assert await talk(stack, turns, {"x-pointsman-pin": "none"}) == [SONNET, HAIKU]

    run_virtual(work)
