"""OpenAI's caches over the whole journey, before a simulated provider that bills as it does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from pointsman.cli.savings.spared import Prices, spared
from pointsman.config import load_settings
from pointsman.gateway.auto.baselines import identify_with, read_models
from tests.support.coding_agent import agent, as_openai, text
from tests.support.gateway import CHAT, MESSAGES
from tests.support.stack import settings
from tests.support.virtual_stack import VirtualStack
from tests.support.warmed import play

SETTINGS = load_settings({}, {})
MODELS = read_models(SETTINGS)


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


def test_what_was_added_to_a_stream_stays() -> None:
    """A client that does not ask for usage: we do, and the body is not what came in."""
    bodies = [{**as_openai(body), "stream": True} for body in agent(2, model="gpt-5.4")]
    sent, _ = play(bodies, path=CHAT)
    for asked, body in zip(bodies, sent.bodies, strict=True):
        key = body.pop("prompt_cache_key")
        assert key.startswith("pm-")
        assert body == {**asked, "stream_options": {"include_usage": True}}


@pytest.mark.parametrize("models", [("gpt-5.4", "gemini-3.5-flash"), ("deepseek-v4-flash", "gpt-5.4-mini")])
def test_what_providers_keep_unasked_is_found_again_and_savings_shows_it(models: tuple[str, str]) -> None:
    """Conversations on a balanced route: each stays where its beginning is kept, so that more is read; what
    that saves is in the ledger, to the cent of the invoice (which ``play`` holds the books against)."""
    routes = {"both": {"models": list(models)}}
    prices = Prices(MODELS.catalog, identify_with(SETTINGS, MODELS.catalog))
    asked = [as_openai(body) for seed in "abcd" for body in agent(7, model="both", seed=seed)]

    def read(enabled: bool) -> float:
        """Share of all tokens of prompts."""
        shares: list[float] = []

        def check(stack: VirtualStack) -> None:
            entries = stack.ledger.entries
            usages = [entry.usage for entry in entries if entry.usage is not None]
            found = [part for entry in entries for part in spared(entry, prices)]
            assert {capability for capability, _, _ in found} == {"unasked"}
            assert len(found) == sum(usage.cache_read > 0 for usage in usages)
            saved = sum(saved or 0 for _, saved, _ in found)
            assert saved > sum(entry.cost or 0 for entry in entries) // 4
            shares.append(sum(usage.cache_read for usage in usages) / sum(usage.prompt for usage in usages))

        given = settings(prompt_cache={"enabled": enabled}, routes=routes)
        play(asked, given, path=CHAT, pause=20.0, check=check)
        return shares[0]

    kept, spread = read(True), read(False)
    assert kept > 0.8
    assert kept > spread + 0.05
