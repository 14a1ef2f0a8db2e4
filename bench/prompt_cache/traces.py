"""What is sent: a coding agent's conversations, turn by turn, and prompts that come once."""

from __future__ import annotations

import random
from typing import Any, NamedTuple

import msgspec

MINUTE = 60.0
PAUSES = {
    "1 minute": (1.0,),
    "6 minutes": (6.0,),
    "70 minutes": (70.0,),
    "mixed": (0.2, 0.2, 1.0, 0.2, 6.0, 0.2, 0.2, 1.0, 70.0, 0.2),
}
"""Minutes between the requests of a conversation, over and over."""
TURNS = 20


class Sent(NamedTuple):
    """One request."""

    at: float
    """Seconds."""
    body: bytes
    output: int
    """Tokens of its answer."""


class Words:
    """Text that is no other's."""

    def __init__(self, seed: str) -> None:
        self._dice = random.Random(seed)

    def text(self, words: int) -> str:
        dice = self._dice
        return " ".join(_WORDS[dice.randrange(len(_WORDS))] for _ in range(words))


_WORDS = (
    *("read", "write", "file", "test", "line", "error", "return", "value", "name", "path", "list", "call"),
    *("state", "order", "entry", "token", "price", "model", "route", "cache", "limit", "queue", "store"),
    *("clock", "delay", "retry", "stream", "event", "field", "reply", "check", "parse", "print", "branch"),
)


def tools(seed: str, count: int = 14) -> list[dict[str, Any]]:
    words = Words(f"tools {seed}")
    properties = {
        name: {"type": "string", "description": words.text(12)} for name in ("path", "text", "mode")
    }
    return [
        {
            "name": f"tool_{number}",
            "description": words.text(180),
            "input_schema": {"type": "object", "properties": properties, "required": ["path"]},
        }
        for number in range(count)
    ]


def agent(
    model: str,
    number: int,
    pauses: tuple[float, ...],
    *,
    start: float = 0.0,
    turns: int = TURNS,
    seed: str = "agent",
    system: str = "",
) -> list[Sent]:
    """One conversation: a task, then a tool's result at each turn. Tools and instructions are the same for
    all numbers of one seed, unless the instructions have one of their own; the rest is its own."""
    words = Words(f"{seed} {number}")
    messages: list[dict[str, Any]] = [{"role": "user", "content": words.text(150)}]
    head = {
        "model": model,
        "max_tokens": 4096,
        "system": Words(f"system {system or seed}").text(1500),
        "tools": tools(seed),
    }
    sent: list[Sent] = []
    at = start
    for turn in range(turns):
        output = 120 + 40 * (turn % 5)
        sent.append(Sent(at, msgspec.json.encode({**head, "messages": messages}), output))
        at += pauses[turn % len(pauses)] * MINUTE
        call = f"toolu_{number}_{turn}"
        used = {"type": "tool_use", "id": call, "name": f"tool_{turn % 14}", "input": {"path": words.text(3)}}
        result = {"type": "tool_result", "tool_use_id": call, "content": words.text(300 + 250 * (turn % 4))}
        messages = [
            *messages,
            {"role": "assistant", "content": [{"type": "text", "text": words.text(60)}, used]},
            {"role": "user", "content": [result]},
        ]
    return sent


def gone(model: str, count: int, pause: float) -> list[Sent]:
    """First requests of agents that never come back with a tool's result, each with tools and instructions of
    its own: what looks most worth keeping, and never is."""
    return [
        agent(model, 0, (1.0,), turns=1, seed=f"gone {number}")[0]._replace(at=number * pause)
        for number in range(count)
    ]


def one_off(model: str, count: int, *, shared: int = 0, words: int = 4000, pause: float = 20.0) -> list[Sent]:
    """Prompts that nobody goes on with. ``shared``: words of instructions that all of them begin with."""
    sent = []
    for number in range(count):
        own = Words(f"one-off {number}")
        system = Words("shared").text(shared) if shared else own.text(500)
        body = {
            "model": model,
            "max_tokens": 1024,
            "system": system,
            "messages": [{"role": "user", "content": own.text(words)}],
        }
        sent.append(Sent(number * pause, msgspec.json.encode(body), 200))
    return sent
