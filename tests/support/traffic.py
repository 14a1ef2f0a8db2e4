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
    patience: float = 60.0
    """Seconds after which it leaves if nothing at all has come."""
    max_output: int = 0


def make_ask(number: int, *, seed: int = 0, leaving: float = 0.1, patience: float | None = None) -> Ask:
    """The n-th request: either face, any model, streamed or not, and perhaps with an impatient client.

    Args:
        leaving: share of clients that leave.
        patience: of those that leave before an answer comes, the most that one waits, in seconds.
    """
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
    wait = 60.0
    if patience is not None and dice.random() < leaving:
        wait = patience * dice.random()
    openai = dice.random() < 0.5
    return Ask(
        "/v1/chat/completions" if openai else "/v1/messages",
        msgspec.json.encode(body),
        () if openai else (("anthropic-version", "2023-06-01"),),
        leave,
        wait,
        body["max_tokens"],
    )


async def send(stack: Stack, ask: Ask) -> str:
    """Send it as its client would; how it ended for the client."""
    request = HttpRequest("POST", stack.gateway_url + ask.path, ask.headers, ask.body)
    try:
        response = await stack.transport.send(request, Timeouts(first_byte=ask.patience, idle=60))
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
