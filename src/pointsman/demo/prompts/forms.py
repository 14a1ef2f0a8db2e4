"""A demo prompt as the keyword arguments of the official SDKs' ``create`` methods.

This is what a user would have typed, so it does not go through the gateway's own dialects: the demo
would otherwise test the translation with itself.
"""

from __future__ import annotations

import json
from typing import Any

from .prompts import DemoPrompt


def openai_arguments(prompt: DemoPrompt) -> dict[str, Any]:
    """For ``AsyncOpenAI.chat.completions.create``."""
    system = [{"role": "system", "content": prompt.system}] if prompt.system else []
    arguments: dict[str, Any] = {
        "model": prompt.model,
        "messages": [*system, *prompt.messages],
        "max_completion_tokens": prompt.max_tokens,
    }
    if prompt.tools:
        arguments["tools"] = [
            {
                "type": "function",
                "function": {
                    "name": tool.name,
                    "description": tool.description,
                    "parameters": tool.parameters,
                },
            }
            for tool in prompt.tools
        ]
    if prompt.tool_choice == "required":
        arguments["tool_choice"] = "required"
    elif prompt.tool_choice:
        arguments["tool_choice"] = {"type": "function", "function": {"name": prompt.tool_choice}}
    if prompt.json_schema:
        arguments["response_format"] = {
            "type": "json_schema",
            "json_schema": {
                "name": prompt.json_schema.name,
                "schema": prompt.json_schema.schema,
                "strict": True,
            },
        }
    if prompt.stream:
        arguments["stream"] = True
        arguments["stream_options"] = {"include_usage": True}
    return arguments


def anthropic_arguments(prompt: DemoPrompt) -> dict[str, Any]:
    """For ``AsyncAnthropic.messages.create``."""
    arguments: dict[str, Any] = {
        "model": prompt.model,
        "messages": _anthropic_messages(prompt.messages),
        "max_tokens": prompt.max_tokens,
    }
    if prompt.system:
        arguments["system"] = prompt.system
    if prompt.tools:
        arguments["tools"] = [
            {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
            for tool in prompt.tools
        ]
    if prompt.tool_choice == "required":
        arguments["tool_choice"] = {"type": "any"}
    elif prompt.tool_choice:
        arguments["tool_choice"] = {"type": "tool", "name": prompt.tool_choice}
    if prompt.json_schema:
        arguments["output_config"] = {"format": {"type": "json_schema", "schema": prompt.json_schema.schema}}
    if prompt.stream:
        arguments["stream"] = True
    return arguments


def _anthropic_messages(messages: tuple[dict[str, Any], ...]) -> list[dict[str, Any]]:
    """Tool results become blocks of one user turn, since Anthropic's turns alternate."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        role = "user" if message["role"] == "tool" else message["role"]
        if role not in ("user", "assistant"):
            raise ValueError(f"a demo prompt has no way to say the role {role!r}; use its system field")
        content = _anthropic_content(message)
        if turns and turns[-1]["role"] == role and isinstance(content, list):
            turns[-1]["content"] += content
        else:
            turns.append({"role": role, "content": content})
    return turns


def _anthropic_content(message: dict[str, Any]) -> str | list[dict[str, Any]]:
    content = message.get("content")
    if message["role"] == "tool":
        return [{"type": "tool_result", "tool_use_id": message["tool_call_id"], "content": content}]
    calls = [
        {
            "type": "tool_use",
            "id": call["id"],
            "name": call["function"]["name"],
            "input": json.loads(call["function"]["arguments"]),
        }
        for call in message.get("tool_calls", ())
    ]
    if isinstance(content, str):
        return [{"type": "text", "text": content}, *calls] if calls else content
    return [*(_anthropic_part(part) for part in content or ()), *calls]


def _anthropic_part(part: dict[str, Any]) -> dict[str, Any]:
    if part["type"] == "text":
        return {"type": "text", "text": part["text"]}
    head, _, data = part["image_url"]["url"].partition(";base64,")
    return {
        "type": "image",
        "source": {"type": "base64", "media_type": head.removeprefix("data:"), "data": data},
    }
