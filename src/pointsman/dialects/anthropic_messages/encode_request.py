"""A request of the hub, into a body of ``POST /v1/messages``."""

from __future__ import annotations

from typing import Any

import msgspec

from pointsman.chat import Document, Request, ResponseFormat, Tool
from pointsman.dialects.base import Encoded, Target
from pointsman.errors import InvalidRequest, UnsupportedByModel, UntranslatableRequest

from .encode_messages import encode_messages, encode_system
from .encode_parts import encode_cache
from .encode_thinking import Thought, encode_thinking
from .unmapped import encode_unmapped

JSON_ONLY = "Answer with a single JSON object and nothing else: no prose, no code fence."
_encode = msgspec.json.Encoder().encode
_OLD_VERSION = (("anthropic-version", "2023-06-01"),)
_NEW_VERSION = (("anthropic-version", "2026-10-21"),)
_CHOICES = {"auto": "auto", "required": "any", "tool": "tool", "none": "none"}
_TIERS = {"auto": "auto", "default": "standard_only", "standard_only": "standard_only"}


def encode_request(request: Request, target: Target) -> Encoded:
    """Raises UntranslatableRequest, UnsupportedByModel or InvalidRequest; what is lost is in ``dropped``."""
    dropped: list[str] = []
    thought = encode_thinking(request, target, dropped)
    body: dict[str, Any] = {
        "model": target.model,
        "max_tokens": thought.max_tokens,
        "messages": encode_messages(request, target, dropped),
    }
    output_config, instruction = _output_config(request.response_format, thought, dropped)
    system = encode_system(request.system, instruction, dropped)
    optional = {
        "system": system,
        "stop_sequences": _stop(request.stop),
        "tools": [_tool(tool, dropped) for tool in request.tools] or None,
        "tool_choice": _tool_choice(request, target),
        "thinking": thought.thinking,
        "output_config": output_config,
        "metadata": {"user_id": request.user} if request.user else None,
        "service_tier": _tier(request.tier, dropped),
        "stream": True if request.stream else None,
    }
    body |= {name: value for name, value in optional.items() if value is not None}
    body |= _sampling(request, target, thought, dropped)
    body |= encode_unmapped(request.unmapped, dropped)
    try:
        encoded = _encode(body)
    except RecursionError:
        raise InvalidRequest("The request is nested too deeply.") from None
    return Encoded(
        body=encoded,
        dropped=tuple(dict.fromkeys(dropped)),
        headers=_NEW_VERSION if _takes_new_version(request, target) else _OLD_VERSION,
    )


def _takes_new_version(request: Request, target: Target) -> bool:
    """Version 2026-10-21 refuses sampling parameters at any value, and documents in assistant turns."""
    return target.accepts_sampling is False and not any(
        isinstance(part, Document)
        for message in request.messages
        if message.role == "assistant"
        for part in message.parts
    )


def _output_config(
    wanted: ResponseFormat | None, thought: Thought, dropped: list[str]
) -> tuple[dict[str, Any] | None, str]:
    """``output_config``, and the instruction that stands in for what Anthropic has no field for."""
    config: dict[str, Any] = {}
    if thought.effort is not None:
        config["effort"] = thought.effort
    instruction = ""
    if wanted is not None and wanted.kind != "text":
        if wanted.kind == "json_schema" and wanted.schema is not None:
            config["format"] = {"type": "json_schema", "schema": wanted.schema}
            if wanted.description:
                dropped.append("response_format.description")
        else:
            instruction = JSON_ONLY
            dropped.append("response_format.json_object")
    return config or None, instruction


def _stop(stop: tuple[str, ...]) -> list[str] | None:
    for text in stop:
        if not text or text.isspace():
            raise UntranslatableRequest(
                f"stop: Anthropic refuses stop sequences of white space, such as {text!r}. Leave it out.",
                param="stop",
            )
    return list(stop) or None


def _tool(tool: Tool, dropped: list[str]) -> dict[str, Any]:
    schema = tool.parameters if "type" in tool.parameters else {"type": "object", **tool.parameters}
    wire: dict[str, Any] = {"name": tool.name, "input_schema": schema}
    if tool.description:
        wire["description"] = tool.description
    if tool.strict is not None:
        wire["strict"] = tool.strict
    if tool.cache is not None:
        wire["cache_control"] = encode_cache(tool.cache, dropped)
    return wire


def _tool_choice(request: Request, target: Target) -> dict[str, Any] | None:
    choice = request.tool_choice
    serial = request.parallel_tools is False
    if choice is None:
        return {"type": "auto", "disable_parallel_tool_use": True} if serial and request.tools else None
    if choice.mode in ("auto", "none") and not request.tools:
        return None
    if choice.mode in ("required", "tool") and target.accepts_forced_tools is False:
        raise UnsupportedByModel(
            f'tool_choice: {target.model} cannot be forced to call a tool. Use "auto" and ask in words.',
            param="tool_choice",
        )
    wire: dict[str, Any] = {"type": _CHOICES[choice.mode]}
    if choice.mode == "tool":
        wire["name"] = choice.name
    if serial and choice.mode != "none":
        wire["disable_parallel_tool_use"] = True
    return wire


def _tier(tier: str, dropped: list[str]) -> str | None:
    if tier and tier not in _TIERS:
        dropped.append(f"service_tier={tier}")
    return _TIERS.get(tier)


def _sampling(request: Request, target: Target, thought: Thought, dropped: list[str]) -> dict[str, Any]:
    """temperature, top_p and top_k, as far as the model takes them.

    OpenAI's temperature goes to 2, Anthropic's to 1: more is cut to 1 and named. Claude models refuse
    temperature together with top_p, and any but the widest sampling while they think; temperature goes first.
    """
    if request.temperature is None and request.top_p is None and request.top_k is None:
        return {}
    wanted = {"temperature": request.temperature, "top_p": request.top_p, "top_k": request.top_k}
    given = {name: value for name, value in wanted.items() if value is not None}
    allowed = set() if target.accepts_sampling is False else set(given)
    if thought.on:
        allowed -= {"temperature", "top_k"}
        if request.top_p is not None and request.top_p < 0.95:
            allowed.discard("top_p")
    if "temperature" in allowed:
        allowed.discard("top_p")
        if given["temperature"] > 1:
            given["temperature"] = 1.0
            dropped.append("temperature>1")
    dropped.extend(name for name in given if name not in allowed)
    return {name: value for name, value in given.items() if name in allowed}
