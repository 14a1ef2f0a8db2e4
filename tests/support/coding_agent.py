"""A coding agent's conversation, as its client sends it, in either dialect."""

from __future__ import annotations

import json
import random
from typing import Any

_WORDS = ("read", "write", "file", "test", "line", "error", "value", "name", "path", "list", "call", "state")
CLAUDE = "claude-sonnet-4-6"
"""Keeps 1,024 tokens at least; 3 dollars for a million, 0.3 read, 3.75 and 6 written."""


def text(words: int, seed: str) -> str:
    dice = random.Random(seed)
    return " ".join(_WORDS[dice.randrange(len(_WORDS))] for _ in range(words))


def tools(count: int = 6, seed: str = "tools") -> list[dict[str, Any]]:
    schema = {"type": "object", "properties": {"path": {"type": "string", "description": text(20, seed)}}}
    return [
        {"name": f"tool_{n}", "description": text(150, f"{seed} {n}"), "input_schema": schema}
        for n in range(count)
    ]


def agent(turns: int, *, model: str = CLAUDE, seed: str = "one", **more: Any) -> list[dict[str, Any]]:
    """The bodies of Anthropic requests. Tools and instructions are the same for all seeds."""
    messages: list[dict[str, Any]] = [{"role": "user", "content": text(80, f"{seed} task")}]
    head = {"model": model, "max_tokens": 60, "system": text(700, "system"), "tools": tools(), **more}
    bodies = []
    for turn in range(turns):
        bodies.append({**head, "messages": messages})
        identifier = f"toolu_{seed}_{turn}"
        said = {"type": "text", "text": text(30, f"{seed} said {turn}")}
        used = {"type": "tool_use", "id": identifier, "name": "tool_1", "input": {"path": f"src/{turn}.py"}}
        given = {
            "type": "tool_result",
            "tool_use_id": identifier,
            "content": text(300, f"{seed} result {turn}"),
        }
        messages = [
            *messages,
            {"role": "assistant", "content": [said, used]},
            {"role": "user", "content": [given]},
        ]
    return bodies


def as_openai(body: dict[str, Any]) -> dict[str, Any]:
    """The same request in the other dialect."""
    messages: list[dict[str, Any]] = [{"role": "system", "content": body["system"]}]
    for message in body["messages"]:
        content = message["content"]
        if isinstance(content, str):
            messages.append({"role": message["role"], "content": content})
        elif message["role"] == "assistant":
            said, used = content
            called = {"name": used["name"], "arguments": json.dumps(used["input"])}
            call = {"id": used["id"], "type": "function", "function": called}
            messages.append({"role": "assistant", "content": said["text"], "tool_calls": [call]})
        else:
            (given,) = content
            messages.append(
                {"role": "tool", "tool_call_id": given["tool_use_id"], "content": given["content"]}
            )
    functions = [
        {
            "type": "function",
            "function": {
                "name": tool["name"],
                "description": tool["description"],
                "parameters": tool["input_schema"],
            },
        }
        for tool in body["tools"]
    ]
    return {
        "model": body["model"],
        "max_tokens": body["max_tokens"],
        "tools": functions,
        "messages": messages,
    }
