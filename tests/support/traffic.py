"""Varied requests, deterministic by number, and clients that sometimes leave before the end."""

from __future__ import annotations

import random
from typing import Any

import msgspec

from pointsman.errors import PointsmanError
from pointsman.http1 import HttpRequest, Timeouts

from .stack import Stack

MODELS = (
    "claude-haiku-4-5",
    "claude-sonnet-5-5",
    "claude-opus-5-5",
    "gpt-6-luna",
    "gpt-6.1-terra",
    "gemini-3.8-flash",
    "deepseek-flash",
)
_TOPICS = ("queues", "rivers", "a proof by induction", "bread", "the law of large numbers", "railway points")


class Ask(msgspec.Struct, frozen=True):
    """One request of the traffic."""

    path: str
    body: bytes
    headers: tuple[tuple[str, str], ...]
    leave_after: int | None
    """Chunks of the answer after which the client leaves; None: it stays to the end."""


def make_ask(number: int, *, seed: int = 0, leaving: float = 0.1) -> Ask:
    """The n-th request: either face, any model, streamed or not, and perhaps with an impatient client."""
    dice = random.Random(f"{seed}/{number}")
    prompt = f"Request {number}: tell me about {dice.choice(_TOPICS)}, " + "please " * dice.randrange(40)
    stream = dice.random() < 0.5
    body: dict[str, Any] = {
        "model": dice.choice(MODELS),
        "messages": [{"role": "user", "content": prompt}],
        "max_tokens": dice.choice((20, 60, 200)),
        "stream": stream,
    }
    leave = dice.randrange(4) if dice.random() < leaving else None
    if dice.random() < 0.5:
        return Ask("/v1/chat/completions", msgspec.json.encode(body), (), leave)
    version = (("anthropic-version", "2023-06-01"),)
    return Ask("/v1/messages", msgspec.json.encode(body), version, leave)


async def send(stack: Stack, ask: Ask) -> str:
    """Send it as its client would; how it ended for the client."""
    request = HttpRequest("POST", stack.gateway_url + ask.path, ask.headers, ask.body)
    try:
        response = await stack.transport.send(request, Timeouts(first_byte=60, idle=60))
        if ask.leave_after == 0:
            await response.close()
            return "left"
        seen = 0
        async for _ in response.chunks():
            seen += 1
            if ask.leave_after is not None and seen >= ask.leave_after:
                await response.close()
                return "left"
    except PointsmanError as error:
        return f"failed: {error.code}"
    return f"{response.status}"
