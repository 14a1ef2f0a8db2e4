"""Conversations stay with the deployment that answered them, over the whole journey: many at once, in either
dialect, streamed or whole, with instructions that all of them share, also where an equal had to step in."""

from __future__ import annotations

import asyncio
from collections import Counter
from itertools import pairwise
from typing import Any

import msgspec
import pytest

from pointsman.config import Settings
from pointsman.providers import Provider, simulated_providers
from pointsman.simulator import Config, parse_faults
from tests.support.coding_agent import as_openai, text, tools
from tests.support.gateway import CHAT, MESSAGES
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack, virtual_stack
from tests.support.virtual_time import run_virtual

CONVERSATIONS = 40
SYSTEM = text(900, "system")
HEADS: dict[str, dict[str, Any]] = {
    "claude-sonnet-4-6": {"system": SYSTEM, "tools": tools(2)},
    "gpt-5.4": {"system": SYSTEM, "tools": tools(2)},
    "gemini-3.5-flash": {"system": SYSTEM, "tools": []},
}


def twice(name: str) -> tuple[Provider, ...]:
    """A provider, and another account at it."""
    all_of_them = simulated_providers("http://simulator")
    (found,) = [provider for provider in all_of_them if provider.name == name]
    return (*all_of_them, msgspec.structs.replace(found, name="second"))


def conversation(model: str, number: int, turns: int, **more: Any) -> list[dict[str, Any]]:
    """Some begin with a word, some with a page; the instructions before it are the same."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": text(1 + number % 5 * 40, f"{number}")}]
    bodies = []
    for turn in range(turns):
        bodies.append({"model": "both", "max_tokens": 9, **HEADS[model], **more, "messages": messages})
        said = {"type": "text", "text": f"{number} {turn}"}
        used = {"type": "tool_use", "id": f"t{turn}", "name": "tool_1", "input": {"role": "assistant"}}
        given = {"type": "tool_result", "tool_use_id": f"t{turn}", "content": text(number % 3 * 30 + 1, "r")}
        messages = [
            *messages,
            {"role": "assistant", "content": [said, used]},
            {"role": "user", "content": [given]},
        ]
    return bodies


def served(
    model: str,
    provider: str,
    *,
    path: str = MESSAGES,
    stream: bool = False,
    simulator: Config | None = None,
    balance: str = "weighted",
) -> list[list[str]]:
    """Which provider answered, turn by turn, for each of many conversations at the same time."""
    route = {"models": [f"{provider}/{model}", f"second/{model}"], "balance": balance}
    given: Settings = settings(prompt_cache={"enabled": True}, routes={"both": route})
    found: list[list[str]] = [[] for _ in range(CONVERSATIONS)]

    async def talk(stack: VirtualStack, number: int) -> None:
        await asyncio.sleep(number * 0.05)
        for body in conversation(model, number, 4, stream=stream):
            call = await stack.post(path, as_openai(body) if path == CHAT else body)
            assert call.status == 200, call.body
            found[number].append(call.headers["x-pointsman-provider"])

    async def work() -> None:
        async with virtual_stack(
            simulator, given=given, seed=3, delay=(0.01, 0.4), providers=twice(provider)
        ) as stack:
            await asyncio.gather(*(talk(stack, number) for number in range(CONVERSATIONS)))

    run_virtual(work)
    return found


@pytest.mark.parametrize(
    ("model", "provider", "path", "stream", "balance"),
    [
        ("claude-sonnet-4-6", "anthropic", MESSAGES, False, "weighted"),
        ("claude-sonnet-4-6", "anthropic", CHAT, True, "weighted"),
        ("gpt-5.4", "openai", CHAT, False, "weighted"),
        ("gpt-5.4", "openai", CHAT, True, "least_busy"),
        ("gpt-5.4", "openai", MESSAGES, False, "weighted"),
        ("gemini-3.5-flash", "gemini", CHAT, False, "weighted"),
    ],
)
def test_none_of_many_changes_its_deployment(
    model: str, provider: str, path: str, stream: bool, balance: str
) -> None:
    found = served(model, provider, path=path, stream=stream, balance=balance)
    assert [each for each in found if len(set(each)) > 1] == []
    firsts = Counter(each[0] for each in found)
    assert min(firsts[provider], firsts["second"]) > CONVERSATIONS // 5


def test_whoever_stepped_in_goes_on_with_it() -> None:
    """One call in eight fails: then an equal answers, and the conversation stays there."""
    faults = Config(faults=parse_faults("503:0.12"), seed=5)
    found = served("claude-sonnet-4-6", "anthropic", simulator=faults)
    moved = sum(one != two for each in found for one, two in pairwise(each))
    assert 0 < moved < 0.2 * 3 * CONVERSATIONS  # by faults alone; balanced anew it would be a half
