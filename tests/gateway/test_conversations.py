"""Conversations through the whole journey: what prompt caches are worth, in money that providers bill."""

from __future__ import annotations

from random import Random
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


SOME = " word" * 200


async def talk(
    stack: VirtualStack, turns: list[str], headers: dict[str, str] | None = None, system: str = SYSTEM
) -> list[str]:
    """Who answered each turn."""
    messages: list[dict[str, Any]] = []
    answered = []
    for text in turns:
        messages.append({"role": "user", "content": text})
        last = {"role": "user", "content": [{"type": "text", "text": text, "cache_control": CACHED}]}
        body = {
            "model": "auto",
            "max_tokens": 40,
            "system": [{"type": "text", "text": system, "cache_control": CACHED}],
            "messages": [*messages[:-1], last],
        }
        call = await stack.post(MESSAGES, body, headers)
        assert call.status == 200, call.body
        answered.append(call.headers["x-pointsman-model"])
        text = "".join(part.get("text", "") for part in call.json()["content"])
        messages.append({"role": "assistant", "content": text or "…"})
    return answered


Talks = list[tuple[str, str]]
"""Conversations, one after the other: of each its system prompt, and for each turn h (hard) or e (easy)."""


def spent(talks: Talks, more: str, *, sticky: bool) -> tuple[int, list[str], set[str]]:
    """10^-12 USD on conversations, who answered, and for which reasons.

    Args:
        more: that each turn brings along.
    """
    journal, answered, cost = MemoryJournal(), [], 0

    async def work() -> None:
        nonlocal cost
        given = settings(auto={"default": {"pool": list(POOL), "sticky": sticky}})
        async with virtual_stack(given=given, routers=in_service(POOL), journal=journal) as stack:
            for number, (system, kinds) in enumerate(talks):
                turns = [
                    f"{'A hard' if kind == 'h' else 'An easy'} one, {number}.{at}{more}"
                    for at, kind in enumerate(kinds)
                ]
                answered.extend(await talk(stack, turns, system=system))
            cost = sum(entry.cost or 0 for entry in stack.ledger.entries)

    run_virtual(work)
    return cost, answered, {decided.decision.reason for decided in journal.decided}


def shared(*kinds: str) -> Talks:
    return [(SYSTEM, one) for one in kinds]


def apart(*kinds: str) -> Talks:
    """Each with a system prompt of its own."""
    return [(f"{SYSTEM}{number}", one) for number, one in enumerate(kinds)]


def drawn(seed: int, hard: float, count: int, least: int, most: int) -> list[str]:
    dice = Random(seed)
    return [
        "".join("h" if dice.random() < hard else "e" for _ in range(dice.randint(least, most)))
        for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("talks", "more", "most"),
    [
        pytest.param(shared("hhhhe" * 4), TOOLS, 0.96, id="agent"),
        pytest.param(apart(*("hhhhe" * 4,) * 2), TOOLS, 0.96, id="agents"),
        pytest.param(apart(*drawn(3, 0.85, 3, 15, 20)), TOOLS, 0.96, id="mostly hard, much said"),
        pytest.param(shared(*drawn(4, 0.85, 2, 15, 20)), SOME, 1.02, id="mostly hard"),
        pytest.param(shared(*("he",) * 20), "", 1.02, id="short"),
        pytest.param(shared(*("hee",) * 20), "", 1.02, id="short and easy"),
        pytest.param(shared(*drawn(5, 0.5, 20, 1, 4)), SOME, 1.02, id="short and mixed"),
        pytest.param(apart(*drawn(6, 0.5, 12, 1, 4)), "", 1.02, id="short, nothing shared"),
        pytest.param(apart(*("he",) * 8) + shared(*("he",) * 12), "", 1.02, id="short as always"),
        pytest.param(shared("h" + "e" * 19), "", 1.02, id="mostly easy"),
        pytest.param(shared("h" + "e" * 19), TOOLS, 1.02, id="mostly easy, much said"),
        pytest.param(apart(*drawn(7, 0.15, 3, 15, 20)), SOME, 1.02, id="easy, as drawn"),
        pytest.param(shared("he" * 10), "", 1.02, id="in turns"),
        pytest.param(shared("he" * 9), TOOLS, 1.02, id="in turns, much said"),
        pytest.param([("Be careful.", "he" * 9)], SOME, 1.02, id="in turns, no system prompt"),
        pytest.param(shared("eeeeehhhhheeeeeeeeee"), "", 1.02, id="a hard part"),
    ],
)
def test_what_care_for_the_cache_is_worth(talks: Talks, more: str, most: float) -> None:
    """Beside a choice for each turn by itself, by what the provider bills with its prompt cache."""
    naive, jumping, _ = spent(talks, more, sticky=False)
    cared, staying, reasons = spent(talks, more, sticky=True)
    kinds = "".join(kinds for _, kinds in talks)
    assert jumping == [SONNET if kind == "h" else HAIKU for kind in kinds]
    assert all(model == SONNET for model, kind in zip(staying, kinds, strict=True) if kind == "h")
    assert cared <= most * naive, f"{cared / naive:.3f}"
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
