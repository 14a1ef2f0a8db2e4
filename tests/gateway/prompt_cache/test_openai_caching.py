"""OpenAI's caches over the whole journey, before a simulated provider that bills as it does."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.support.coding_agent import agent, as_openai, text
from tests.support.gateway import CHAT, MESSAGES
from tests.support.stack import settings
from tests.support.warmed import play


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
